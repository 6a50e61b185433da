"""Interventions act on future quarters only, by the model's own step; what nothing is done to stays as it was."""

from datetime import date

import numpy as np
import pytest
from scipy.special import expit

from stackcast.errors import InputError
from stackcast.explain.quantity import quantity_of
from stackcast.forecast.openness import declared_weights
from stackcast.scenario.schema import Intervention, Scenario
from stackcast.scenario.simulate import as_seen, compare, openness_paths, simulate


def scenario(*do, name="one"):
    return Scenario(name=name, title="One", rationale="Why not.", do=[Intervention(**one) for one in do])


def act(what, begin="2024-04-01", **more):
    return {"what": what, "from": begin} | more


def quarter(trajectories, day):
    from stackcast.quarters import Quarter

    return trajectories.design.grid.index(Quarter.of(date.fromisoformat(day)))


def test_doing_nothing_is_the_forecast(trajectories):
    """The loop is the model's own dynamics: a shift of zero gives the baseline."""
    done = simulate(trajectories, scenario(act("O1", shift=0.0), act("days.home", shift=0.0)))
    for name in ("eta", "slope", "theta"):
        np.testing.assert_allclose(getattr(done.states, name), getattr(trajectories.states, name), atol=1e-10)


@pytest.mark.parametrize("one", [act("O1", set=2.0), act("days.home", set=0.9), act("days.output", shift=10.0)])
def test_the_past_stays(trajectories, one):
    done, t = simulate(trajectories, scenario(one)), quarter(trajectories, "2024-04-01")
    for name in ("eta", "slope", "theta"):
        np.testing.assert_allclose(
            getattr(done.states, name)[:, :t], getattr(trajectories.states, name)[:, :t], atol=1e-10
        )
    assert np.abs(done.states.eta[:, t + 1 :] - trajectories.states.eta[:, t + 1 :]).max() > 0.01


def test_a_claim_is_set_and_its_departure_fades(trajectories):
    done = simulate(trajectories, scenario(act("H1", set=2.0, to="2024-12-31")))
    place, last = trajectories.design.factors.index("H1"), quarter(trajectories, "2024-12-31")
    held = slice(quarter(trajectories, "2024-04-01"), last + 1)
    np.testing.assert_allclose(done.states.theta[:, held, place], 2.0)
    left = done.states.theta[..., place] - trajectories.states.theta[..., place]
    memory = trajectories.design.wiring.factor_memory[place]
    np.testing.assert_allclose(left[:, last + 2], left[:, last] * memory**2, rtol=1e-6)


def test_a_claim_of_sub_claims_is_set_as_a_whole(trajectories):
    done = simulate(trajectories, scenario(act("O1", set=1.5)))
    subclaims = [trajectories.design.factors.index(s) for s in trajectories.design.priors.claims["O1"].factors("O1")]
    t = quarter(trajectories, "2025-06-30")
    np.testing.assert_allclose(done.states.theta[:, t, subclaims].sum(axis=-1) / np.sqrt(2), 1.5)


def test_a_facet_is_pinned_in_its_own_unit(trajectories):
    done = simulate(trajectories, scenario(act("days.home", set=0.8), act("days.output", set=-5.0)))
    t = quarter(trajectories, "2026-01-01")
    facets = trajectories.design.facets
    np.testing.assert_allclose(expit(done.states.eta[:, t, facets.index("days.home")]), 0.8)
    np.testing.assert_allclose(done.states.eta[:, t, facets.index("days.output")], -0.05)


def test_effects_go_the_way_that_is_declared(trajectories):
    weights = declared_weights(trajectories.design.priors)
    more, less = (
        simulate(trajectories, scenario(act("O1.control", set=v), name=n)) for v, n in ((2.0, "more"), (-2.0, "less"))
    )
    table = compare(trajectories, [more, less], weights, ["2025-12-31"]).set_index(["scenario", "name"])
    assert table.loc[("less", "jobs"), "change"] > 0 > table.loc[("more", "jobs"), "change"]
    assert table.loc[("more", "days"), "change"] == pytest.approx(0, abs=1e-12)
    assert table.loc[("more", "days"), "error"] == pytest.approx(0, abs=1e-12)


def test_differences_are_paired(trajectories):
    """Unpaired, the error would be that of two means."""
    weights = declared_weights(trajectories.design.priors)
    table = compare(trajectories, [simulate(trajectories, scenario(act("H1", shift=0.3)))], weights, ["2025-12-31"])
    row = table[table["name"] == "stack"].iloc[0]
    base = openness_paths(trajectories, trajectories.states, weights)["stack"][:, quarter(trajectories, "2025-12-31")]
    assert row["error"] < 0.3 * base.std() / np.sqrt(len(base))


def test_what_is_seen_moves_its_causes_and_what_is_done_does_not(passed_run):
    draws = passed_run.draws
    one = scenario(act("days.home", begin="2024-03-31", set=0.7))
    weights = as_seen(draws, one)
    assert weights.mean(quantity_of(draws, "days.home@2024-03-31").draws) == pytest.approx(0.7, abs=0.1)
    with pytest.raises(InputError, match="cannot be seen"):
        as_seen(draws, scenario(act("O1", shift=1.0)))
