"""The graph against its NumPy twin: density, gradient, masks, labels, and what sabotage does to them."""

from dataclasses import replace

import numpy as np
import pytest

from stackcast.forecast.prior import prior_draws
from stackcast.graph.data import observe_as_of
from stackcast.graph.design import ROW_ROOM, build_design
from stackcast.graph.evaluate import expected_rows, log_likelihood, log_prior
from stackcast.likelihoods import FAMILIES
from stackcast.priors.schema import Start
from tests.support import prior_point, simulate
from tests.toy import EARLIER, TODAY


@pytest.fixture(scope="module")
def point(design, observed, probe):
    return probe.layout.join({k: v[0] for k, v in prior_point(design, observed, 3).items()})


@pytest.mark.parametrize("prior_scenario", ["neutral", "home", "office"])
@pytest.mark.parametrize("day", [EARLIER, TODAY])
def test_density_and_gradient_are_finite_at_a_jittered_point(design, rows, probe, point, prior_scenario, day):
    jittered = point + 0.1 * np.random.default_rng(1).normal(size=point.size)
    found = probe(jittered, observe_as_of(design, rows, day, prior_scenario))
    assert np.isfinite(found.logp)
    assert np.isfinite(found.gradient).all()
    assert all(np.isfinite(part).all() for part in found.pointwise.values())


def test_the_gradient_is_the_slope_of_the_density(observed, probe, point):
    direction = np.random.default_rng(2).normal(size=point.size)
    direction /= np.linalg.norm(direction)
    ahead, behind = (probe(point + h * direction, observed).logp for h in (1e-5, -1e-5))
    named = dict(zip([q.name for q in probe.layout.table], np.split(direction, _ends(probe)), strict=True))
    assert set(named) == {q.name for q in probe.layout.table}
    assert probe(point, observed).gradient @ direction == pytest.approx((ahead - behind) / 2e-5, rel=1e-3, abs=1e-2)


def _ends(probe):
    return [probe.layout.slices[q.name].stop for q in probe.layout.table[:-1]]


def test_the_graph_is_its_numpy_twin(design, observed, probe):
    for seed in (1, 2, 3):
        p = prior_point(design, observed, seed)
        x = probe.layout.join(p)[0]
        found = probe(x, observed)
        likelihood = log_likelihood(design, observed, p)[0]
        prior = sum(float(part.sum()) for part in log_prior(design, observed, p).values())
        assert found.logp == pytest.approx(likelihood.sum() + prior + probe.logs @ x, rel=1e-8)
        for name in FAMILIES:
            mask = observed.data[f"{name}_mask"] > 0
            mine = likelihood[observed.rows["likelihood"].to_numpy() == name]
            np.testing.assert_allclose(found.pointwise[name][mask], mine, rtol=1e-6, atol=1e-6)


def test_masked_slots_add_exactly_nothing(design, observed, probe, point):
    before = probe(point, observed)
    data = {k: v.copy() for k, v in observed.data.items()}
    for name in FAMILIES:
        empty = data[f"{name}_mask"] == 0
        assert empty.sum() > 0
        assert (before.pointwise[name][empty] == 0).all()
        data[f"{name}_y"][empty] = 0.7
        data[f"{name}_trials"][empty] = 3.0
        data[f"{name}_weight"][empty] = 0.3
        data[f"{name}_signal"][empty] = 5
    after = probe(point, replace(observed, data=data))
    assert after.logp == before.logp
    np.testing.assert_array_equal(after.gradient, before.gradient)


def test_a_half_years_figure_sees_its_half_year_and_not_its_last_day(design, observed):
    p = prior_point(design, observed, 4)
    _, mu, _ = expected_rows(design, observed, p)["share"]
    rows = observed.rows[observed.rows["likelihood"] == "share"].reset_index(drop=True)
    i = rows.index[(rows["signal"] == "attendance-software-share") & (rows["period_end"] == "2020-12-31")][0]
    from stackcast.graph.evaluate import states, with_data
    from stackcast.graph.paths import signal_paths
    from stackcast.likelihoods.base import NUMPY

    given = with_data(p, observed)
    path = signal_paths(NUMPY, design, given, states(design, given))[0, :, design.slugs.index(rows["signal"][i])]
    quarters = [design.grid.labels.index(f"2020-Q{q}") for q in (3, 4)]
    days = np.array([92, 92]) / 184
    assert mu[0, i] == pytest.approx(float(path[quarters] @ days))
    assert mu[0, i] != pytest.approx(float(path[quarters[-1]]))


def test_a_facet_is_its_reference(design, observed):
    from stackcast.graph.evaluate import with_data
    from stackcast.graph.paths import base, loadings
    from stackcast.likelihoods.base import NUMPY

    given = with_data(prior_draws(design, observed, 20, 5), observed)
    b, loading = base(NUMPY, design, given), loadings(NUMPY, design, given)
    for j, (slug, signal) in enumerate(design.signals.items()):
        if signal.role == "reference":
            assert slug not in design.deviation_start
            assert (b[:, j] == 0).all()
            assert (loading[:, j] == signal.measures.sign).all()


def _score(design, observed, truth):
    return float(log_likelihood(design, observed, truth).sum())


@pytest.mark.parametrize("sabotage", ["sign", "quarter", "house"])
def test_data_tell_the_graph_from_a_sabotaged_one(design, observed, sabotage):
    losses = []
    for seed in range(6):
        truth = prior_point(design, observed, 100 + seed)
        data = simulate(design, observed, truth, seed)
        if sabotage == "sign":
            slug = "time-diary-home-days"
            measures = design.signals[slug].measures.model_copy(update={"sign": -1})
            wrong = design.signals | {slug: design.signals[slug].model_copy(update={"measures": measures})}
            score = _score(replace(design, signals=wrong), data, truth)
        elif sabotage == "quarter":
            shifted = {k: np.roll(v, 1, axis=1) if k.endswith("_weight") else v for k, v in data.data.items()}
            score = _score(design, replace(data, data=shifted), truth)
        else:
            score = _score(design, data, truth | {"house": np.zeros_like(truth["house"])})
        losses.append(_score(design, data, truth) - score)
    assert np.mean(losses) > 5, losses


def test_labels_never_positions(project, design, observed, rows):
    signals = project.observations.signals
    shuffled = rows.sample(frac=1.0, random_state=1).reset_index(drop=True)
    other = build_design(shuffled, signals, project.priors, TODAY)
    assert other.coords() == design.coords()
    again = observe_as_of(other, shuffled, TODAY)
    for name, array in observed.data.items():
        np.testing.assert_array_equal(again.data[name], array)


def test_later_rows_are_poison_that_nothing_tastes(design, rows):
    poisoned = rows.copy()
    later = poisoned["published"] > EARLIER.isoformat()
    poisoned.loc[later, ["value", "numerator"]] = [0.123, 1.0]
    assert later.sum() > 10
    clean, spoiled = observe_as_of(design, rows, EARLIER), observe_as_of(design, poisoned, EARLIER)
    assert clean.data.keys() == spoiled.data.keys()
    for name, array in clean.data.items():
        np.testing.assert_array_equal(spoiled.data[name], array)


def test_effects_off_means_that_claims_move_no_facet(design, rows):
    from stackcast.graph.evaluate import states, with_data

    off = observe_as_of(design, rows, TODAY, effects_on=False)
    p = prior_draws(design, off, 10, 6)
    calm = states(design, with_data(p, off)).eta
    moved = states(design, with_data(p | {"claim_shock": p["claim_shock"] + 3.0}, off)).eta
    np.testing.assert_array_equal(calm, moved)
    on = observe_as_of(design, rows, TODAY)
    assert not np.array_equal(calm, states(design, with_data(p, on)).eta)


def test_claims_are_stationary_around_the_prior_scenarios_mean(design, rows):
    from stackcast.graph.evaluate import states, with_data

    observed = observe_as_of(design, rows, TODAY, "home")
    theta = states(design, with_data(prior_draws(design, observed, 6000, 7), observed)).theta
    means = np.array([design.priors.prior_scenarios["home"].means[s] for s in design.factors])
    np.testing.assert_allclose(theta.mean(axis=0) - means, 0.0, atol=0.06)
    np.testing.assert_allclose(theta.std(axis=0), 1.0, atol=0.05)


def test_claims_begin_as_near_their_mean_as_declared_and_spread_from_there(project):
    from stackcast.graph.paths import claim_paths

    rows, signals = project.observations.rows, project.observations.signals
    begin = replace(project.priors, claim_start=Start(sd=0.4, rationale="Seen closely."))
    design = build_design(rows, signals, begin, TODAY)
    shock = np.random.default_rng(3).normal(size=(6000, design.grid.size, len(design.factors)))
    theta = claim_paths(design, {"claim_shock": shock, "claim_mean": np.zeros(len(design.factors))})
    half_lives = np.array([factor.half_life for factor in begin.factors.values()])
    left = 0.25 ** (np.arange(design.grid.size)[:, None] / half_lives)  # rho^(2 t)
    np.testing.assert_allclose(theta.std(axis=0), np.sqrt(1.0 - left * (1.0 - 0.4**2)), atol=0.04)


def test_a_facet_waits_for_its_first_quarter(design, observed):
    from stackcast.graph.evaluate import states, with_data

    eta = states(design, with_data(prior_draws(design, observed, 10, 8), observed)).eta
    for f, (name, first) in enumerate((n, design.facet_start[n]) for n in design.facets):
        assert (eta[:, : first + 1, f] == eta[:, :1, f]).all(), name
        assert (eta[:, first + 1, f] != eta[:, first, f]).all(), name


def test_the_effects_hold_the_declared_signs(design):
    signs = {"H1 -> days.home": 1, "O1.learning -> days.home": -1, "O1.control -> jobs.policies": -1}
    for label, sign in signs.items():
        place = design.edges.index(next(e for e in design.edges if e.label == label))
        assert design.edge_ends[1][place].tolist() == [sign * (f == label.split(" -> ")[1]) for f in design.facets]


def test_a_slot_holds_a_period_whatever_its_vintages(design, rows):
    mine = rows[rows["signal"].isin(design.signals)]
    periods = mine.drop_duplicates(["signal", "period_start", "period_end"])
    assert len(periods) < len(mine), "without a revision in the store this shows nothing"
    assert sum(design.row_capacity.values()) <= len(periods) + ROW_ROOM * len(FAMILIES)
    for day in sorted(set(mine["published"]))[::7]:
        observed = observe_as_of(design, rows, day.date())
        assert len(observed.rows) == sum(observed.data[f"{name}_mask"].sum() for name in FAMILIES)
