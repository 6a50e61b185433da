"""Load ``priors/`` whole and hold it against the observations' definitions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from stackcast.errors import InputError, Problem, ProblemsFound
from stackcast.files.documents import Document, did_you_mean
from stackcast.observations.schema import Signal
from stackcast.priors.schema import (
    CampFile,
    Claim,
    ClaimFile,
    Duel,
    Effect,
    Facet,
    LayerFile,
    MeasurementFile,
    Strand,
)

NEUTRAL = "neutral"
CAMPS = (NEUTRAL, "open", "closed")


@dataclass(frozen=True)
class Camp:
    """Claim means by strand and a factor on each strand's effects."""

    name: str
    title: str
    rationale: str
    means: dict[str, float]
    factors: dict[str, float]


@dataclass(frozen=True)
class Priors:
    """All that is believed before the evidence, validated.

    Attributes
    ----------
    claims
        The eight claims by id.
    strands
        The latent strengths behind them, by name: a claim, or each half of one.
    layers
        ``layers.yaml``: layers, facets, weights, reference class.
    measurement
        ``measurement.yaml``: grid and scales.
    camps
        Claim means and effect factors by camp.
    duels
        Pairs of opposed claims.
    reference_classes
        How open earlier stacks became.
    """

    claims: dict[str, Claim]
    strands: dict[str, Strand]
    layers: LayerFile
    measurement: MeasurementFile
    camps: dict[str, Camp]
    duels: tuple[Duel, ...]
    reference_classes: pd.DataFrame

    @property
    def facets(self) -> dict[str, Facet]:
        """Facets by name, in the order of the file."""
        return self.layers.facets

    def share_facets(self, layer: str | None = None) -> list[str]:
        """Names of the share facets of a layer, or of all."""
        return [
            name
            for name, facet in self.facets.items()
            if facet.kind == "share" and (layer is None or layer_of(name) == layer)
        ]


def layer_of(facet: str) -> str:
    """Return the layer in the name of a facet."""
    return facet.split(".", 1)[0]


def load_priors(folder: Path, signals: Mapping[str, Signal]) -> Priors:
    """Read and validate ``priors/`` and the names that observations and priors share.

    Raises
    ------
    ProblemsFound
        Unknown claims, facets or keys, facets that nothing measures, a facet without its one reference
        signal: with file, line and the nearest valid name.
    """
    claims = Document(folder / "claims.yaml", ClaimFile)
    layers = Document(folder / "layers.yaml", LayerFile)
    measurement = Document(folder / "measurement.yaml", MeasurementFile)
    strands = {n: s for name, claim in claims.content.claims.items() for n, s in claim.strands(name).items()}
    problems = [*_claims(claims, layers.content), *_facets(layers), *_links(folder, layers, signals, strands)]
    camps = {NEUTRAL: _neutral(claims.content, strands)}
    for name in CAMPS[1:]:
        document = Document(folder / "camps" / f"{name}.yaml", CampFile)
        for strand in document.content.means:
            if strand not in strands:
                message = f"unknown claim {strand!r}{did_you_mean(strand, strands)}"
                problems.append(document.problem(("means", strand), message))
        camps[name] = _camp(name, document.content, camps[NEUTRAL], strands)
    if problems:
        raise ProblemsFound(problems)
    return Priors(
        claims.content.claims,
        strands,
        layers.content,
        measurement.content,
        camps,
        claims.content.duels,
        _reference_classes(folder / layers.content.reference_class.path),
    )


def _claims(claims: Document[ClaimFile], layers: LayerFile) -> Iterable[Problem]:
    for name, claim in claims.content.claims.items():
        places: list[tuple[tuple[str, ...], tuple[Effect, ...]]] = [(("claims", name), claim.effects)]
        places += [(("claims", name, "halves", half), strand.effects) for half, strand in claim.halves.items()]
        for place, effects in places:
            for i, effect in enumerate(effects):
                if effect.facet not in layers.facets:
                    message = f"unknown facet {effect.facet!r}{did_you_mean(effect.facet, layers.facets)}"
                    yield claims.problem((*place, "effects", i, "facet"), message)
    for i, duel in enumerate(claims.content.duels):
        for side in ("open", "closed"):
            for name in getattr(duel, side):
                if name not in claims.content.claims:
                    message = f"unknown claim {name!r}{did_you_mean(name, claims.content.claims)}"
                    yield claims.problem(("duels", i, side), message)


def _facets(layers: Document[LayerFile]) -> Iterable[Problem]:
    content = layers.content
    gaps = [name for name, facet in content.facets.items() if facet.kind == "gap"]
    if len(gaps) != 1:
        yield layers.problem(("facets",), f"exactly one facet is the capability gap (found {gaps or 'none'})")
    for name in content.facets:
        if layer_of(name) not in content.layers:
            message = f"unknown layer {layer_of(name)!r}{did_you_mean(layer_of(name), content.layers)}"
            yield layers.problem(("facets", name), message)
    shares = {layer_of(n) for n, f in content.facets.items() if f.kind == "share"}
    for name in content.layers:
        if name not in shares:
            yield layers.problem(("layers", name), f"layer {name!r} has no share facet")


def _links(
    folder: Path, layers: Document[LayerFile], signals: Mapping[str, Signal], strands: Mapping[str, Strand]
) -> Iterable[Problem]:
    facets = layers.content.facets
    where = folder.parent / "observations" / "signals.yaml"
    lines = where.read_text(encoding="utf-8").splitlines() if where.exists() else []
    for slug, signal in signals.items():
        target, known = signal.measures.target, facets if signal.measures.facet else strands
        line = next((i for i, text in enumerate(lines, 1) if text.strip() == f"{slug}:"), 1)
        if target not in known:
            message = f"signal {slug!r} measures the unknown {target!r}{did_you_mean(target, known)}"
            yield Problem(where, line, "3", message)
        elif signal.measures.facet and (signal.likelihood == "gap") != (facets[target].kind == "gap"):
            yield Problem(
                where, line, "3", f"a {signal.likelihood} cannot measure the {facets[target].kind} {target!r}"
            )
    for name in facets:
        references = [s for s, d in signals.items() if d.measures.facet == name and d.role == "reference"]
        if len(references) != 1:
            found = ", ".join(references) or "none"
            yield layers.problem(("facets", name), f"facet {name!r} needs exactly one reference signal (found {found})")


def _neutral(claims: ClaimFile, strands: Mapping[str, Strand]) -> Camp:
    mean = claims.mean
    return Camp(NEUTRAL, "Neutral", mean.rationale, dict.fromkeys(strands, mean.value), dict.fromkeys(strands, 1.0))


def _camp(name: str, content: CampFile, neutral: Camp, strands: Mapping[str, Strand]) -> Camp:
    by_side = {"open": content.effects.open, "closed": content.effects.closed, "neutral": 1.0}
    factors = {strand: by_side[given.side] for strand, given in strands.items()}
    return Camp(name, content.title, content.rationale, neutral.means | content.means, factors)


def _reference_classes(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    needed = {"stack", "layer_analogue", "metric", "year", "open_share", "source_url"}
    if missing := needed - set(table.columns):
        raise InputError(f"{path}:1: columns are missing: {', '.join(sorted(missing))}")
    return table
