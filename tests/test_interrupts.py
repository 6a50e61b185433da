"""Ctrl-C at each stage of a verb, and around each change of a file: nothing half, nothing lost, and it says what stays.

The fast suite has the named stages of some verbs, the slow one every change of a file. The sampler is replaced by draws
of the prior, and plots by one small figure: all else is the real flow.
"""

import os
import re
import shutil
from contextlib import nullcontext
from dataclasses import MISSING, dataclass, fields
from datetime import timedelta
from functools import cache

import matplotlib.figure
import pytest

from stackcast.caches import cache_folder
from stackcast.cli.app import run
from stackcast.files.atomic import JOURNAL, PARTIAL
from stackcast.files.kept import kept
from stackcast.project import Project
from stackcast.runs.folder import skipped_runs
from stackcast.settings import FitSettings
from tests import canned_fit
from tests.asked import declare_feed, series
from tests.evaluate.test_backtest import in_this_process
from tests.fuzz.harness import contents
from tests.interrupts import Moments, is_free, watch
from tests.support import MINIMAL, TOY, add_tree, canned_run, copy_project, latest_day

NEW = series(("2018-01-01", 31.5), ("2019-09-01", 33.25))


@dataclass(frozen=True)
class Verb:
    """A verb's words; the exit status of the whole of it; parts of the names of its stages."""

    words: tuple[str, ...]
    source: object
    status: int = 0
    moments: tuple[str, ...] = ()


VERBS = {
    "pull": Verb(
        ("pull", "fred", "--file", "{root}/recorded/fred/{day}-FIRMPANEL.csv", "--published", "{day}", "--yes"),
        TOY,
        moments=("pull fred: fetching", f"replace observations/{PARTIAL}{JOURNAL}"),
    ),
    "fit": Verb(
        ("fit", "--chains", "2", "--draws", "100", "--seed", "5"),
        MINIMAL,
        moments=("neutral: building the graph", "neutral: forecasting", "neutral: writing", "neutral: drawing"),
    ),
    "report": Verb(("report",), MINIMAL, moments=("report: drawing",)),
    "why": Verb(("why", "--to", "{root}/drawn"), MINIMAL, moments=("why: fitting as of",)),
    "backtest": Verb(("backtest", "--origins", "{origins}"), MINIMAL, moments=("backtest: starting the workers",)),
    "update": Verb(
        ("update", "--offline", "{root}/recorded", "--all", "--yes"),
        TOY,
        moments=("update: fred", "fit: building the graph", "fit: writing"),
    ),
}


QUICK = ("pull", "report", "why")
"""Verbs whose named stages are tried in the fast suite."""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """A canned sampler with few draws, and one small figure for all plots."""
    canned_fit.install(monkeypatch.setattr)
    defaults = {field.name: field.default for field in fields(FitSettings) if field.default is not MISSING}
    few = tuple((defaults | {"chains": 2, "draws": 100}).values())
    monkeypatch.setattr(FitSettings.__init__, "__defaults__", few)
    small = matplotlib.figure.Figure(figsize=(1, 1))
    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", lambda _, file, **__: file.write(b"drawn"))
    monkeypatch.setattr("stackcast.report.plots.plots_of", lambda *_: {"layers": lambda: small})
    monkeypatch.setattr("stackcast.report.page.build.png_of", lambda _: b"png")
    monkeypatch.setattr("stackcast.report.page.build.svg_of", lambda _: "<svg/>")
    monkeypatch.setattr("stackcast.evaluate.cluster.connect", lambda *_: nullcontext())
    monkeypatch.setattr("stackcast.evaluate.cluster.outcomes", in_this_process)


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    """A function that returns a debate with a run that has everything, and, for the toy, recorded sources with news."""
    return cache(lambda source: made(source, tmp_path_factory.mktemp("base") / "project"))


def made(source, folder):
    root, day = copy_project(folder, source), latest_day(source / "observations")
    if source == TOY:
        declare_feed(root)
        (root / "recorded" / "fred").mkdir(parents=True)
        (root / "recorded" / "fred" / f"{day}-FIRMPANEL.csv").write_text(NEW)
    project = Project.load(root, today=day)
    add_tree(project, canned_run(project, root / "runs", day, left_out=True))
    return root, day


def ask(root, day, verb):
    origins = ",".join(str(day - timedelta(days=back)) for back in (400, 220))
    words = [word.format(root=root, day=day, origins=origins) for word in verb.words]
    return run([*words, "--project", str(root)])


def plain(root):
    """Return the names of all files, and the content of the tables that a person or another verb reads."""
    return {
        name: content if name.endswith((".csv", ".yaml")) else b""
        for name, content in contents(root).items()
        if not name.endswith("/manifest.json")
    }


def said_to_stay(err):
    """Return the paths that an interrupted verb keeps; it names the first three."""
    (line,) = re.findall(r"^interrupted; (.*)$", err, re.MULTILINE)
    stays = [str(path) for path in kept.paths if not path.is_relative_to(cache_folder())]
    more = f" and {len(stays) - 3} more" if len(stays) > 3 else ""
    assert line == (f"kept: {', '.join(stays[:3])}{more}" if stays else "nothing was kept")
    return stays


CASES = [
    pytest.param(name, every, marks=[pytest.mark.slow] if every or name not in QUICK else [])
    for name in VERBS
    for every in (False, True)
]


@pytest.mark.parametrize(("name", "every"), CASES)
def test_an_interrupt_at_any_moment_leaves_nothing_half_and_the_next_call_ends_as_one_that_was_not(
    bases, name, every, tmp_path, monkeypatch, capsys
):
    verb = VERBS[name]
    pristine, day = bases(verb.source)
    monkeypatch.setattr("stackcast.project.utc_today", lambda: day)

    def attempt(place, at):
        root = shutil.copytree(pristine, place)
        moments = Moments(root, at)
        with monkeypatch.context() as patch:
            watch(patch.setattr, moments)
            status = ask(root, day, verb)
        return root, moments.names, status, capsys.readouterr().err

    whole, names, status, err = attempt(tmp_path / "whole", None)
    assert status == verb.status, err
    before, rows = contents(pristine), len(Project.load(pristine, today=day).observations.rows)
    more = len(Project.load(whole, today=day).observations.rows)
    chosen = [next(name for name in names if moment in name) for moment in verb.moments]
    for number, moment in enumerate(dict.fromkeys(names if every else chosen)):
        root, _, status, err = attempt(tmp_path / str(number), moment)
        assert status == 1, (moment, status, err)
        assert "Traceback" not in err, moment
        stays = said_to_stay(err)
        changed = {n for n, content in contents(root).items() if before.get(n) != content}
        there = [place for place in stays if (root / place).exists() or (root / "observations" / JOURNAL).exists()]
        assert there == stays, (moment, err)
        outside = [n for n in changed if not any((root / n).is_relative_to(place) for place in stays)]
        assert [n for n in outside if not n.endswith(JOURNAL)] == [], (moment, err)
        assert stays or not changed, (moment, err)
        strays = list(root.rglob(f"{PARTIAL}*"))
        assert not strays or moment.startswith("after mkdir"), moment
        for stray in strays:  # a folder of a moment's age that nobody holds: the next command sweeps it
            assert is_free(stray)
            os.utime(stray, (0, 0))
        for folder in (root, root / "observations", root / "runs"):
            assert is_free(folder), (moment, folder)
        assert len(Project.load(root, today=day).observations.rows) in (rows, more), moment
        assert not list(root.rglob(JOURNAL)), moment
        assert skipped_runs(root / "runs") == [], moment
        assert ask(root, day, verb) == verb.status, (moment, capsys.readouterr().err)
        assert plain(root) == plain(whole), (moment, {*plain(root)} ^ {*plain(whole)})
        capsys.readouterr()
        shutil.rmtree(root)
