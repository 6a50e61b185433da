"""A project of an older format is refused with one line, and brought forward in one step that keeps every comment."""

import json
import re
import shutil

import pytest

from stackcast.cli.app import run
from stackcast.errors import ProblemsFound
from stackcast.files.atomic import JOURNAL
from stackcast.files.edits import Edits
from stackcast.project import Project, migrate
from tests.support import ROOT, TODAY, copy_project, latest_day

TOY = ROOT / "tests" / "data" / "toy"
DAY = latest_day(TOY / "observations")
NAMES = {"home": "open", "office": "closed"}
"""Format 1 knew two sides only."""


def old_form(root, horizon, gap):
    """Write a project as format 1 of priors and 2 of observations had it."""
    edits = {
        "priors/claims.yaml": [("subclaims:", "halves:"), ("\ncontrasts:", "\nduels:")],
        "priors/layers.yaml": [(f"gap_pull: {gap}", "gap_pull: true")],
        "priors/measurement.yaml": [
            ("innovation_sd_", "step_"), ("deviation_", "wander_"), ("\nscales:", f"\nhorizon: {horizon}\nscales:"),
        ],
        "priors/scenarios": [],
        "observations/signals.yaml": [("role: secondary", "role: source")],
        "observations/questions.yaml": [],
    }  # fmt: skip
    for name, changes in edits.items():
        for path in sorted((root / name).glob("*")) if (root / name).is_dir() else [root / name]:
            text = path.read_text(encoding="utf-8")
            text = (
                text.replace("format: 3", "format: 2")
                if "observations" in name
                else text.replace("format: 2", "format: 1")
            )
            for new, old in changes:
                assert new in text, (name, new)
                text = text.replace(new, old)
            if path.name == "layers.yaml":
                text = "".join(line for line in text.splitlines(keepends=True) if not line.strip().startswith("scale:"))
            path.write_text(text, encoding="utf-8")
    (root / "priors" / "scenarios").rename(root / "priors" / "camps")
    (root / "priors" / "debate.yaml").unlink()
    shutil.rmtree(root / "priors" / "interventions")
    return root


@pytest.fixture
def shipped_before(tmp_path):
    root = old_form(copy_project(tmp_path / "shipped"), "2030-Q4", "models.capability")
    path = root / "priors" / "claims.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("claims: [O2, C4]}", "open: [O2], closed: [C4]}")
    path.write_text(text.replace("claims: [O1, O3, C2]}", "open: [O1, O3], closed: [C2]}"), encoding="utf-8")
    return root


@pytest.fixture
def other_before(tmp_path):
    """The toy as format 1 would have had it: its sides could only be called open and closed."""
    root = old_form(shutil.copytree(TOY, tmp_path / "other"), "2025-Q4", "days.output")
    for path in [*(root / "priors").rglob("*.yaml")]:
        text = path.read_text(encoding="utf-8")
        for new, old in NAMES.items():
            text = text.replace(f"side: {new}", f"side: {old}").replace(f"{new}: 1", f"{old}: 1")
            text = text.replace(f"{new}: 0", f"{old}: 0")
        text = text.replace("claims: [H1, O1]}", "open: [H1], closed: [O1]}")
        path.write_text(text, encoding="utf-8")
    for path in (root / "priors" / "camps").iterdir():
        path.rename(path.with_stem(NAMES[path.stem]))
    path = root / "observations" / "signals.yaml"
    path.write_text(path.read_text().replace("any-day\n", "any-weights\n").replace("full-time\n", "unrestricted\n"))
    return root


def comments(root):
    texts = (p.read_text(encoding="utf-8") for p in [*(root / "priors").glob("*.yaml"), *root.glob("*/signals.yaml")])
    return {line for text in texts for line in text.splitlines() if line.strip().startswith("#")}


def test_the_shipped_project_comes_forward_with_its_words(shipped_before, project, capsys):
    said = comments(shipped_before)
    assert run(["check", "--project", str(shipped_before)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert re.search(
        r"signals\.yaml:\d+:1: format: this stackcast reads format 3: run `stackcast migrate` \(found 2\)$", line
    )
    changed = migrate(shipped_before, today=TODAY)
    assert shipped_before / "priors" / "camps" / "open.yaml" in changed
    assert not (shipped_before / "priors" / "camps").exists()
    found = Project.load(shipped_before, today=TODAY)
    assert said <= comments(shipped_before)
    assert found.priors.debate == project.priors.debate
    assert found.priors.claims == project.priors.claims
    assert found.priors.contrasts == project.priors.contrasts
    assert found.priors.layers == project.priors.layers
    assert found.priors.measurement == project.priors.measurement
    assert found.priors.prior_scenarios == project.priors.prior_scenarios
    assert found.observations.signals == project.observations.signals
    assert (shipped_before / "priors" / "interventions" / "essay.yaml").is_file()
    assert migrate(shipped_before, today=TODAY) == []


def test_priors_alone_may_be_old(shipped_before, capsys):
    shutil.rmtree(shipped_before / "observations")
    shutil.copytree(ROOT / "observations", shipped_before / "observations")
    assert run(["check", "--project", str(shipped_before)]) == 2
    assert "this stackcast reads format 2: run `stackcast migrate`" in capsys.readouterr().err
    assert migrate(shipped_before, today=TODAY)
    Project.load(shipped_before, today=TODAY)


def test_another_project_is_asked_for_its_words(other_before, capsys, monkeypatch):
    monkeypatch.setattr("stackcast.project.utc_today", lambda: DAY)
    assert run(["migrate", "--project", str(other_before)]) == 0
    assert "<to be written>; stackcast check names the lines" in capsys.readouterr().out
    with pytest.raises(ProblemsFound) as found:
        Project.load(other_before, today=DAY)
    path = other_before / "priors" / "debate.yaml"
    assert {p.path for p in found.value.problems} == {path}
    asked = [(p.line, p.message.partition(":")[0]) for p in found.value.problems]
    assert asked == [(4, "title"), (5, "question"), (6, "whole")]
    path.write_text(path.read_text(encoding="utf-8").replace(": <to be written>", ": office work"), encoding="utf-8")
    priors = Project.load(other_before, today=DAY).priors
    assert priors.debate.sides.names == ("open", "closed")
    assert (priors.debate.horizons.near, priors.debate.horizons.far) == (None, "2025-Q4")
    assert priors.contrasts[0].claims == ("H1", "O1")
    assert priors.facets["days.home"].gap_pull == "days.output"
    assert priors.facets["days.output"].printed.unit == "Elo points"
    assert priors.prior_scenarios["open"].means["O1.learning"] == -0.5
    assert not (other_before / "priors" / "interventions").exists()


def test_a_migration_that_was_killed_is_finished_by_the_next_reader(shipped_before):
    whole = shutil.copytree(shipped_before, shipped_before.parent / "whole")
    changed = [path.relative_to(whole) for path in migrate(whole, today=TODAY)]
    texts = {str(p): (whole / p).read_text(encoding="utf-8") if (whole / p).exists() else None for p in changed}
    (shipped_before / JOURNAL).write_text(json.dumps(texts))
    Project.load(shipped_before, today=TODAY)
    assert not (shipped_before / JOURNAL).exists()
    assert not (shipped_before / "priors" / "camps").exists()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("claims.yaml", "format: 9\nclaims: {}\n", "format 9 is later than this stackcast's"),
        ("layers.yaml", "layers: [\n", "is not valid YAML, or has no number after 'format:'"),
        ("measurement.yaml", None, "cannot be read"),
    ],
)
def test_what_cannot_be_brought_forward_stays_as_it_is(shipped_before, capsys, name, text, words):
    path = shipped_before / "priors" / name
    path.unlink() if text is None else path.write_text(text)
    before = {p: p.read_bytes() for p in shipped_before.rglob("*") if p.is_file()}
    assert run(["migrate", "--project", str(shipped_before)]) == 2
    assert words in capsys.readouterr().err
    assert {p: p.read_bytes() for p in shipped_before.rglob("*") if p.is_file()} == before


TEXT = """\
# head
duels:   # the duels
  - {id: data, open: [O2], closed: [C4]}  # beside
  - id: edge
    # within
    open:
      - O1
      - O3
    closed: [C2]   # goes with its line
    # behind
  - closed: [C1]
    id: last
    open: [O1]
other: 1
"""


def test_edits_change_keys_and_values_where_they_stand():
    edits = Edits(TEXT)
    for i in range(3):
        names = [*edits.value("duels", i, "open"), *edits.value("duels", i, "closed")]
        edits.rename(("duels", i, "open"), "claims")
        edits.put(("duels", i, "open"), f"[{', '.join(names)}]")
        edits.drop(("duels", i, "closed"))
    edits.rename(("duels",), "contrasts")
    edits.add_after(("duels", 0, "id"), "title: T")
    edits.add_after(("other",), "more: 2")
    edits.drop(("absent",))
    expected = """\
# head
contrasts:   # the duels
  - {id: data, title: T, claims: [O2, C4]}  # beside
  - id: edge
    # within
    claims:
      [O1, O3, C2]
    # behind
  - id: last
    claims: [O1, C1]
other: 1
more: 2
"""
    assert edits.text() == expected
    assert Edits(TEXT).text() == TEXT
