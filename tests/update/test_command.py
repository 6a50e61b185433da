"""`stackcast update` on a folder of recorded sources and from a real local server; no posterior is sampled."""

import functools
import io
import json
import re
from urllib.parse import urlsplit

import pytest

from stackcast import pipeline
from stackcast.cli.app import run
from stackcast.report import plots
from stackcast.report.page import build
from stackcast.runs.folder import list_runs
from stackcast.runs.track_record import FILE
from stackcast.sources import eci, epoch
from stackcast.sources.web import Web
from tests.sources.server import ok, serving, status
from tests.sources.support import table
from tests.support import BAD_GATES
from tests.update.support import MODELS, NOTABLE, NOW, RANKINGS, THEN, CannedFit, files

WORDS = ["Came", "Moved", "Why", "Watch", "Broken"]


@pytest.fixture
def fit(monkeypatch):
    canned = CannedFit()
    monkeypatch.setattr(pipeline, "fit", canned)
    monkeypatch.setattr(plots, "draw_all", lambda run, project: (run.path / plots.PLOTS).mkdir())
    monkeypatch.setattr(build, "write_page", lambda run, project, folder, target: target.write_text(run.name))
    return canned


def update(root, *arguments):
    return run(["update", "--as-of", str(NOW), "--project", str(root), *arguments])


def lines(out):
    found = [line.split(": ", 1) for line in out.strip().splitlines()[-5:]]
    assert [word for word, _ in found] == WORDS
    return dict(found)


def test_one_command_brings_rows_run_page_and_record(root, offline, fit, capsys):
    assert update(root, "--offline", str(offline), "--yes") == 3
    out = capsys.readouterr().out
    found = lines(out)
    assert found["Came"].startswith(f"1 new figure: {RANKINGS} 0.75; ")
    assert "revisions: epoch-" in found["Came"]
    assert f"since the run as of {THEN}" in found["Moved"]
    assert "new figures" in found["Why"] or "alone would do" in found["Why"]
    assert found["Broken"].startswith("eci failed (")
    assert "What is new" in out
    assert re.search(r"^written: \d rows$", out, re.MULTILINE)
    newest = list_runs(root / "runs")[-1]
    assert (newest.path / build.PAGE).read_text() == newest.name
    assert (newest.path / plots.PLOTS).is_dir()
    assert newest.name in (root / "runs" / FILE).read_text()
    assert newest.manifest["as_of"] == str(NOW)


def test_the_second_time_nothing_is_new_and_nothing_is_fitted(root, offline, fit, capsys):
    update(root, "--offline", str(offline), "--yes")
    before = files(root)
    (offline / "eci" / "2026-10-01-index.csv").unlink()
    capsys.readouterr()
    assert update(root, "--offline", str(offline)) == 0, "nothing to agree to, so no terminal is needed"
    out = capsys.readouterr().out
    assert "nothing is new and no question is due: nothing to do" in out
    assert lines(out)["Came"].startswith("no new figure")
    assert lines(out)["Moved"].startswith("nothing, because nothing is new")
    assert fit.calls == 1
    assert files(root) == before


def test_a_dry_run_says_what_it_would_do_and_does_nothing(root, offline, fit, capsys):
    before, runs = files(root), len(list_runs(root / "runs"))
    assert update(root, "--offline", str(offline), "--dry-run") == 3
    out = capsys.readouterr().out
    assert re.search(r"would write \d rows, fit \(some minutes\), compare with 2026-09-30-neutral-\w+ and publish", out)
    assert "(not written)" in lines(out)["Came"]
    assert files(root) == before
    assert (fit.calls, len(list_runs(root / "runs"))) == (0, runs)


def test_without_a_terminal_it_asks_for_yes(root, offline, fit, capsys):
    before = files(root)
    assert update(root, "--offline", str(offline)) == 2
    assert "add --yes, or --dry-run" in capsys.readouterr().err
    assert files(root) == before


@pytest.mark.parametrize(("answer", "calls"), [("n\n", 0), ("y\n", 1)])
def test_it_asks_once(root, offline, fit, capsys, monkeypatch, answer, calls):
    asked = io.StringIO(answer)
    asked.isatty = lambda: True
    monkeypatch.setattr("sys.stdin", asked)
    before = files(root)
    assert update(root, "--offline", str(offline)) == 3
    said = capsys.readouterr()
    assert len(re.findall(r"Write \d rows, fit \(some minutes\)", said.err)) == 1
    assert fit.calls == calls
    assert (files(root) == before) is (calls == 0)
    assert ("nothing was written" in said.out) is (calls == 0)
    lines(said.out)


def test_a_refused_run_is_status_1_and_its_rows_stay(root, offline, fit, capsys):
    fit.gates = BAD_GATES
    before, record = files(root), (root / "runs" / FILE).read_text()
    assert update(root, "--offline", str(offline), "--yes") == 1
    out = capsys.readouterr().out
    assert lines(out)["Moved"] == "nothing is published: a gate refused the run, and the rows stay."
    assert "divergences is 3" in lines(out)["Broken"]
    assert "page:" not in out
    assert files(root) != before
    assert (root / "runs" / FILE).read_text() == record


def test_an_interrupted_fit_says_that_the_rows_stay(root, offline, fit, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "fit", interrupted)
    before = files(root)
    assert update(root, "--offline", str(offline), "--yes") == 1
    (said,) = re.findall("^interrupted; kept: (.*)$", capsys.readouterr().err, re.MULTILINE)
    assert "/observations/" in said
    assert "runs/" not in said
    assert files(root) != before


def test_a_page_that_an_interrupt_left_unwritten_is_written_by_the_next_update(root, offline, fit, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(plots, "draw_all", lambda *_: None)
    with monkeypatch.context() as patch:
        patch.setattr(build, "write_page", interrupted)
        assert update(root, "--offline", str(offline), "--yes") == 1
    newest = list_runs(root / "runs")[-1]
    assert not (newest.path / build.PAGE).exists()
    capsys.readouterr()
    assert update(root, "--offline", str(offline), "--dry-run") == 3
    assert f"would write the page of {newest.name}" in capsys.readouterr().out
    assert update(root, "--offline", str(offline), "--yes") == 3
    assert (newest.path / build.PAGE).read_text() == newest.name
    assert fit.calls == 1, "the run is there"
    assert update(root, "--offline", str(offline)) == 3, "nothing to agree to"


def test_json_is_all_that_goes_to_standard_output(root, offline, fit, capsys):
    assert update(root, "--offline", str(offline), "--yes", "--json", "--no-fit") == 3
    told = json.loads(capsys.readouterr().out)
    assert list(told["lines"]) == [word.lower() for word in WORDS]
    assert told["lines"]["moved"] == "nothing, because no fit was asked for."
    assert {f["signal"] for f in told["figures"]} >= {RANKINGS, NOTABLE}
    assert told["broken"]["failed"].keys() == {"eci"}
    assert {one["name"]: one["outcome"] for one in told["sources"]}["vercel"] == "not recorded"
    assert fit.calls == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--as-of", "soon"], "must be a date"),
        (["--as-of", "2999-01-01"], "lies in the future"),
        (["--as-of", "2026-05-31"], "rehearse on a copy"),
        (["--offline", "/nowhere"], "no such folder"),
        (["--offline", ".", "--record", "kept"], "only what is fetched is kept"),
        (["--project", "/nowhere"], "no such folder"),
    ],
)
def test_bad_flags(root, capsys, arguments, words):
    before = files(root)
    assert run(["update", "--project", str(root), *arguments]) == 2
    assert words in capsys.readouterr().err
    assert files(root) == before


def test_from_the_network_one_source_answers_and_the_others_are_named(root, fit, capsys, monkeypatch, tmp_path):
    served = ok(table(epoch.COLUMNS, *MODELS), Last_Modified="Sat, 10 Oct 2026 10:00:00 GMT")
    with serving({urlsplit(epoch.ADDRESS).path: served, urlsplit(eci.ADDRESS).path: status(500)}) as server:
        fast = functools.partial(
            Web, timeout=2.0, attempts=1, patience=2, address=lambda url: server.base + urlsplit(url).path
        )
        monkeypatch.setattr("stackcast.sources.web.Web", fast)
        assert update(root, "--yes", "--no-fit", "--record", str(tmp_path / "kept")) == 3
    text = capsys.readouterr().out
    found = lines(text)
    assert "revisions: epoch-" in found["Came"]
    assert "sources failed, for the reasons in the table above: eci, " in found["Broken"]
    assert "the server answers 500" in " ".join(text.split()), "the table says why"
    kept = [path.relative_to(tmp_path / "kept").as_posix() for path in (tmp_path / "kept").rglob("*.csv")]
    assert kept == ["epoch/2026-10-10-notable_ai_models.csv"]


@pytest.mark.slow
def test_a_real_fit_ends_with_the_five_lines(root, offline, monkeypatch, capsys):
    """Two chains, and draws that are few: whether or not its gates hold, what it says is in order."""
    real = pipeline.fit
    monkeypatch.setattr(pipeline, "fit", functools.partial(real, chains=2, draws=300))
    state = update(root, "--offline", str(offline), "--yes")
    found = lines(capsys.readouterr().out)
    newest = list_runs(root / "runs")[-1]
    assert state == (3 if newest.passed else 1)
    assert (newest.path / build.PAGE).is_file() is newest.passed
    assert (f"since the run as of {THEN}" in found["Moved"]) is newest.passed
