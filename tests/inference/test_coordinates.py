import numpy as np
import pytest
from scipy import stats

from model.families import FAMILIES
from model.families.base import NUMPY
from model.inference.coordinates import Coordinates, half_normal_quantile
from model.posterior.moments import log_likelihood, states, with_data


@pytest.fixture(scope="module")
def coordinates(design, known):
    return Coordinates(design, known)


@pytest.fixture(scope="module")
def points(coordinates):
    centre, sd = coordinates.prior_moments
    return centre + 0.5 * sd * np.random.default_rng(8).normal(size=(3, coordinates.layout.size))


@pytest.fixture(scope="module")
def data(known, coordinates):
    return known.data | coordinates.given


def test_the_log_jacobian_is_that_of_finite_differences_up_to_a_constant(coordinates, points, data):
    def values(y):
        return coordinates.layout.join(coordinates.natural(NUMPY, y, data).params)

    moves = 1e-6 * np.eye(coordinates.layout.size)
    measured = [np.linalg.slogdet((values(y + moves) - values(y - moves)) / 2e-6)[1] for y in points]
    stated = coordinates.natural(NUMPY, points, data).log_jacobian
    assert np.ptp(stated) > 1
    np.testing.assert_allclose(measured - stated, (measured - stated)[0], atol=1e-4)


def test_the_states_are_those_of_the_models_own_step(coordinates, points, data, design, known):
    found = coordinates.natural(NUMPY, points, data)
    for mine, own in zip(found.states, states(design, with_data(found.params, known)), strict=True):
        np.testing.assert_allclose(mine, own, atol=1e-10)


def test_where_a_facet_has_rows_its_level_is_a_coordinate(coordinates, points, data, design):
    held = coordinates.given["anchors_held"] > 0
    moved = points.copy()
    layout, rng = coordinates.layout, np.random.default_rng(5)
    for name in ("rest", "half_life", "effect", "claim_shock", "slope_z", "slope_response", "gap_pull"):
        part = moved[:, layout.slices[name]]
        part += 0.5 * rng.normal(size=part.shape)
    before, after = (coordinates.natural(NUMPY, y, data).states.eta for y in (points, moved))
    assert 0 < held.sum() < held.size
    np.testing.assert_allclose(after[:, held], before[:, held], atol=1e-10)
    assert np.abs(after - before).max() > 0.05


def test_anchored_quarters_run_from_the_first_row_to_the_last(coordinates, design, known):
    held, wanted = coordinates.given["anchors_held"], np.zeros((design.grid.size, len(design.facets)))
    for name in FAMILIES:
        for row in np.flatnonzero(known.data[f"{name}_mask"]):
            target = design.signals[design.slugs[known.data[f"{name}_signal"][row]]].measures.facet
            if target is not None:
                wanted[known.data[f"{name}_weight"][row] > 0, design.facets.index(target)] = 1
    starts = np.array([design.facet_start[name] for name in design.facets])
    wanted[np.arange(design.grid.size)[:, None] < starts] = 0
    for mine, rows in zip(held.T, wanted.T, strict=True):
        quarters = np.flatnonzero(rows)
        np.testing.assert_array_equal(np.flatnonzero(mine), np.arange(quarters[0], quarters[-1] + 1))


def test_with_a_normal_row_an_offset_is_standard_normal_given_all_else(coordinates, points, data, design, known):
    layout, rows = coordinates.layout, known.rows
    prior = next(q.prior for q in layout.table if q.name == "intercept")
    alone = [
        slug
        for i, slug in enumerate(design.indicators)
        if coordinates.given["offsets_rows"][len(design.sources) + i] == 1
        and design.signals[slug].likelihood in ("share", "ratio")
        and design.signals[slug].family not in {family for family, _ in design.family_nodes}
    ]
    assert len(alone) > 3
    for slug in alone:
        place, row = design.indicators.index(slug), np.flatnonzero(rows["signal"] == slug)[0]
        y = np.tile(points[0], (5, 1))
        u = np.linspace(-2, 2, 5)
        y[:, layout.slices["intercept"].start + place] = u
        p = coordinates.natural(NUMPY, y, data).params
        log_prior = stats.norm.logpdf(p["intercept"][:, place], prior.mu[place], prior.sigma[place])
        log_density = log_prior + log_likelihood(design, known, p)[:, row] + 0.5 * u**2
        np.testing.assert_allclose(log_density, log_density[0], atol=1e-8, err_msg=slug)


def test_the_quantile_map_turns_normals_into_half_normals():
    u = np.linspace(-6, 9, 61)
    value = half_normal_quantile(NUMPY, u)
    np.testing.assert_allclose(stats.halfnorm.logsf(value), stats.norm.logsf(u), rtol=1e-8, atol=1e-9)
    assert (np.diff(value) > 0).all()


def test_beyond_a_wall_there_is_as_much_mass_as_in_the_model(coordinates, points, data, design, known):
    given, layout = coordinates.given, coordinates.layout
    walls = np.flatnonzero(given["offsets_wall"])
    assert len(walls)
    for i in walls:
        name, place = ("house", i) if i < len(design.sources) else ("intercept", i - len(design.sources))
        row = np.flatnonzero(known.rows["signal"] == coordinates.offsets.slugs[i])
        prior = next(q for q in layout.table if q.name == name)

        def mass(p, place=place, name=name, row=row, prior=prior):
            return prior.logpdf(p)[:, place] + log_likelihood(design, known, p)[:, row].sum(axis=1)

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
