import numpy as np
import pytest
from scipy import stats

from stackcast.graph.data import observe_as_of
from stackcast.graph.design import build_design
from stackcast.graph.evaluate import log_likelihood, states, with_data
from stackcast.graph.paths import claim_paths, loadings, noise, shared_errors
from stackcast.inference import claims
from stackcast.inference.coordinates import Coordinates, half_normal_quantile
from stackcast.inference.points import known_points
from stackcast.likelihoods.base import NUMPY
from tests.toy import TODAY


@pytest.fixture(scope="module")
def coordinates(design, observed):
    return Coordinates(design, observed)


@pytest.fixture(scope="module")
def points(coordinates):
    return points_of(coordinates)


def points_of(coordinates):
    centre, sd = coordinates.prior_moments
    return centre + 0.5 * sd * np.random.default_rng(8).normal(size=(3, coordinates.layout.size))


def variant(project, rows, signals=None):
    """Return the coordinates of the toy with other rows or definitions, points of them, and the data."""
    design = build_design(rows, project.observations.signals | (signals or {}), project.priors, TODAY)
    observed = observe_as_of(design, rows, TODAY)
    coordinates = Coordinates(design, observed)
    return coordinates, points_of(coordinates), observed, observed.data | coordinates.given


def with_first_rows_only(rows, slugs):
    """Return the rows less all but the first of each of these signals."""
    mine = rows["signal"].isin(slugs)
    return rows[~mine | ~rows["signal"].duplicated()]


@pytest.fixture(scope="module")
def data(observed, coordinates):
    return observed.data | coordinates.given


def test_the_log_jacobian_is_that_of_finite_differences_up_to_a_constant(coordinates, points, data):
    def values(y):
        return coordinates.layout.join(coordinates.natural(NUMPY, y, data).params)

    moves = 1e-6 * np.eye(coordinates.layout.size)
    measured = [np.linalg.slogdet((values(y + moves) - values(y - moves)) / 2e-6)[1] for y in points]
    stated = coordinates.natural(NUMPY, points, data).log_jacobian
    assert np.ptp(stated) > 1
    np.testing.assert_allclose(measured - stated, (measured - stated)[0], atol=1e-4)


def test_the_states_are_those_of_the_models_own_transition(coordinates, points, data, design, observed):
    found = coordinates.natural(NUMPY, points, data)
    for mine, own in zip(found.states, states(design, with_data(found.params, observed)), strict=True):
        np.testing.assert_allclose(mine, own, atol=1e-10)


def last_rows(design, observed):
    """Yield (facet, its reference, the quarter of its last row, that row's place), where one row stands in it."""
    rows = observed.rows
    for place, name in enumerate(design.facets):
        slug = next(s for s, d in design.signals.items() if d.measures.facet == name and d.role == "reference")
        mine = rows[rows["signal"] == slug]
        weights = design.grid.weights(mine["period_start"], mine["period_end"])
        quarters = weights.argmax(axis=1)
        last = np.flatnonzero(quarters == quarters.max())
        if len(last) == 1 and (weights[last[0]] > 0).sum() == 1:
            yield place, slug, int(quarters.max()), mine.index[last[0]]


def test_with_a_normal_row_a_facets_last_innovation_is_standard_normal_given_all_else(
    coordinates, points, data, design, observed
):
    layout, tried = coordinates.layout, 0
    for facet, slug, quarter, row in last_rows(design, observed):
        if design.signals[slug].likelihood != "share" or (quarter, facet) not in design.facet_nodes:
            continue
        tried += 1
        node = design.facet_nodes.index((quarter, facet))
        y = np.tile(points[0], (5, 1))
        u = np.linspace(-2, 2, 5)
        y[:, layout.slices["facet_shock"].start + node] = u
        p = coordinates.natural(NUMPY, y, data).params
        log_prior = stats.norm.logpdf(p["facet_shock"][:, node])
        log_density = log_prior + log_likelihood(design, observed, p)[:, row] + 0.5 * u**2
        np.testing.assert_allclose(log_density, log_density[0], atol=1e-8, err_msg=slug)
    assert tried


def test_after_its_last_row_a_facets_coordinates_are_its_innovations(coordinates, points, data, design):
    ahead = np.maximum.accumulate(coordinates.given["anchors_rows"][::-1], axis=0)[::-1]
    free = [i for i, (t, f) in enumerate(design.facet_nodes) if ahead[t, f] == 0]
    bound = [i for i, (t, f) in enumerate(design.facet_nodes) if ahead[t, f] > 0]
    shock = coordinates.natural(NUMPY, points, data).params["facet_shock"]
    own = coordinates.layout.part(points, "facet_shock")
    np.testing.assert_allclose(shock[:, free], own[:, free], atol=1e-12)
    assert np.abs(shock[:, bound] - own[:, bound]).min() > 1e-6


def test_a_path_passes_near_its_rows_however_small_their_noise_is(project, rows):
    slug = "firm-panel-free-choice"
    hard = {slug: project.observations.signals[slug].model_copy(update={"bounds": "hard"})}
    coordinates, points, _, data = variant(project, rows, hard)
    design, layout, given = coordinates.design, coordinates.layout, coordinates.given
    exact = points.copy()
    exact[:, layout.slices["noise"]] = np.log(1e-4)
    exact[:, layout.slices["family_sd"]] = np.log(1e-6)
    facet = design.facets.index(design.signals[slug].measures.facet)
    eta = coordinates.natural(NUMPY, exact, data).states.eta[..., facet]
    at = given["anchors_rows"][:, facet] > 0
    unlabelled = layout.part(exact, "unlabelled")[:, design.bounded.index(slug)]
    level = given["anchors_mean"][at, facet] - unlabelled[:, None] * given["anchors_unlabelled"][at, facet]
    assert at.any()
    assert np.abs(unlabelled).max() > 0.05, "a shift is taken off somewhere"
    np.testing.assert_allclose(eta[:, at], level, atol=1e-3)


def test_with_a_normal_row_a_deviations_last_innovation_is_standard_normal_given_all_else(
    coordinates, points, data, design, observed
):
    layout, tried = coordinates.layout, 0
    rows, given = observed.rows, coordinates.given
    for k, slug in enumerate(design.deviating):
        last = design.grid.size - 1 - int(np.argmax(given["deviations_rows"][::-1, k] > 0))
        if design.signals[slug].likelihood not in ("share", "ratio") or given["deviations_rows"][last, k] != 1:
            continue
        node, mine = design.deviation_nodes.index((last, k)), rows[rows["signal"] == slug]
        weights = design.grid.weights(mine["period_start"], mine["period_end"])
        row = np.flatnonzero(weights[:, last] > 0)
        if len(row) != 1 or (weights[row[0]] > 0).sum() != 1:
            continue
        tried += 1
        y = np.tile(points[0], (5, 1))
        u = np.linspace(-2, 2, 5)
        y[:, layout.slices["deviation_shock"].start + node] = u
        p = coordinates.natural(NUMPY, y, data).params
        log_density = stats.norm.logpdf(p["deviation_shock"][:, node]) + 0.5 * u**2
        log_density = log_density + log_likelihood(design, observed, p)[:, mine.index[row[0]]]
        np.testing.assert_allclose(log_density, log_density[0], atol=1e-8, err_msg=slug)
    assert tried


def test_with_a_normal_row_an_offset_is_standard_normal_given_all_else(project, rows, design):
    coordinates, points, observed, data = variant(project, with_first_rows_only(rows, design.indicators))
    design, layout, rows = coordinates.design, coordinates.layout, observed.rows
    prior = next(q.prior for q in layout.table if q.name == "intercept")
    alone = [
        slug
        for i, slug in enumerate(design.indicators)
        if coordinates.given["offsets_rows"][len(design.secondary_signals) + i] == 1
        and design.signals[slug].likelihood in ("share", "ratio")
        and design.signals[slug].family not in {family for family, _ in design.family_nodes}
    ]
    assert alone == design.indicators
    for slug in alone:
        place, row = design.indicators.index(slug), np.flatnonzero(rows["signal"] == slug)[0]
        y = np.tile(points[0], (5, 1))
        u = np.linspace(-2, 2, 5)
        y[:, layout.slices["intercept"].start + place] = u
        p = coordinates.natural(NUMPY, y, data).params
        log_prior = stats.norm.logpdf(p["intercept"][:, place], prior.mu[place], prior.sigma[place])
        log_density = log_prior + log_likelihood(design, observed, p)[:, row] + 0.5 * u**2
        np.testing.assert_allclose(log_density, log_density[0], atol=1e-8, err_msg=slug)


def exact_claims(coordinates, p, observed):
    """Return mean and covariance of each factor's innovations given its indicators' normal rows."""
    design, layout = coordinates.design, coordinates.layout
    prior, size = next(q.prior for q in layout.table if q.name == "intercept"), design.grid.size
    spread, shared = noise(NUMPY, design, p)[0], shared_errors(NUMPY, design, p)[0]
    for s, name in enumerate(design.factors):
        left = np.zeros((size, size))
        for quarter in range(size):
            alone = {**p, "claim_shock": np.zeros_like(p["claim_shock"]), "claim_mean": 0 * p["claim_mean"]}
            alone["claim_shock"][0, quarter, s] = 1.0
            left[:, quarter] = claim_paths(design, alone)[0, :, s]
        pulls, over, variance, who = [], [], [], []
        for row in known_points(observed):
            slug = design.slugs[row.signal]
            if design.signals[slug].measures.target != name or row.side != 0:
                continue
            i = design.indicators.index(slug)
            loading = loadings(NUMPY, design, p)[0, row.signal]
            pulls.append(loading * row.weight @ left)
            over.append(row.level - prior.mu[i] - row.weight @ (loading * p["claim_mean"][s] + shared[:, row.signal]))
            deviation = p["deviation_sd"][0, design.deviating.index(slug)] if slug in design.deviation_start else 0.0
            error = coordinates.given["claims_error"][i]
            variance.append(spread[row.signal] ** 2 + error + deviation**2)
            who.append(i)
        same = np.equal.outer(who, who)
        noisy = np.diag(variance) + same * prior.sigma[who] ** 2
        if not pulls:
            yield s, np.zeros(size), np.eye(size)
            continue
        gain = np.array(pulls).T @ np.linalg.inv(np.array(pulls) @ np.array(pulls).T + noisy)
        yield s, gain @ over, np.eye(size) - gain @ np.array(pulls)


def test_a_claims_path_is_that_given_its_rows(coordinates, points, data, design, observed, monkeypatch):
    monkeypatch.setattr(claims, "N_INFORMED", design.grid.size)
    whole = Coordinates(design, observed)
    layout, data = whole.layout, observed.data | whole.given
    place = layout.slices["claim_shock"]
    y = np.repeat(points[:1], place.stop - place.start + 1, axis=0)
    y[:, place] = np.vstack([np.zeros(place.stop - place.start), np.eye(place.stop - place.start)])
    shock = whole.natural(NUMPY, y, data).params["claim_shock"]
    linear = (shock[1:] - shock[0]).reshape(design.grid.size, -1, *shock.shape[1:])
    p = {**whole.natural(NUMPY, points[:1], data).params, "claim_mean": observed.data["claim_mean"]}
    for s, mean, covariance in exact_claims(whole, p, observed):
        np.testing.assert_allclose(shock[0, :, s], mean, atol=1e-8)
        root = linear[:, s, :, s]
        np.testing.assert_allclose(root.T @ root, covariance, atol=1e-8)


def test_the_quantile_map_turns_normals_into_half_normals():
    u = np.linspace(-6, 9, 61)
    value = half_normal_quantile(NUMPY, u)
    np.testing.assert_allclose(stats.halfnorm.logsf(value), stats.norm.logsf(u), rtol=1e-8, atol=1e-9)
    assert (np.diff(value) > 0).all()


def test_beyond_a_bound_there_is_as_much_mass_as_in_the_model(project, rows):
    floor, ceiling = "spare-room-rent-ratio", "vacancy-index-any-day"
    few = with_first_rows_only(rows, (floor, ceiling))
    few = few.assign(
        lower=few["lower"].mask(few["signal"] == floor, few["value"]),
        upper=few["upper"].mask(few["signal"] == ceiling, few["value"]),
    )
    coordinates, points, observed, data = variant(project, few)
    design = coordinates.design
    given, layout = coordinates.given, coordinates.layout
    bounded = np.flatnonzero(given["offsets_bounded"])
    assert {coordinates.offsets.slugs[i] for i in bounded} == {floor, ceiling}
    for i in bounded:
        houses = len(design.secondary_signals)
        name, place = ("house", i) if i < houses else ("intercept", i - houses)
        row = np.flatnonzero(observed.rows["signal"] == coordinates.offsets.slugs[i])
        prior = next(q for q in layout.table if q.name == name)

        def mass(p, place=place, name=name, row=row, prior=prior):
            return prior.logpdf(p)[:, place] + log_likelihood(design, observed, p)[:, row].sum(axis=1)

        u = np.linspace(-25, 25, 1001)
        y = np.tile(points[0], (len(u), 1))
        y[:, layout.slices[name].start + place] = u
        found = coordinates.natural(NUMPY, y, data)
        others = jacobian_of_the_others(coordinates, y, data, name, place)
        mine = np.trapezoid(np.exp(mass(found.params) + found.log_jacobian - others), u)
        value = np.linspace(-40, 40, 8001)
        p = {q.name: np.repeat(found.params[q.name][:1], len(value), axis=0) for q in layout.table}
        p[name][:, place] = value
        np.testing.assert_allclose(mine, np.trapezoid(np.exp(mass(p)), value), rtol=1e-3)


def jacobian_of_the_others(coordinates, y, data, name, place):
    """Return the log Jacobian, less the log slope of the one parameter."""
    step = 1e-5 * np.eye(coordinates.layout.size)[coordinates.layout.slices[name].start + place]
    values = coordinates.natural(NUMPY, np.stack([y[0] - step, y[0] + step]), data).params[name][:, place]
    whole = coordinates.natural(NUMPY, y[:1], data).log_jacobian[0]
    return whole - np.log(np.abs(np.diff(values)[0]) / 2e-5)
