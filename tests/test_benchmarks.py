import numpy as np
import pandas as pd
import pytest

from benchmarks.samplers import Case, judge, with_ratios
from benchmarks.store import measure
from model.forecast.prior import prior_draws
from model.inference.sample import STATS, Sampled


def test_the_store_benchmark_measures_what_it_says():
    found = measure(600)
    assert found["rows"] == 600
    assert set(found) == {"rows", "load_s", "as_of_s", "load+as_of_s", "add_row_s", "pandas_s", "ratio"}
    assert all(value > 0 for value in found.values())


def test_the_sampler_benchmark_finds_the_slow_quantity(design, known):
    shape = (2, 200)
    drawn = prior_draws(design, known, 400, 1)
    parameters = {name: array.reshape(*shape, *array.shape[1:]) for name, array in drawn.items()}
    parameters["family_sd"] = np.exp(np.cumsum(np.random.default_rng(2).normal(size=shape), axis=1) / 10)
    stats = {name: np.zeros(shape) for name in STATS} | {"n_steps": np.full(shape, 31)}
    found = judge(Case(design, known), Sampled(parameters, stats, None, 400 * 31), seconds=2.0)
    assert found["slowest"] == "family_sd[0]"
    assert found["min_ess"] < 60 < 250 < found["median_ess"]
    assert found["min_ess_per_s"] == pytest.approx(found["min_ess"] / 2)
    assert found["min_ess_per_1000_gradients"] == pytest.approx(found["min_ess"] / 12.4)
    assert found["steps_a_draw"] == 31


def test_ratios_are_against_nutpie_as_it_comes():
    found = pd.DataFrame({"sampler": ["recipe", "nutpie", "nutpie"], "min_ess_per_s": [30.0, 5.0, 7.0]})
    assert with_ratios(found)["ratio"].tolist() == pytest.approx([5.0, 5 / 6, 7 / 6])
    assert with_ratios(found[:1])["ratio"].isna().all()
