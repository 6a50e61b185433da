"""The terminal: rivals with log scores, unseen outcomes first; a score card with both yardsticks; the track record."""

import io
from datetime import date

import pytest
from rich.console import Console

from stackcast.cli.app import run as command
from stackcast.evaluate.backtest import Backtest, score_origin
from stackcast.evaluate.skill import skill_table
from stackcast.priors.debate import Evaluation, SeenUntil
from stackcast.report.console import backtest, forecast, record
from stackcast.report.over_weights import OVER_WEIGHTS_MEANS, over_weights
from stackcast.report.page.parts import verdict
from stackcast.report.page.section import Source
from stackcast.report.wording import bare_percent, percent
from stackcast.runs.track_record import append_headline
from tests.support import canned_run
from tests.toy import TODAY

DAY = date(2023, 3, 31)


@pytest.fixture
def printed(monkeypatch):
    """What is printed, on a wide terminal."""
    out = io.StringIO()
    for module in (backtest, forecast, record):
        monkeypatch.setattr(module, "terminal", lambda: Console(file=out, width=260))
    return out


@pytest.fixture(scope="module")
def skill(project, tmp_path_factory):
    origin = date(2022, 9, 30)
    run = canned_run(project, tmp_path_factory.mktemp("skill"), origin)
    figures = score_origin(run, project, origin).assign(variant="full", run=run.name)
    declared = Evaluation(seen=(SeenUntil(until=DAY, reason="looked at"),))
    return figures, skill_table(figures, 1, declared)


def test_a_backtest_prints_unseen_outcomes_first_with_every_rival_and_its_log_score(printed, skill):
    figures, table = skill
    found = Backtest(figures, figures[["variant", "run"]].head(1).assign(passed=True, origin=str(DAY)), figures.head(0))
    backtest.print_backtest(found, {"full": table}, None)
    text = printed.getvalue()
    places = [
        text.index(word) for word in (f"unseen, after {DAY}", f"seen, by {DAY}: overall", "where it wins and loses")
    ]
    assert places == sorted(places)
    mine = table[(table["rival"] == "one_series") & (table["name"] == f"unseen, after {DAY}: overall")].iloc[0]
    row = next(line for line in text.splitlines() if line.startswith("│ one_series"))
    assert f"{mine['relative_crps']:.2f}" in row
    assert f"{mine['log_score']:+.2f}, {mine['log_score_median']:+.2f}" in row
    groups = text[text.index("where it wins and loses") :]
    assert "persistence" in groups
    assert "local_level" in groups


def test_the_headline_shows_layers_with_what_other_weights_give(printed, passed_run, monkeypatch):
    real = type(passed_run).table

    def sure(self, name):
        table = real(self, name)
        return table.assign(p_high=0.0, p_high_weights=0.126, p_high_simplex=0.9999) if name == "layers" else table

    monkeypatch.setattr(type(passed_run), "table", sure)
    forecast.print_headline(passed_run)
    text = printed.getvalue()
    layers = text[text.index("Layers, at") : text.index("P(done at home)")]
    for low, high in over_weights(passed_run).values():
        assert f"{bare_percent(low)} to {bare_percent(high)} by weights" in layers
    assert OVER_WEIGHTS_MEANS in " ".join(layers.split())
    assert "by weights" not in text[: text.index("Layers, at")], "a facet has no weights"
    assert "< 1\u00a0% (0.13, > 99\u00a0%)" in text
    assert "P(reads above neutral)" in text


def test_the_verdict_stands_beside_its_range_over_weights(passed_run, project, tmp_path):
    found = verdict.section(Source(passed_run, project, tmp_path)).finding
    low, high = over_weights(passed_run)["stack", passed_run.horizons["now"]]
    whole = passed_run.layers[passed_run.layers["name"] == "stack"].set_index("date").loc[passed_run.horizons["far"]]
    assert f"its facets run from {percent(low)} to {percent(high)}" in found
    others = f"({percent(whole['p_high_weights'])} with others like them, {percent(whole['p_high_simplex'])} with any)"
    assert f"at the declared weights {others}" in found


def test_the_record_prints_every_published_run(copy, passed_run, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("stackcast.project.utc_today", lambda: TODAY)
    append_headline(tmp_path, passed_run, TODAY)
    assert command(["score", "--record", "--project", str(copy), "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "Published runs" in out
    assert "0 scored now, 0 in all; nothing has resolved yet" in out
    assert command(["score", "--record", "--json", "--project", str(copy), "--out", str(tmp_path)]) == 0
    import json

    (one,) = json.loads(capsys.readouterr().out)["runs"]
    assert (one["run"], one["resolved"], one["brier"], one["unseen"]) == (passed_run.name, 0, None, None)
