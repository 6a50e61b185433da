"""The tutorial ``docs/your-own-debate.md``, executed: its files written, its commands run, their output compared."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from stackcast import project
from stackcast.cli.app import run
from stackcast.graph.build import build_graph
from stackcast.graph.data import observe_as_of
from stackcast.graph.design import build_design
from stackcast.priors.debate import NEUTRAL
from stackcast.project import Project
from stackcast.project_folder import BLANK
from tests.support import ROOT, latest_day

TUTORIAL = ROOT / "docs" / "your-own-debate.md"
DAY = latest_day(BLANK / "observations")
"""The day that counts as today: the first on which all of the blank project is published."""
OF_A_RUN = {"show", "report", "why"}
STEP = re.compile(
    r"""(?P<write>Write\ `(?P<new>[^`]+)`:)
      | (?P<append>Add\ to\ the\ end\ of\ `(?P<end>[^`]+)`:)
      | (?P<insert>In\s`(?P<into>[^`]+)`,\sadd\sbelow\sthe\sline\s`(?P<line>[^`]+)`:)
      | (?P<change>In\ `(?P<of>[^`]+)`,\schange\s`(?P<old>[^`]+)`\sto\s`(?P<fresh>[^`]+)`)
      | ^```(?P<block>\w+)\n(?P<text>.*?)^```$""",
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)


class Command(NamedTuple):
    """A line of the shell, the exit status that the tutorial names, and lines that it prints, among others."""

    words: list[str]
    status: int
    printed: list[str]


def steps() -> Iterator[re.Match[str]]:
    return STEP.finditer(TUTORIAL.read_text(encoding="utf-8"))


def commands(text: str) -> Iterator[Command]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        first, *printed = part.splitlines()
        named = re.search(r"# exit status (\d)$", first)
        yield Command(shlex.split(first, comments=True), int(named[1]) if named else 0, printed)


def edit(step: re.Match[str], block: str | None) -> None:
    """Change one file of the project in the working directory as a step says."""
    if step["change"]:
        path, old = Path(step["of"]), step["old"]
        text = path.read_text()
        assert text.count(old) == 1, f"{path}: {old!r} stands {text.count(old)} times"
        path.write_text(text.replace(old, step["fresh"]))
        return
    assert block is not None
    path = Path(step["new"] or step["end"] or step["into"])
    if step["write"]:
        path.parent.mkdir(exist_ok=True)
        path.write_text(block)
    elif step["append"]:
        path.write_text(path.read_text() + block)
    else:
        lines = path.read_text().splitlines(keepends=True)
        (at,) = [i for i, line in enumerate(lines, 1) if line.strip().startswith(step["line"])]
        path.write_text("".join([*lines[:at], block, *lines[at:]]))


def compile_graph(scenario: str, day: date) -> None:
    """Build the graph that a fit would sample, and find its density finite at the initial point."""
    mine = Project.load(".", today=DAY)
    rows = mine.observations.rows
    design = build_design(rows, mine.observations.signals, mine.priors, day, mine.priors.debate.criterion)
    graph = build_graph(design, observe_as_of(design, rows, day, scenario))
    logp = graph.compile_fn(graph.logp(), inputs=graph.value_vars, mode="FAST_COMPILE")
    assert np.isfinite(logp(graph.initial_point()))


def execute(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, fits: bool) -> list[str]:
    """Follow the tutorial in the working directory; return the verbs of its commands."""
    waiting, verbs = None, []
    for step in steps():
        if step["change"]:
            edit(step, None)
        elif step["block"] is None:
            assert waiting is None, f"no block follows {waiting[0]!r}"
            waiting = step
        elif waiting is not None:
            edit(waiting, step["text"])
            waiting = None
        elif step["block"] == "console":
            for words, status, printed in commands(step["text"]):
                verbs.append(words[min(words[0] == "stackcast", len(words) - 1)])
                if words[0] == "cd":
                    monkeypatch.chdir(words[1])
                elif words[0] != "stackcast":
                    subprocess.run(words, check=True)
                elif words[1] == "fit" and not fits:
                    options = dict(zip(words[2::2], words[3::2], strict=True))
                    asked = options.get("--prior-scenario", NEUTRAL).replace("all", "electric")
                    compile_graph(asked, date.fromisoformat(options["--as-of"]))
                elif words[1] not in OF_A_RUN or fits:
                    assert run(words[1:]) == status, capsys.readouterr().err
                    out = "".join(capsys.readouterr())
                    assert [line for line in printed if line.strip() not in out] == [], out
    return verbs


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder in which the commands run, on the tutorial's day, on a wide terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(project, "utc_today", lambda: DAY)
    return tmp_path


def test_the_tutorial_leads_from_a_blank_project_to_a_graph(folder, capsys, monkeypatch):
    verbs = execute(capsys, monkeypatch, fits=False)
    assert {"init", "check", "fit", "show", "report", "why", "observe", "priors"} <= {*verbs}
    mine = Project.load(folder / "cars", today=DAY)
    assert {s.role for s in mine.observations.signals.values()} == {"reference", "secondary", "indicator"}
    assert {facet.kind for facet in mine.priors.facets.values()} == {"share", "gap"}
    assert {*mine.priors.prior_scenarios} == {NEUTRAL, "electric", "combustion"}
    assert (len(mine.priors.layers.layers), len(mine.observations.questions)) == (2, 1)


@pytest.mark.slow
def test_the_tutorial_makes_its_forecasts(folder, capsys, monkeypatch):
    execute(capsys, monkeypatch, fits=True)
    assert len([*(folder / "cars" / "runs").glob("*/report.html")]) == 4
