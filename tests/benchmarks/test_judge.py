from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.case import Case
from benchmarks.drawn import Drawn
from benchmarks.judge import agreement, judge, moments, quantities
from benchmarks.samplers import with_ratios
from stackcast.forecast.prior import prior_draws

SHAPE = (2, 200)


@pytest.fixture(scope="module")
def drawn(design, observed):
    """Independent draws of the prior, but for one parameter that hardly moves."""
    draws = prior_draws(design, observed, SHAPE[0] * SHAPE[1], 1)
    parameters = {name: array.reshape(*SHAPE, *array.shape[1:]) for name, array in draws.items()}
    parameters["family_sd"] = np.exp(np.cumsum(np.random.default_rng(2).normal(size=SHAPE), axis=1) / 10)
    return Drawn.of(parameters, np.zeros(SHAPE), np.full(SHAPE, 31), 400 * 31 * 4)


def test_the_slow_quantity_is_found_and_every_rate_is_against_all_gradients(design, observed, drawn):
    found = judge(drawn, quantities(Case(design, observed), drawn), seconds=2.0, cpu_seconds=4.0)
    assert found["slowest"] == "family_sd[0]"
    assert found["min_ess"] < 60 < 250 < found["median_ess"]
    assert found["min_ess_per_s"] == pytest.approx(found["min_ess"] / 2)
    assert found["min_ess_per_cpu_s"] == pytest.approx(found["min_ess"] / 4)
    assert found["min_ess_per_1000_gradients"] == pytest.approx(found["min_ess"] / 49.6)
    assert found["steps_a_draw"] == 31


def test_a_quantity_that_is_not_finite_has_no_effective_draws(design, observed, drawn):
    broken = replace(
        drawn, parameters=drawn.parameters | {"family_sd": np.full_like(drawn.parameters["family_sd"], np.nan)}
    )
    found = judge(broken, quantities(Case(design, observed), broken), seconds=2.0, cpu_seconds=4.0)
    assert found["min_ess"] == 0
    assert np.isnan(found["r_hat"])


def test_draws_travel_and_warm_up_took_its_share_of_the_gradients(drawn, tmp_path):
    drawn.save(tmp_path / "1.npz")
    back = Drawn.load(tmp_path / "1.npz")
    assert back.warm_up_share == drawn.warm_up_share == 0.75
    assert back.gradients == 49_600
    assert set(back.parameters) == set(drawn.parameters)
    assert all(np.array_equal(back.parameters[name], array) for name, array in drawn.parameters.items())


def test_samplers_agree_on_one_density_and_not_on_another():
    rng = np.random.default_rng(3)
    one, same, wider, moved = (
        moments({f"x[{i}]": at + sd * rng.normal(size=(4, 500)) for i in range(40)})
        for at, sd in ((0, 1), (0, 1), (0, 1.3), (0.2, 1))
    )
    found = agreement(same, one)
    assert found["max_z"] < 4
    assert 0.7 < found["sd_z"] < 1.3
    assert 0.9 < found["least_sd_ratio"] < found["greatest_sd_ratio"] < 1.1
    assert agreement(wider, one)["least_sd_ratio"] > 1.15
    assert agreement(moved, one)["max_z"] > 6


def test_ratios_are_against_nutpie_as_it_comes():
    found = pd.DataFrame({"sampler": ["recipe", "nutpie", "nutpie"], "min_ess_per_s": [30.0, 5.0, 7.0]})
    assert with_ratios(found)["ratio"].tolist() == pytest.approx([5.0, 5 / 6, 7 / 6])
    assert with_ratios(found[:1])["ratio"].isna().all()
