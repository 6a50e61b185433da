"""Bring ``priors/`` from an older format to this one, in one step.

Format 2 has ``debate.yaml``, calls halves sub-claims, duels contrasts, camps prior scenarios, wanders deviations and
steps innovations, and names the gap that pulls on a share.
"""

from pathlib import Path
from typing import Any

import yaml

from stackcast.errors import InputError
from stackcast.files.edits import Edits
from stackcast.priors.debate import FORMAT, UNWRITTEN
from stackcast.priors.files import SCENARIOS

Texts = dict[Path, str | None]
CAMPS = "camps"
NEAR = "2027-Q4"
"""The middle horizon of every project of format 1."""
CRITERION = "any-weights"
"""The criterion of every run of format 1 that was asked for no other."""
ELO = "{unit: Elo points, per_unit: 173.71779276130073, digits: 0}"
"""How format 1 printed every gap: 400 / ln 10 Elo points are one in log-odds."""
SCALES = {
    "step_share": "innovation_sd_share",
    "step_gap": "innovation_sd_gap",
    "step_spread": "innovation_sd_spread",
    "wander_sd": "deviation_sd",
    "wander_half_life": "deviation_half_life",
}


def migrated(root: Path, shipped: Path) -> Texts:
    """Return the files of a project's ``priors/`` as this format wants them; empty when they are in it already.

    Parameters
    ----------
    root
        The project.
    shipped
        The project that stackcast is shipped with: one with its claims gets its words too.

    Raises
    ------
    InputError
        When a file cannot be read, or is of a later format than this program's.
    """
    folder = root / "priors"
    old = {path: text for path, text in _files(folder).items() if _is_old(path, text)}
    texts: Texts = {}
    for path, text in old.items():
        edits = Edits(text)
        if path.name in CHANGES:
            CHANGES[path.name](edits)
        edits.put(("format",), str(FORMAT))
        if path.parent.name == CAMPS:
            texts[path], path = None, folder / SCENARIOS / path.name
        texts[path] = edits.text()
    measurement = old.get(folder / "measurement.yaml")
    if measurement is not None and not (folder / "debate.yaml").exists():
        texts |= _debate(root, shipped, str(Edits(measurement).value("horizon")))
    return texts


def _files(folder: Path) -> dict[Path, str]:
    paths = [folder / name for name in ("claims.yaml", "layers.yaml", "measurement.yaml")]
    paths += sorted(p for name in (CAMPS, SCENARIOS) for p in (folder / name).glob("*.yaml"))
    try:
        return {path: path.read_text(encoding="utf-8") for path in paths}
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{folder}: cannot be read ({error})") from None


def _is_old(path: Path, text: str) -> bool:
    try:
        version = int(yaml.safe_load(text)["format"])
    except (yaml.YAMLError, TypeError, KeyError, ValueError):
        raise InputError(f"{path}: is not valid YAML, or has no number after 'format:'") from None
    if version > FORMAT:
        raise InputError(f"{path}: format {version} is later than this stackcast's ({FORMAT}); upgrade")
    return version < FORMAT


def _claims(edits: Edits) -> None:
    for name in edits.value("claims") or {}:
        edits.rename(("claims", name, "halves"), "subclaims")
    for i, duel in enumerate(edits.value("duels") or ()):
        edits.rename(("duels", i, "open"), "claims")
        edits.put(("duels", i, "open"), f"[{', '.join([*duel['open'], *duel['closed']])}]")
        edits.drop(("duels", i, "closed"))
    edits.rename(("duels",), "contrasts")


def _layers(edits: Edits) -> None:
    facets: dict[str, dict[str, Any]] = edits.value("facets") or {}
    gaps = [name for name, facet in facets.items() if facet["kind"] == "gap"]
    for name, facet in facets.items():
        if facet["kind"] == "gap":
            edits.add_after(("facets", name, "unit"), f"scale: {ELO}")
        if facet.get("gap_pull"):
            edits.put(("facets", name, "gap_pull"), gaps[0])
        else:
            edits.drop(("facets", name, "gap_pull"))


def _measurement(edits: Edits) -> None:
    for name, new in SCALES.items():
        edits.rename(("scales", name), new)
    edits.drop(("horizon",))


CHANGES = {"claims.yaml": _claims, "layers.yaml": _layers, "measurement.yaml": _measurement}


def _debate(root: Path, shipped: Path, far: str) -> Texts:
    """Return ``debate.yaml``: the shipped words for the shipped claims, else placeholders, which `check` refuses."""
    path = root / "priors" / "debate.yaml"
    if _titles(root) != _titles(shipped):
        near = f"near: {NEAR}, " if far > NEAR else ""
        criterion = f"criterion: {CRITERION}\n" if CRITERION in _criteria(root) else ""
        return {path: BLANK.format(words=UNWRITTEN, near=near, far=far, criterion=criterion)}
    edits = Edits((shipped / "priors" / "debate.yaml").read_text(encoding="utf-8"))
    edits.put(("horizons", "far"), far)
    if not str(edits.value("horizons", "near")) < far:
        edits.drop(("horizons", "near"))
    own = sorted((shipped / "priors" / "interventions").glob("*.yaml"))
    texts: Texts = {root / "priors" / "interventions" / p.name: p.read_text(encoding="utf-8") for p in own}
    return {path: edits.text()} | {p: text for p, text in texts.items() if not p.exists()}


BLANK = """\
# `stackcast migrate` wrote this file. Say what the debate is about where it says {words}; `stackcast check` names the
# lines. `whole` is all layers together and stands within a sentence, as do the titles of the sides.
format: 2
title: {words}
question: {words}
whole: {words}
sides:
  high: {{name: open, title: open by default}}
  low: {{name: closed, title: closed by default}}
horizons: {{{near}far: {far}}}
{criterion}"""


def _titles(root: Path) -> dict[str, str]:
    claims = yaml.safe_load((root / "priors" / "claims.yaml").read_text(encoding="utf-8"))["claims"]
    return {name: claim.get("title", "") for name, claim in claims.items()}


def _criteria(root: Path) -> set[str]:
    signals = yaml.safe_load((root / "observations" / "signals.yaml").read_text(encoding="utf-8"))["signals"]
    return {signal.get("criterion", "") for signal in signals.values()}
