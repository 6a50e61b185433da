import io
import json
from datetime import date

import pandas as pd
import pytest
from rich.console import Console

from stackcast.forecast.age import FIGURE, FORECAST
from stackcast.graph.selection import MIN_DATES
from stackcast.quarters import Quarter
from stackcast.report.console import forecast as console
from stackcast.report.headline import LAST, headline
from stackcast.report.marks import FORECAST_MEANS, THIN_MEANS, figure
from tests.support import canned_run

PATH = {"date", "mean", "q05", "q25", "q50", "q75", "q95"}


@pytest.fixture(scope="module")
def found(passed_run):
    return json.loads(json.dumps(headline(passed_run), allow_nan=False))


def test_it_carries_what_machines_read(found):
    for key in (
        "as_of",
        "prior_scenario",
        "seed",
        "gates",
        "stack",
        "layers",
        "facets",
        "signals",
        "claims",
        "questions",
    ):
        assert key in found
    assert all(set(gate) == {"value", "limit", "passed"} for gate in found["gates"].values())
    for entry in [
        found["stack"],
        *(e for k in ("layers", "facets", "signals", "claims", "questions") for e in found[k]),
    ]:
        assert entry["name"]
        assert isinstance(entry["prior_only"], bool)


def test_paths_are_dated_quantiles_in_order(found):
    for entry in [found["stack"], *found["layers"], *found["facets"], *found["signals"], *found["claims"]]:
        dates = [record["date"] for record in entry["path"]]
        assert dates == sorted(dates)
        assert dates[-1] == "2025-12-31"
        for record in entry["path"]:
            assert set(record) >= PATH
            assert record["q05"] <= record["q25"] <= record["q50"] <= record["q75"] <= record["q95"]


def test_openness_has_its_probability_and_layers_their_weights(found):
    for entry in (found["stack"], *found["layers"]):
        assert all(0 <= record["p_high"] <= 1 for record in entry["path"])
        assert sum(entry["weights"].values()) == pytest.approx(1)
    for facet in found["facets"]:
        key = "p_high" if facet["kind"] == "share" else "p_not_behind"
        assert all(0 <= record[key] <= 1 for record in facet["path"])


def test_facets_carry_their_last_figure_and_what_now_stands_on(found, passed_run):
    last = passed_run.table("last_figures").set_index("name")
    for facet in found["facets"]:
        assert isinstance(facet["thin"], bool)
        assert facet["stands_on"] in (FIGURE, FORECAST)
        told, row = facet["last_figure"], last.loc[facet["name"]]
        assert set(told) == set(LAST)
        assert (told["value"], told["period_end"]) == (row["value"], row["period_end"])
        ended = Quarter.of(date.fromisoformat(told["period_end"]))
        assert (ended == Quarter.of(passed_run.as_of)) == (facet["stands_on"] == FIGURE)
        assert (told["dates"] < MIN_DATES) == facet["thin"]
        newer = facet["newer_source"]
        assert newer is None or set(newer) == {"signal", "id", "period_end", "published"}
    by_layer = {}
    for facet in found["facets"]:
        if facet["kind"] == "share":
            by_layer.setdefault(facet["name"].partition(".")[0], set()).add(facet["stands_on"])
    for layer in found["layers"]:
        assert layer["stands_on"] == (FORECAST if FORECAST in by_layer[layer["name"]] else FIGURE)
    assert found["stack"]["stands_on"] in (FIGURE, FORECAST)


def test_a_facet_that_nobody_has_measured_yet_has_a_last_figure_of_nulls(project, tmp_path):
    told = json.loads(json.dumps(headline(canned_run(project, tmp_path, date(2020, 6, 30))), allow_nan=False))
    facet = next(f for f in told["facets"] if f["name"] == "jobs.policies")
    assert facet["last_figure"]["signal"] == "firm-panel-free-choice"
    assert facet["last_figure"]["dates"] == 0
    assert {facet["last_figure"][key] for key in ("id", "value", "side", "period_end", "days")} == {None}
    assert (facet["thin"], facet["stands_on"]) == (True, FORECAST)


def test_the_terminal_shows_age_within_a_hundred_columns(passed_run, monkeypatch):
    real = type(passed_run).table
    hostile = "[red]x[/red]"

    def spoiled(self, name):
        table = real(self, name)
        if name == "facets":
            return table.assign(thin=table["name"] == table["name"].iloc[0])
        return table.assign(newer_id="a", newer_signal=hostile) if name == "last_figures" else table

    monkeypatch.setattr(type(passed_run), "table", spoiled)
    out = io.StringIO()
    monkeypatch.setattr(console, "terminal", lambda: Console(file=out, width=100))
    console.print_headline(passed_run)
    text = out.getvalue()
    assert max(map(len, text.splitlines())) <= 100
    facets = text[text.index("Facets") : text.index("Layers")]
    last = real(passed_run, "last_figures")
    assert all(row["name"] in facets for row in last.to_dict("records")), "no name is cut"
    assert all(
        figure(row, passed_run.scales) in facets and row["period_end"] in facets for row in last.to_dict("records")
    )
    first = real(passed_run, "facets").drop_duplicates("name")
    assert facets.count(f"{FORECAST} (") == (first["stands_on"] == FORECAST).sum() > 0
    assert facets.count("thin, ") == 1
    assert FORECAST_MEANS in facets
    assert THIN_MEANS in facets
    assert hostile in facets


def test_columns_set_the_width_where_there_is_no_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "91")
    assert console.terminal().width == 91
    monkeypatch.delenv("COLUMNS")
    assert console.terminal().width == 140


def test_claims_stand_beside_their_priors(found):
    assert [claim["name"] for claim in found["claims"]] == ["H1", "O1", "O1.learning", "O1.control"]
    for claim in found["claims"]:
        assert set(claim["p_operates"]) == {"prior", "posterior"}
        assert len(claim["prior"]) == len(claim["posterior"])
        assert set(claim["prior"][0]) >= PATH


def test_questions_have_probabilities(found):
    assert len(found["questions"]) == 2
    assert all(0 <= q["probability"] <= 1 for q in found["questions"])


def test_the_terminal_shows_markup_in_data_as_text(passed_run, monkeypatch):
    hostile = "[red]$x^2$[/red] <script>"
    real = type(passed_run).table

    def spoiled(self, name):
        table = real(self, name)
        return table.assign(title=hostile) if name == "questions" else table

    monkeypatch.setattr(type(passed_run), "table", spoiled)
    out = io.StringIO()
    monkeypatch.setattr(console, "terminal", lambda: Console(file=out, width=200))
    console.print_headline(passed_run)
    assert hostile in out.getvalue()
    assert "P(done at home)" in out.getvalue()


def test_prior_only_is_said_wherever_it_is_the_truth(passed_run, monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(console, "terminal", lambda: Console(file=out, width=200))
    console.print_headline(passed_run)
    flagged = passed_run.table("facets").drop_duplicates("name")
    assert flagged["prior_only"].all(), "a posterior that is the prior is prior only"
    assert out.getvalue().count("prior only") >= len(flagged)


def test_convergence_compares_the_prior_scenarios(project, runs_folder):
    from stackcast.explain.prior_scenarios import convergence, opposed
    from stackcast.runs.folder import list_runs

    runs = {r.manifest["prior_scenario"]: r for r in list_runs(runs_folder) if r.passed}
    assert opposed(project.priors.prior_scenarios) == ("home", "office")
    assert opposed(["neutral", "home"]) is None
    table = convergence(runs["home"], runs["office"])
    assert isinstance(table, pd.DataFrame)
    claims = table[table["name"].isin(["H1", "O1"])]
    # the canned posterior is the prior drawn with another seed, so nothing has converged
    assert claims["ratio"].between(0.7, 1.3).all()


def test_the_title_of_the_layers_says_which_way_and_what_it_stands_on(passed_run):
    from stackcast.report.plots.layers import _headline

    table = passed_run.table("layers").assign(prior_only=False, stands_on="forecast", p_high=0.2)
    title = _headline(table, passed_run.horizons, passed_run.debate)
    assert "home now, forecast (" in title
    assert "by the end of 2025 it is likelier done at the office: P(done at home) = 20" in title
