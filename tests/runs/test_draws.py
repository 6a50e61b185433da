"""Thinned draws: one definition of facets, layers, claims and chains, whoever reads them."""

import dataclasses

import numpy as np
import pytest

from stackcast.forecast.claims import claim_values, strength
from stackcast.forecast.openness import STACK, is_high, latent, printed
from stackcast.priors.schema import Scale
from stackcast.runs.draws import KEPT, Draws, read_draws, thinned, write_draws
from tests.support import CHAINS, canned_trajectories, latest_day

SCALE = Scale(unit="Elo points", per_unit=400 / np.log(10))


@pytest.mark.parametrize("total", [7, KEPT, 4 * KEPT, 4 * KEPT + 3])
def test_thinning_is_even_and_keeps_both_ends(total):
    places = thinned(total)
    assert len(places) == min(KEPT, total)
    assert (places[0], places[-1]) == (0, total - 1)
    assert len(set(places)) == len(places)
    assert np.ptp(np.diff(places)) <= 1


@pytest.mark.parametrize("scale", [None, SCALE], ids=["share", "gap"])
def test_a_state_is_printed_and_read_back(scale):
    states = np.array([-2.0, 0.0, 0.3])
    assert [latent(value, scale) for value in printed(states, scale)] == pytest.approx(states)
    assert is_high(printed(states, scale), gap=scale is not None).tolist() == (
        [False, False, True] if scale is None else [True, True, False]
    )


def test_a_claim_of_independent_parts_keeps_their_sd():
    parts = np.random.default_rng(1).standard_normal((100_000, 3))
    assert strength(parts).std() == pytest.approx(1, abs=0.01)
    np.testing.assert_array_equal(strength(parts[:, :1]), parts[:, 0])


def test_the_tables_and_the_draws_state_the_same(whole_run):
    draws = whole_run.draws
    for table, paths, unit in (
        (whole_run.facets, draws.facets, {name: scale.per_unit for name, scale in whole_run.scales.items()}),
        (whole_run.layers, draws.layers, {}),
        (whole_run.claims, draws.claims, {}),
    ):
        assert set(table["name"]) == set(paths)
        for name, day in whole_run.horizons.items():
            assert name in ("now", "near", "far")
            stated = table[table["date"] == day].set_index("name")["mean"]
            for thing, mean in stated.items():
                found = paths[thing][:, draws.place(day)].mean()
                assert found == pytest.approx(mean * unit.get(thing, 1.0), rel=1e-4, abs=1e-5)


def test_chances_are_those_of_the_tables(whole_run):
    draws, day = whole_run.draws, whole_run.horizons["far"]
    stated = whole_run.facets.query("date == @day").set_index("name")
    for name, values in draws.facets.items():
        gap = name in whole_run.scales
        chance = is_high(values[:, draws.place(day)], gap=gap).mean()
        assert chance == pytest.approx(stated.loc[name, "p_not_behind" if gap else "p_high"], abs=1e-6)


def test_openness_by_chain_is_the_facets_with_their_chains(whole_run):
    draws = whole_run.draws
    assert draws.openness.dims == ("chain", "draw", "quarter", "facet")
    assert draws.openness.sizes["chain"] == CHAINS
    per_chain = draws.openness.sizes["draw"]
    assert per_chain * CHAINS == len(draws.places)
    for name, values in draws.facets.items():
        found = draws.openness.sel(facet=name).values
        np.testing.assert_array_equal(found, values.reshape(CHAINS, per_chain, -1))


def test_chains_stay_apart_however_unevenly_they_are_thinned(debate, whole_run, tmp_path):
    day = latest_day(debate.root / "observations")
    _, _, trajectories = canned_trajectories(debate, day, draws=KEPT + 200)
    write_draws(trajectories, {}, 3, tmp_path / "draws.nc")
    draws = dataclasses.replace(whole_run.draws, data=read_draws(tmp_path / "draws.nc"))
    counts = np.unique(draws.data["chain"].values, return_counts=True)[1]
    assert counts.sum() == KEPT
    assert draws.openness.shape[:2] == (3, counts.min())
    assert draws.questions == {}
    starts = [(np.flatnonzero(draws.places * 3 // (KEPT + 200) == c)[0]) for c in range(3)]
    name = next(iter(draws.facets))
    np.testing.assert_array_equal(draws.openness.sel(facet=name).values[:, 0], draws.facets[name][starts])


def test_claims_and_weights_are_those_of_the_trajectories(debate, whole_run):
    day = latest_day(debate.root / "observations")
    _, _, trajectories = canned_trajectories(debate, day)
    for name, values in claim_values(trajectories).items():
        np.testing.assert_allclose(whole_run.draws.claims[name], values, rtol=1e-5, atol=1e-6)
    layer = next(name for name in whole_run.draws.layers if name != STACK)
    only = {STACK: {name: float(name == layer) for name in whole_run.draws.weights[STACK]}}
    other = dataclasses.replace(whole_run.draws, weights=dict(whole_run.draws.weights) | only)
    np.testing.assert_allclose(other.layers[STACK], other.layers[layer])
    assert isinstance(other, Draws)
