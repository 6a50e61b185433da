"""Processes killed at random moments lose nothing: 200 of them, of ``fit`` and of ``observe``."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from stackcast.files.atomic import JOURNAL
from stackcast.project import Project
from stackcast.runs.folder import TABLES, list_runs, skipped_runs
from stackcast.runs.track_record import read_record
from tests.support import CHILD_PATH, MINIMAL, ROOT, copy_project, latest_day

TODAY = latest_day(MINIMAL / "observations")
KILLS = 100


def child(*arguments):
    """Start the command with the canned sampler, in the repository's root; it hears interrupts once it has begun."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.canned_fit", *map(str, arguments)],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": CHILD_PATH}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )  # fmt: skip


def whole_length(*arguments):
    started = time.monotonic()
    done = child(*arguments)
    said = done.communicate()[1].decode()
    assert done.returncode == 0, said
    return time.monotonic() - started


def killed(moment, *arguments):
    """Kill or interrupt the command at a moment, unless it has ended by then; return what it said."""
    process = child(*arguments)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        process.send_signal(random.choice([signal.SIGKILL, signal.SIGINT]))
    return process.communicate(timeout=60)[1].decode()


@pytest.mark.slow
def test_fits_killed_at_any_moment_leave_whole_runs_or_none(tmp_path):
    root = copy_project(tmp_path / "project", MINIMAL)
    random.seed(1)
    fit = ("fit", "--project", root, "--as-of", TODAY, "--chains", "2", "--draws", "100")
    length = whole_length(*fit, "--seed", "1")
    for seed in range(2, KILLS + 2):
        said = killed(random.uniform(0.0, 1.1 * length), *fit, "--seed", str(seed))
        assert "Traceback" not in said, said
        Project.load(root, today=TODAY)
        assert skipped_runs(root / "runs") == []
        for run in list_runs(root / "runs"):
            assert run.passed
            for table in TABLES:
                run.table(table)
            run.groups("posterior")
    assert 1 < len(list_runs(root / "runs")) < KILLS, "some were killed before, some after their end"
    whole_length(*fit, "--seed", "1")
    for stray in (root / "runs").glob(".partial-*"):
        os.utime(stray, (0, 0))
    whole_length(*fit, "--seed", str(KILLS + 2))
    assert not list((root / "runs").glob(".partial-*")), "what the killed left is swept"
    read_record(root / "runs")


@pytest.mark.slow
def test_observations_killed_at_any_moment_are_written_whole_or_not(tmp_path):
    root = copy_project(tmp_path / "project", MINIMAL)
    random.seed(2)
    path = root / "observations" / "shops.bottles" / "town-count.csv"
    first = len(path.read_text().splitlines())
    observe = ("observe", "town-count", "--count", "140/383", "--source", "https://example.org/a", "--yes",
               "--project", root)  # fmt: skip
    periods = iter(f"{year}-{month:02}" for year in range(2005, 2020) for month in range(1, 13))
    length = whole_length(*observe, "--period", next(periods))
    for written in range(KILLS):
        said = killed(random.uniform(0.0, 1.1 * length), *observe, "--period", next(periods))
        assert "Traceback" not in said, said
        Project.load(root)
        assert not (root / "observations" / JOURNAL).exists()
        assert first + 1 <= len(path.read_text().splitlines()) <= first + 2 + written
    lines = path.read_text().splitlines()
    assert first + 1 < len(lines) < first + 1 + KILLS, "some were killed before, some after they had written"
    whole_length("check", "--as-of", TODAY, "--project", root)
