"""The contest on earlier series: which figures, by whom, without whom, and its table."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from stackcast.evaluate import earlier_series
from stackcast.evaluate.baselines import BASELINES, Past
from stackcast.evaluate.earlier_laws import of_today
from stackcast.evaluate.earlier_series import (
    DRAWS,
    HORIZONS,
    RIVALS,
    Law,
    cases,
    contest,
    of_posterior,
)
from stackcast.evaluate.earlier_skill import contest_table
from stackcast.evaluate.score import PERSISTENCE
from stackcast.history.pace import EACH, SHARED, pace
from stackcast.history.panel import KINDS, Panel
from stackcast.history.sample import Posterior
from stackcast.history.series import POPULATION
from tests.history.series import LAW, one_series
from tests.history.test_series import simulated_panel
from tests.support import ROOT


def law(draws=64, **changed):
    return {name: np.full(draws, value) for name, value in (LAW | changed).items()}


def test_figures_are_forecast_from_the_third_on_at_horizons_that_a_figure_meets():
    panel = one_series([0, 4, 8, 13, 17, 24], np.zeros(6))
    found = {(case.known, case.target, case.horizon) for case in cases(panel)}
    assert found == {(8, 13, 1), (8, 17, 2), (8, 24, 4), (13, 17, 1), (17, 24, 2)}


@pytest.fixture(scope="module")
def panel():
    return simulated_panel(4, dates=7)


@pytest.fixture(autouse=True, scope="module")
def few_particles():
    """A contest of seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(earlier_series, "PARTICLES", 8)
        yield


@pytest.fixture(scope="module")
def scores(panel):
    return contest(panel, {"law": Law(law(), sees=False)}, seed=1)


def test_every_forecaster_stands_on_the_same_figures(panel, scores):
    assert set(scores["forecaster"]) == {*RIVALS, "law"}
    assert scores.groupby("forecaster").size().nunique() == 1
    assert set(scores["horizon"]) == set(HORIZONS)
    assert len(scores[scores["forecaster"] == "law"]) == len(list(cases(panel)))


def test_a_baseline_is_that_of_the_project(panel, scores):
    import scoringrules

    row = scores[(scores["forecaster"] == "local_level") & (scores["stack"] == "s2") & (scores["horizon"] == 2)].iloc[1]
    quarters = np.arange(0, row["known"] + 1, 4)
    made = BASELINES["local_level"](Past(quarters, panel.y[quarters, 2]), 8)
    assert_allclose(row["crps"], scoringrules.crps_normal(panel.y[row["target"], 2], made.mean, made.sd), rtol=2e-3)


def test_the_law_that_made_the_series_beats_persistence_and_holds_its_intervals(monkeypatch):
    monkeypatch.setattr(earlier_series, "RIVALS", (PERSISTENCE,))
    many = simulated_panel(24, dates=8, seed=8)
    found = contest_table(contest(many, {"law": Law(law(), sees=False)}, seed=1), seed=1)
    here = found[found["group"] == "all"].set_index("forecaster")
    assert here.loc["law", "crps"] < 0.9
    assert here.loc["law", "high"] < 1.0
    assert here.loc["law", ["in_50", "in_80", "in_90"]].to_numpy(float) == pytest.approx([0.5, 0.8, 0.9], abs=0.08)


def test_a_law_that_saw_the_stack_is_weighed_as_if_it_had_not(panel):
    """Draws of two kinds: the stack's own figures favour the one, so without them the other gains by as much."""
    steps = np.where(np.arange(64) % 2, 0.02, 0.4)
    mixed = law(innovation_sd_spread=1e-3) | {"innovation_sd": steps}
    seen = contest(panel, {"law": Law(mixed, sees=True)}, seed=1)
    fresh = contest(panel, {"law": Law(mixed, sees=False)}, seed=1)
    pooled = [table[table["forecaster"] == "law"] for table in (seen, fresh)]
    assert pooled[0]["k_hat"].notna().all()
    assert pooled[1]["k_hat"].isna().all()
    assert (pooled[0]["log_score"] < pooled[1]["log_score"]).mean() > 0.5


def test_where_weights_cannot_be_trusted_the_law_is_sampled_without_the_stack(panel):
    asked = []

    def again(stack):
        asked.append(stack)
        return Posterior(law(), {}, rhat=1.0, ess=500.0, divergences=0)

    wide = law() | {"rest_mean": np.linspace(-40, 40, 64), "rest_sd": np.full(64, 0.3)}
    posterior = Posterior(wide, {}, rhat=1.0, ess=500.0, divergences=0)
    found = contest(panel, {"law": of_posterior(posterior, again)}, seed=1)
    assert asked == ["s0", "s1", "s2", "s3"]
    fresh = contest(panel, {"law": Law(law(), sees=False)}, seed=1)
    columns = ["crps", "log_score", "pit"]
    assert_allclose(found[found["forecaster"] == "law"][columns], fresh[fresh["forecaster"] == "law"][columns])


def test_a_forecast_does_not_read_later_figures(panel):
    changed = Panel(panel.series, panel.known, panel.y.copy(), panel.error, panel.years)
    changed.y[-1] += 5.0
    before, after = (contest(p, {"law": Law(law(), sees=False)}, seed=1) for p in (panel, changed))
    early = (before["target"] < panel.y.shape[0] - 1).to_numpy()
    assert_allclose(before.loc[early, "crps"], after.loc[early, "crps"])
    assert (before.loc[~early, "crps"] != after.loc[~early, "crps"]).all()


def test_the_table_averages_within_a_stack_first():
    base = {"population": "p", "criterion": "c", "source_kind": "census", "horizon": 1, "in_50": True, "in_80": True}
    rows = [
        base | {"forecaster": name, "stack": stack, "known": known, "target": 9, "crps": crps, "crps_share": crps,
                "log_score": -crps, "in_90": crps < 3}
        for name, stack, known, crps in (
            ("persistence", "a", 1, 2.0), ("persistence", "a", 2, 4.0), ("persistence", "b", 1, 1.0),
            ("law", "a", 1, 1.0), ("law", "a", 2, 1.0), ("law", "b", 1, 3.0),
        )
    ]  # fmt: skip
    found = contest_table(pd.DataFrame(rows), seed=1)
    law = found[(found["group"] == "all") & (found["forecaster"] == "law")].iloc[0]
    assert law["crps"] == pytest.approx((1 + 3) / (3 + 1))
    assert law["log_score"] == pytest.approx(((1 + 3) / 2 - 2) / 2)
    assert (law["n"], law["stacks"], law["in_90_stacks"]) == (3, 2, 0.5)
    assert law["in_90"] == pytest.approx(2 / 3)
    assert set(found["group"]) == {"all", "1 year", "1 and 2 years", "attention", "census"} - {"attention"}


def test_the_law_of_today_has_the_intervals_of_measurement_yaml():
    from stackcast.project import Project

    priors = Project.load(ROOT).priors
    p = of_today(priors, seed=1).population
    assert set(p) == set(POPULATION)
    assert all(len(value) == DRAWS for value in p.values())
    scales = priors.declared.scales
    low, high = np.quantile(p["innovation_sd"], [0.05, 0.95])
    assert (low, high) == pytest.approx((scales.innovation_sd_share.low, scales.innovation_sd_share.high), rel=0.1)
    assert p["half_life"][0] * np.exp(1.645 * p["half_life_spread"][0]) == pytest.approx(24, rel=1e-3)
    assert p["jump_rate"].max() < 1e-9


def test_what_is_handed_over_holds_the_spread_only_where_the_graph_has_one_value_a_facet():
    draws = law(20_000, half_life_spread=0.5) | {"start": np.random.default_rng(0).lognormal(np.log(2), 0.1, 20_000)}
    found = pace(Posterior(draws, {}, rhat=1.0, ess=500.0, divergences=0), seed=1)
    assert found.half_life_share.of == EACH
    assert found.half_life_share.high == pytest.approx(LAW["half_life"] * np.exp(1.645 * 0.5), rel=0.03)
    assert found.innovation_sd_share.low == found.innovation_sd_share.high == LAW["innovation_sd"]
    assert (found.start_share.of, found.start_share.low) == (SHARED, pytest.approx(2 * np.exp(-0.1645), rel=0.01))
    assert {kind: found.noise[kind].median for kind in KINDS} == {kind: LAW[f"noise_{kind}"] for kind in KINDS}
    sd = (LAW["innovation_sd"] ** 2 + LAW["jump_rate"] / 4 * LAW["jump_sd"] ** 2) ** 0.5
    assert found.innovation_sd_with_jumps.median == pytest.approx(sd)
    slopes = found.slope_response_with_jumps.median * sd
    assert slopes == pytest.approx(LAW["slope_response"] * LAW["innovation_sd"])
