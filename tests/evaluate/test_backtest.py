"""A backtest sees nothing of the future, counts what failed, and scores what was first published later."""

import dataclasses
from datetime import date

import numpy as np
import pandas as pd
import pytest

from stackcast.evaluate.backtest import FULL, backtest, choose_origins, score_origin, variants_of
from stackcast.evaluate.baselines import BASELINES
from stackcast.graph.data import observe_as_of
from stackcast.graph.design import build_design
from stackcast.observations.as_of import first_vintages
from tests.support import BAD_GATES, GOOD_GATES, canned_run
from tests.toy import TODAY

ORIGIN = date(2022, 9, 30)


def poisoned(rows, day):
    """Spoil every figure that was published, or retracted, after a day; dates, and which have bounds, stay."""
    later = rows["published"] > pd.Timestamp(day)
    out = rows.copy()
    for column, value in (("value", 0.987), ("lower", 0.98), ("upper", 0.99), ("n", 3.0)):
        out.loc[later & ((column == "value") | (column == "n") | out[column].notna()), column] = value
    counted = later & out["numerator"].notna()
    out.loc[counted, ["numerator", "denominator"]] = (987.0, 1000.0)
    assert later.sum() > 20
    return out


@pytest.mark.parametrize("origin", [date(2021, 3, 31), ORIGIN, date(2022, 12, 31)])
@pytest.mark.parametrize("variant", ["full", "without claims", "home prior scenario", "office prior scenario"])
def test_nothing_published_later_reaches_the_graph(project, origin, variant):
    """What is sampled is a function of these arrays, the design and the seed: equal to the last bit."""
    change = variants_of(project.priors)[variant]
    options = {"effects_on": change.get("effects_on", True)}
    signals, prior_scenario = project.observations.signals, change["prior_scenario"]
    observed = []
    for rows in (project.observations.rows, poisoned(project.observations.rows, origin)):
        design = build_design(rows, signals, project.priors, TODAY)
        observed.append(observe_as_of(design, rows, origin, prior_scenario, **options))
        assert design.coords() == build_design(project.observations.rows, signals, project.priors, TODAY).coords()
    assert observed[0].data.keys() == observed[1].data.keys()
    for name, array in observed[0].data.items():
        assert array.tobytes() == observed[1].data[name].tobytes(), name
    pd.testing.assert_frame_equal(observed[0].rows, observed[1].rows)


def test_forecasts_of_a_poisoned_project_are_equal_to_the_last_bit(project, tmp_path):
    rows = poisoned(project.observations.rows, ORIGIN)
    other = dataclasses.replace(project, observations=dataclasses.replace(project.observations, rows=rows))
    tables = []
    for i, given in enumerate((project, other)):
        run = canned_run(given, tmp_path / str(i), ORIGIN)
        tables.append({p.name: p.read_bytes() for p in sorted(run.path.iterdir()) if p.suffix == ".csv"})
    assert tables[0] == tables[1]


@pytest.fixture(scope="module")
def origin_run(project, tmp_path_factory):
    return canned_run(project, tmp_path_factory.mktemp("origin"), ORIGIN)


@pytest.fixture(scope="module")
def later(project, origin_run):
    """Every later figure with its scores, the model's and the rivals'."""
    return score_origin(origin_run, project, ORIGIN)


def test_rivals_know_what_the_model_knew(project, origin_run, later):
    rows = poisoned(project.observations.rows, ORIGIN)
    other = dataclasses.replace(project, observations=dataclasses.replace(project.observations, rows=rows))
    theirs = score_origin(origin_run, other, ORIGIN)
    both = later.merge(theirs, on="id", suffixes=("", "_poisoned"))
    assert len(both) > 20
    assert (both["crps_persistence"] != both["crps_persistence_poisoned"]).any(), "outcomes differ"
    for name in BASELINES:
        assert (both[f"made_{name}"] == both[f"made_{name}_poisoned"]).all()


def test_each_figure_is_a_first_vintage_after_its_origin(project, later):
    first = set(first_vintages(project.observations.rows)["id"])
    assert set(later["id"]) <= first
    assert (later["published"] > str(ORIGIN)).all()
    assert later["id"].is_unique
    assert {f"crps_{name}" for name in BASELINES} <= set(later)
    assert np.isfinite(later[["crps", "log_score", "pit", "horizon"]].to_numpy(float)).all()


def in_this_process(client, work, tasks, make):
    """Do the tasks here, the last one first: on a cluster they arrive in any order."""
    tool = make()
    for name, task in reversed(tasks.items()):
        yield name, work(tool, task)


def test_failed_fits_are_counted_and_never_scored(project, tmp_path, monkeypatch):
    def fake(given, settings, *, out, session, command):
        gates = BAD_GATES if settings.as_of == ORIGIN else GOOD_GATES
        return canned_run(given, out, settings.as_of, settings.prior_scenario, gates=gates)

    monkeypatch.setattr("stackcast.pipeline.fit", fake)
    monkeypatch.setattr("stackcast.evaluate.cluster.outcomes", in_this_process)
    after = date(2022, 12, 31)
    rows = project.observations.rows
    few = rows[(rows["published"] <= pd.Timestamp(after)) | (rows["signal"] == "trial-output-gap")]
    heard = []
    found = backtest(
        dataclasses.replace(project, observations=dataclasses.replace(project.observations, rows=few)),
        (ORIGIN, after),
        (FULL, "home prior scenario"),
        tmp_path,
        client=None,
        progress=lambda *said: heard.append(said),
    )
    assert found.fits["passed"].tolist() == [False, True, False, True]
    assert set(found.figures["origin"]) == {str(after)}
    assert set(found.figures["variant"]) == {FULL, "home prior scenario"}
    assert found.fits["origin"].tolist() == [str(ORIGIN), str(after)] * 2
    assert [share for share, _ in heard] == [0.0, 0.5, 1.0]


def test_origins_begin_with_enough_data_and_end_a_quarter_ago(project):
    origins = choose_origins(project, TODAY)
    assert origins[-1] == date(2023, 6, 30)
    assert origins == tuple(sorted(origins))
    rows, signals = project.observations.rows, project.observations.signals
    by_then = rows[rows["published"] <= pd.Timestamp(origins[0])]
    facets = {signals[s].measures.facet for s in by_then["signal"]} - {None}
    assert facets == {signals[s].measures.facet for s in rows["signal"]} - {None}, "the toy has no more"


def test_the_report_is_written_whole(project, origin_run, later, tmp_path, capsys):
    from stackcast.evaluate.backtest import Backtest
    from stackcast.evaluate.skill import evidence, skill_table
    from stackcast.report.console.backtest import print_backtest, write_backtest

    figures = later.assign(run="r")
    both = pd.concat([figures.assign(variant=v, log_score=figures["log_score"] + i) for i, v in enumerate((FULL, "x"))])
    fits = pd.DataFrame([{"variant": FULL, "origin": str(ORIGIN), "run": "[red]r", "passed": False}])
    found = Backtest(both, fits, score_origin(origin_run, project, ORIGIN, revised=True).assign(variant=FULL, run="r"))
    skill = {name: skill_table(part, 1) for name, part in both.groupby("variant")}
    for _ in range(2):
        write_backtest(tmp_path / "backtest", found, skill, evidence(both, FULL), {})
    names = {p.name for p in (tmp_path / "backtest").iterdir()}
    assert {"figures.csv", "fits.csv", "skill.csv", "evidence.csv", "calibration.svg", "evidence.png"} <= names
    print_backtest(found, skill, evidence(both, FULL))
    out = capsys.readouterr().out
    assert "1 failed their gates" in out
    assert "[red]r" in out
    assert "hindsight-best" in out
    assert f"{len(found.revisions)} forecasts of figures that were revised later" in out


def test_revisions_are_scored_apart(project, origin_run, later):
    first, last = later, score_origin(origin_run, project, ORIGIN, revised=True)
    assert len(last) > 1
    both = first.merge(last, on=["signal", "period_start", "period_end"], suffixes=("", "_last"))
    assert len(both) == len(last)
    assert (both["published"] < both["published_last"]).all()
    assert (both["value"] != both["value_last"]).any()
    assert not set(first["id"]) & set(last["id"])


def test_fans_show_what_was_known_and_what_came(project, origin_run, later):
    from stackcast.report.plots.hindsight import hindsight

    later = later[later["measures"].str.contains("days")]
    figure = hindsight(
        origin_run.table("signals"), origin_run.table("fitted"), later, project.observations.signals, str(ORIGIN)
    )
    assert len(figure.axes) == later["signal"].nunique()
    assert f"of {len(later)} later figures" in figure.texts[0].get_text()
