"""What a wrong clock dated can be taken back by the command, and leaves nothing behind in what is known."""

from datetime import timedelta

import numpy as np
import pytest

from stackcast.cli.app import run
from stackcast.graph.data import observe_as_of
from stackcast.graph.design import build_design
from stackcast.project import Project
from tests.fuzz.harness import contents
from tests.support import TOY, canned_run, copy_project, latest_day

DAY = latest_day(TOY / "observations")
AHEAD = DAY + timedelta(days=40)
SLUG = "spare-room-rent-ratio"
RETRACTIONS = "observations/retractions.csv"


@pytest.fixture
def clock(monkeypatch):
    """A function that sets the clock of every command."""

    def put(day):
        monkeypatch.setattr("stackcast.project.utc_today", lambda: day)

    put(DAY)
    return put


@pytest.fixture
def root(tmp_path):
    return copy_project(tmp_path / "project", TOY)


def asked(root, *words):
    return run([*words, "--project", str(root)])


def observed_ahead(root, clock, period="2023-10", value="1.4"):
    """Add a row under a clock that is ahead, set it right, and return the id."""
    clock(AHEAD)
    observe = ("observe", SLUG, "--period", period, "--value", value, "--source", "https://example.org/a", "--yes")
    assert asked(root, *observe) == 0
    mine = Project.load(root, today=AHEAD).observations.of(SLUG)
    clock(DAY)
    return mine.loc[mine["value"] == float(value), "id"].iloc[-1]


def taken_back(root, row):
    return asked(root, "observe", "retract", row, "--why", "the clock was ahead", "--yes")


def known(root):
    """Return what a fit of the day sees."""
    project = Project.load(root, today=DAY)
    rows, signals = project.observations.rows, project.observations.signals
    design = build_design(rows, signals, project.priors, DAY)
    return design, observe_as_of(design, rows, DAY).data


def test_a_row_dated_by_a_wrong_clock_is_taken_back_and_never_counts(root, clock, capsys):
    design, data = known(root)
    row = observed_ahead(root, clock)
    assert asked(root, "check") == 2
    said = capsys.readouterr().err
    assert f"published: {AHEAD} lies in the future (today is {DAY})" in said
    assert "`stackcast observe retract`" in said
    before = contents(root)
    assert taken_back(root, row) == 0
    after = contents(root)
    assert {name for name in after if after[name] != before.get(name)} == {RETRACTIONS}
    assert after[RETRACTIONS].startswith(before[RETRACTIONS])
    assert after[RETRACTIONS].count(b"\n") == before[RETRACTIONS].count(b"\n") + 1
    for day in (DAY, AHEAD - timedelta(days=1), AHEAD, AHEAD + timedelta(days=500)):
        clock(day)
        assert asked(root, "check", "--as-of", str(DAY)) == 0, capsys.readouterr().err
    again, seen = known(root)
    assert again.grid == design.grid
    assert again.slugs == design.slugs
    for name, array in data.items():
        np.testing.assert_array_equal(seen[name], array)


def test_several_such_rows_are_taken_back_one_by_one(root, clock, capsys):
    rows = [observed_ahead(root, clock, "2023-10", "1.41"), observed_ahead(root, clock, "2023-11", "1.42")]
    assert taken_back(root, rows[0]) == 0
    assert asked(root, "check") == 2
    assert capsys.readouterr().err.count("lies in the future") == 1
    assert taken_back(root, rows[1]) == 0
    assert asked(root, "check") == 0


def test_a_row_that_was_taken_back_is_not_taken_back_twice(root, clock, capsys):
    row = observed_ahead(root, clock)
    assert taken_back(root, row) == 0
    before = contents(root)
    assert taken_back(root, row) == 2
    assert "the row is retracted already" in capsys.readouterr().err
    assert contents(root) == before


def test_a_retraction_dated_by_a_wrong_clock_is_dated_anew(root, clock, capsys):
    row = Project.load(root, today=DAY).observations.of(SLUG)["id"].iloc[3]
    clock(AHEAD)
    assert taken_back(root, row) == 0
    clock(DAY)
    assert asked(root, "check") == 2
    assert f"retracted: {AHEAD} lies in the future (today is {DAY})" in capsys.readouterr().err
    before = (root / RETRACTIONS).read_text().splitlines()
    assert taken_back(root, row) == 0
    after = (root / RETRACTIONS).read_text().splitlines()
    assert after == [*before[:-1], f"{row},{DAY},the clock was ahead"]
    assert asked(root, "check") == 0


def test_the_row_can_be_observed_again_with_the_right_day(root, clock):
    assert taken_back(root, observed_ahead(root, clock)) == 0
    observe = ("observe", SLUG, "--period", "2023-10", "--value", "1.4", "--source", "https://example.org/a", "--yes")
    assert asked(root, *observe) == 0
    mine = Project.load(root, today=DAY).observations.of(SLUG)
    assert mine["published"].max().date() == AHEAD
    assert (mine["published"].dt.date == DAY).sum() == 1


def test_what_else_is_wrong_is_told_as_ever(root, clock, capsys):
    row = observed_ahead(root, clock)
    path = root / "observations" / "H1" / f"{SLUG}.csv"
    path.write_text(path.read_text().replace(",1.388,", ",-1.388,"))
    before = contents(root)
    assert taken_back(root, row) == 2
    said = capsys.readouterr().err
    assert "value: -1.388 is not" in said
    assert f"{AHEAD} lies in the future" in said
    assert contents(root) == before


def test_it_is_taken_back_beside_a_run(root, clock, capsys):
    canned_run(Project.load(root, today=DAY), root / "runs", DAY)
    row = observed_ahead(root, clock)
    assert taken_back(root, row) == 0
    out, err = capsys.readouterr()
    assert "did not use this row" in out
    assert not err


@pytest.mark.parametrize("place", range(0, 100, 7))
def test_a_retraction_touches_one_row(root, clock, place):
    rows = Project.load(root, today=DAY).observations.rows
    standing = rows.loc[rows["retracted"].isna(), "id"]
    row = standing.iloc[place % len(standing)]
    assert taken_back(root, row) == 0
    after = Project.load(root, today=DAY).observations.rows
    assert after.loc[after["id"] == row, "retracted"].dt.date.tolist() == [DAY]
    others = after["id"] != row
    assert after[others].equals(rows[others])
