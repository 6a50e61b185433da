"""`stackcast pull` from a real local server: what it finds is shown, then written; what fails changes nothing."""

import functools
import io
from urllib.parse import urlsplit

import pytest

from stackcast.cli.app import run
from stackcast.observations.debt import load_unlabelled
from stackcast.project import Project, utc_today
from stackcast.sources import epoch
from stackcast.sources.epoch import COLUMNS
from stackcast.sources.web import Web
from tests.asked import FED, declare_feed, series
from tests.fuzz.harness import contents
from tests.sources.server import cut, first, ok, serving, silent, status
from tests.sources.support import table
from tests.support import TOY, copy_project, latest_day

PATH = "/data/notable_ai_models.csv"
SIGNAL = "epoch-notable-open-weights-quarterly"
MODELS = [
    ("a", "A University", "2025-10-10", "", "", "Open weights (unrestricted)", "SOTA"),
    ("b", "A University", "2025-11-10", "", "", "API access", "SOTA"),
]
DAY = {"Last_Modified": "Thu, 01 Oct 2026 10:00:00 GMT"}
TABLE = table(COLUMNS, *MODELS)


@pytest.fixture
def server(monkeypatch):
    with serving({PATH: ok(TABLE, **DAY)}) as started:
        fast = functools.partial(
            Web, timeout=0.3, attempts=2, wait=0.001, patience=2,
            address=lambda url: started.base + urlsplit(url).path,
        )  # fmt: skip
        monkeypatch.setattr("stackcast.sources.web.Web", fast)
        yield started


def files(copy):
    return {p: p.read_bytes() for p in (copy / "observations").rglob("*") if p.is_file()}


def pull(copy, *arguments):
    return run(["pull", "epoch", *arguments, "--project", str(copy)])


def test_a_dry_run_shows_and_writes_nothing(copy, server, capsys):
    before = files(copy)
    assert pull(copy, "--dry-run") == 0
    out = capsys.readouterr().out
    assert "What is new" in out
    assert "2025-10-01 to 2025-12-31" in out
    assert "revision" in out
    assert files(copy) == before


def test_what_is_new_is_written_once_as_a_vintage_of_its_day(copy, server, capsys):
    rows = Project.load(copy).observations.of(SIGNAL)
    assert pull(copy, "--yes") == 0
    after = Project.load(copy).observations.of(SIGNAL)
    fresh = after[~after["id"].isin(rows["id"])]
    assert fresh[["numerator", "denominator"]].to_numpy().tolist() == [[1, 2]]
    assert fresh["id"].tolist() == [f"{SIGNAL}/2025-12-31@2026-10-01"]
    before = files(copy)
    capsys.readouterr()
    assert pull(copy, "--yes") == 0
    assert "unchanged" in capsys.readouterr().out
    assert files(copy) == before


def test_since_limits_what_is_taken(copy, server, capsys):
    assert pull(copy, "--since", "2026-01-01", "--dry-run") == 0
    assert "no row" in capsys.readouterr().out


def test_without_a_terminal_it_asks_for_yes(copy, server, capsys):
    before = files(copy)
    assert pull(copy) == 2
    assert "add --yes, or --dry-run" in capsys.readouterr().err
    assert files(copy) == before


@pytest.mark.parametrize(
    ("mood", "exit_status", "words"),
    [
        (status(500), 1, "the server answers 500 (2 attempts)"),
        (silent(1.0), 1, "no answer within 0.3 s (2 attempts)"),
        (cut(TABLE.encode(), 10_000), 1, "(2 attempts)"),
        (ok("<!doctype html><p>moved"), 2, "a web page where data was expected"),
        (status(404), 2, "not there (404)"),
        (ok(TABLE.replace("Organization", "Maker")), 2, "the publisher has changed the columns: 'Organization'"),
        (ok(TABLE * 1000), 2, "larger than 20,000 bytes"),
        (ok(TABLE.replace("2025-10-10", "soon")), 2, "row 2, Publication date: must be a date"),
    ],
    ids=["500", "slow", "truncated", "html", "404", "columns", "10x size", "a cell"],
)
def test_a_failure_is_one_line_and_changes_nothing(copy, server, capsys, monkeypatch, mood, exit_status, words):
    monkeypatch.setattr(epoch, "LIMIT", 20_000)
    server.routes[PATH] = mood
    before = files(copy)
    assert pull(copy, "--yes") == exit_status
    said = capsys.readouterr().err.strip()
    assert words in said
    assert "\n" not in said
    assert files(copy) == before


def test_a_failure_that_passes_is_not_seen(copy, server, capsys):
    server.routes[PATH] = first(1, status(503), ok(TABLE, **DAY))
    assert pull(copy, "--dry-run") == 0


def test_a_saved_copy_needs_its_day(copy, tmp_path, capsys):
    saved = tmp_path / "saved.csv"
    saved.write_text(TABLE)
    assert pull(copy, "--file", str(saved), "--dry-run") == 2
    assert "add --published DATE" in capsys.readouterr().err
    assert pull(copy, "--file", str(saved), "--published", "2026-10-01", "--dry-run") == 0
    assert pull(copy, "--file", str(tmp_path / "none.csv"), "--dry-run") == 2
    assert "No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pull", "epok"], "did you mean 'epoch'"),
        (["pull", "epoch", "--published", "2026-10-01"], "only with --file"),
        (["pull", "epoch", "--since", "long ago"], "must be a date"),
    ],
)
def test_bad_flags(copy, capsys, arguments, words):
    assert run([*arguments, "--project", str(copy)]) == 2
    assert words in capsys.readouterr().err


def test_hostile_names_are_shown_as_text(copy, server, capsys):
    name = "[red]=cmd()[/red]<script>"
    rows = [(name, "OpenAI", "2025-10-10", "", "9e30", "API access", "SOTA"), *MODELS]
    open_one = ("b[bold]", "Meta AI", "2025-01-10", "", "1e20", "Open weights (unrestricted)", "SOTA")
    server.routes[PATH] = ok(table(COLUMNS, *rows, open_one), **DAY)
    assert pull(copy, "--yes") == 0
    note = Project.load(copy).observations.of("epoch-max-training-compute-ratio-closed-open")["note"].iloc[-1]
    assert note == f"open b[bold]; closed {name}"


@pytest.mark.parametrize("end", [0, 100])
def test_a_share_of_none_or_all_is_left_out_and_told_and_the_rest_is_written(tmp_path, capsys, monkeypatch, end):
    day = latest_day(TOY / "observations")
    monkeypatch.setattr("stackcast.project.utc_today", lambda: day)
    root, saved = copy_project(tmp_path / "project", TOY), tmp_path / "FIRMPANEL.csv"
    declare_feed(root)
    saved.write_text(series(("2018-01-01", 31.5), ("2018-09-01", end), ("2019-09-01", 33.25)))
    before = contents(root)
    words = ["pull", "fred", "--file", str(saved), "--published", str(day), "--project", str(root)]
    assert run([*words, "--dry-run"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert f"left out: {FED}, period to 2018-09-30: {end / 100:g} is an end of the range" in told
    assert contents(root) == before
    assert run([*words, "--yes"]) == 0
    changed = {name for name, content in contents(root).items() if before.get(name) != content}
    assert changed == {f"observations/jobs.policies/{FED}.csv"}
    mine = Project.load(root, today=day).observations.of(FED)
    assert mine.loc[mine["published"].dt.date == day, "value"].tolist() == [0.315, 0.3325]
    capsys.readouterr()
    assert run([*words, "--yes"]) == 0
    assert "2 unchanged" in capsys.readouterr().out


# ------------------------------------------------------------------------------------------ names without a label
BOARD = "\n".join(
    [
        "Model version,ECI Score,Release date,Model accessibility",
        "closed-1,120,2025-01-01,API access",
        "open-1,110,2025-02-01,Open weights (unrestricted)",
        "mystery-7,123.5,2025-08-01,",
    ]
)


def eci(copy, saved, *arguments, published="2026-10-01"):
    saved.write_text(BOARD)
    flags = ["--file", str(saved), "--published", published, "--since", "2026-07-01", "--project", str(copy)]
    return run(["pull", "eci", *flags, *arguments])


def owed(copy):
    lines = load_unlabelled(copy / "observations", today=utc_today())
    return [(x.model, x.share, str(x.seen)) for x in lines if x.source == "eci"]


def test_what_is_unlabelled_is_kept_but_not_by_a_dry_run(copy, tmp_path, capsys):
    before = files(copy)
    assert eci(copy, tmp_path / "eci.csv", "--dry-run") == 0
    assert "`stackcast label eci` goes through them" in capsys.readouterr().out
    assert files(copy) == before
    assert eci(copy, tmp_path / "eci.csv", "--yes") == 0
    assert "written: 1 unlabelled names of eci" in capsys.readouterr().out
    assert owed(copy) == [("mystery-7", 0.333333, "2026-10-01")]
    assert eci(copy, tmp_path / "eci.csv", "--yes", published="2026-09-30") == 0
    assert owed(copy) == [("mystery-7", 0.333333, "2026-10-01")], "an older copy says less"


def test_nothing_is_kept_where_the_rows_are_declined(copy, tmp_path, monkeypatch):
    before = files(copy)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert eci(copy, tmp_path / "eci.csv") == 2
    assert files(copy) == before


def test_a_label_settles_the_debt_and_the_next_pull_recounts(copy, tmp_path, capsys):
    saved = tmp_path / "eci.csv"
    assert eci(copy, saved, "--yes") == 0
    flags = ["--closed", "--source", "https://a.b/c", "--yes", "--project", str(copy)]
    assert run(["label", "mystery-7", *flags]) == 0
    assert "33.33% -> 0.00%" in capsys.readouterr().out
    assert owed(copy), "the file is as the last pull left it"
    assert eci(copy, saved, "--yes") == 0
    assert "recount" in capsys.readouterr().out
    assert not owed(copy)
