import io

import pytest

from stackcast.cli.app import run
from stackcast.project import Project, utc_today
from tests.support import TOY, canned_run, copy_project, latest_day

SLUG = "menlo-enterprise-open-source-share"
GOOD = [
    "observe",
    SLUG,
    "--period",
    "2026-Q3",
    "--value",
    "0.12",
    "--published",
    "2026-11-01",
    "--source",
    "https://a.b/c",
]


@pytest.fixture
def path(copy):
    return copy / "observations" / "models.enterprise" / f"{SLUG}.csv"


def observe(copy, *arguments):
    return run([*arguments, "--project", str(copy)])


def without(flag):
    at = GOOD.index(flag)
    return GOOD[:at] + GOOD[at + 2 :]


def test_flags_write_one_line(copy, path, capsys):
    before = path.read_text().splitlines()
    assert observe(copy, *GOOD, "--note", "[red]as printed[/]", "--yes") == 0
    after = path.read_text().splitlines()
    assert set(before) < set(after)
    assert len(after) == len(before) + 1
    out = capsys.readouterr().out
    assert f"{SLUG}/2026-09-30@2026-11-01" in out
    assert "no run yet" in out
    assert run(["check", "--project", str(copy)]) == 0


def test_without_a_terminal_nothing_is_written_unasked(copy, path, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    before = path.read_bytes()
    assert observe(copy, *GOOD) == 2
    assert "add --yes" in capsys.readouterr().err
    assert path.read_bytes() == before


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("answer", "written"), [("y", True), ("n", False)])
def test_what_is_missing_is_asked_for(copy, path, monkeypatch, capsys, answer, written):
    monkeypatch.setattr("sys.stdin", Terminal(f"2026-Q3\n0.12\nhttps://a.b/c\n{answer}\n"))
    before = path.read_text()
    assert observe(copy, "observe", SLUG, "--published", "2026-11-01") == 0
    assert (path.read_text() != before) is written
    assert ("nothing was written" in capsys.readouterr().out) is not written


def test_a_revision_is_shown_as_one(copy, path, capsys):
    assert observe(copy, *GOOD, "--yes") == 0
    capsys.readouterr()
    assert observe(copy, *without("--published"), "--published", "2026-11-20", "--yes") == 0
    assert "revises 0.12 of 2026-11-01; both are kept" in capsys.readouterr().out
    assert observe(copy, *GOOD, "--yes") == 2
    assert "stands there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (without("--period"), "missing: --period"),
        (without("--source"), "missing: --source"),
        (without("--value"), "missing: --value or --count"),
        ([*GOOD, "--count", "3/4"], "give one of them"),
        ([*without("--value"), "--count", "3/0"], "the second positive"),
        ([*without("--period"), "--period", "soon"], "period 'soon'"),
        ([*without("--published"), "--published", "soon"], "must be a date"),
        ([*without("--source"), "--source", "ftp://x"], "must be an http(s) address or a package URL"),
        ([*without("--value"), "--value", "12"], "value: 12 is not a share"),
        ([*GOOD, "--n", "0"], "greater than or equal to 1"),
        ([*GOOD, "--note", "two\nlines"], "note"),
        (["observe", "menlo-enterprise-open-source-shre", *GOOD[2:]], f"did you mean '{SLUG}'"),
    ],
)
def test_what_is_wrong_is_one_message_and_nothing_is_written(copy, path, capsys, monkeypatch, arguments, words):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    before = path.read_bytes()
    assert observe(copy, *arguments, "--yes") == 2
    err = capsys.readouterr().err
    assert words in err
    assert "Traceback" not in err
    assert path.read_bytes() == before


def test_a_wrong_row_is_taken_back_and_stays_readable(copy, path, capsys):
    rows = Project.load(copy).observations.of(SLUG)
    row = rows["id"].iloc[-1]
    before = path.read_bytes()
    assert (
        run(["observe", "retract", row, "--why", "[b]read off the wrong bar[/]", "--yes", "--project", str(copy)]) == 0
    )
    assert "[b]read off the wrong bar[/]" in capsys.readouterr().out
    assert path.read_bytes() == before
    after = Project.load(copy).observations.of(SLUG).set_index("id")["retracted"]
    assert after[row].date() == utc_today()
    assert after.drop(row).isna().all()
    assert run(["observe", "retract", row, "--why", "again", "--yes", "--project", str(copy)]) == 2
    assert "the row is retracted already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["retract"], "missing: ID, --why"),
        (["retract", "x/2020-01-01@2020-01-01", "--why", "w"], "no row has the id"),
        ([SLUG, "stray"], "unexpected 'stray'"),
        ([SLUG, "--why", "w"], "only for `observe retract`"),
    ],
)
def test_what_is_not_asked_for_is_refused(copy, capsys, arguments, words):
    assert run(["observe", *arguments, "--project", str(copy)]) == 2
    assert words in capsys.readouterr().err
    assert (copy / "observations" / "retractions.csv").read_text() == "id,retracted,why\n"


def test_a_retraction_shows_what_it_would_move(toy, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    day = latest_day(TOY / "observations")
    monkeypatch.setattr("stackcast.project.utc_today", lambda: day)
    root = copy_project(tmp_path / "project", TOY)
    canned_run(toy, root / "runs", day)
    row = toy.observations.of("spare-room-rent-ratio")["id"].iloc[-1]
    assert run(["observe", "retract", row, "--why", "w", "--out", str(root / "runs"), "--project", str(root)]) == 0
    out = capsys.readouterr().out
    assert "Pareto k-hat" in out or "No probability of the headline" in out
    assert "nothing was written" in out
