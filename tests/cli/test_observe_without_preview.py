"""A row is written, or taken back, also where the latest run cannot say what that would change; and it is said."""

import os
import shutil

import pytest

from stackcast.cli.app import run
from stackcast.project import Project
from stackcast.runs.contents import DIAGNOSTICS, DRAWS, MANIFEST
from tests.any_debate import OPTIONAL, debate_without
from tests.support import TOY, canned_run, copy_project, latest_day

DAY = latest_day(TOY / "observations")
SLUG = "spare-room-rent-ratio"
FILE = f"observations/H1/{SLUG}.csv"
OBSERVE = ("observe", SLUG, "--period", "2023-10", "--value", "1.4", "--source", "https://example.org/a", "--yes")


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr("stackcast.project.utc_today", lambda: DAY)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The toy with a canned run."""
    root = copy_project(tmp_path_factory.mktemp("ran") / "project", TOY)
    canned_run(Project.load(root, today=DAY), root / "runs", DAY)
    return root


@pytest.fixture
def root(ran, tmp_path):
    return shutil.copytree(ran, tmp_path / "project")


def written_and_taken_back(root, capsys):
    """Add a row and take another back; return what was said to each."""
    path, said = root / FILE, []
    before = path.read_text().splitlines()
    row = before[-1].split(",")[0]
    for words in (OBSERVE, ("observe", "retract", row, "--why", "read wrongly", "--yes")):
        status = run([*words, "--project", str(root)])
        out, err = capsys.readouterr()
        assert status == 0, err
        assert "Traceback" not in err
        said.append(" ".join((out + err).split()))
    after = path.read_text().splitlines()
    assert set(before) < set(after)
    assert len(after) == len(before) + 1
    assert (root / "observations" / "retractions.csv").read_text().splitlines()[-1].startswith(f"{row},{DAY}")
    return said


def flipped(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def foreign(path):
    path.write_text('["x"]\n')


def a_folder(path):
    path.unlink()
    path.mkdir()


DAMAGE = (flipped, cut, foreign, a_folder, os.unlink)
SPOILED = [
    (name, damage)
    for name in (DRAWS, MANIFEST, DIAGNOSTICS, "fitted.csv", "questions.csv")
    for damage in DAMAGE
    if (name, damage) != (MANIFEST, flipped)  # what decides is sealed; a letter of the rest may change
]


@pytest.mark.parametrize(("name", "damage"), SPOILED, ids=lambda given: getattr(given, "__name__", str(given)))
def test_beside_a_damaged_run(root, capsys, name, damage):
    (found,) = (root / "runs").iterdir()
    damage(found / name)
    for said in written_and_taken_back(root, capsys):
        assert f"skipped: {found}" in said
        assert "no run" in said


def test_where_the_runs_are_no_folder(root, capsys):
    shutil.rmtree(root / "runs")
    (root / "runs").write_text("a file\n")
    for said in written_and_taken_back(root, capsys):
        assert "What it would change cannot be shown" in said
        assert "is no folder of runs" in said


@pytest.mark.parametrize("part", [part for part in OPTIONAL if part not in ("claims", "indicators")])
def test_where_the_project_has_lost_a_part_since(ran, tmp_path, capsys, part):
    root = debate_without(tmp_path / "project", [part])
    if not (root / FILE).exists():
        pytest.skip("the part is what the signal measures")
    shutil.copytree(ran / "runs", root / "runs")
    written_and_taken_back(root, capsys)


def test_where_the_project_has_won_parts_since(tmp_path, capsys):
    lesser = debate_without(tmp_path / "lesser", sorted(OPTIONAL))
    root = copy_project(tmp_path / "project", TOY)
    canned_run(Project.load(lesser, today=DAY), root / "runs", DAY)
    written_and_taken_back(root, capsys)
