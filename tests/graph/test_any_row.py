"""Whatever row the schema lets pass, the density of the graph and its gradient are finite at every start."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from stackcast.forecast.prior import prior_draws
from stackcast.graph.data import observe_as_of
from stackcast.graph.evaluate import log_likelihood
from stackcast.likelihoods import FAMILIES
from stackcast.likelihoods.base import POINT
from stackcast.observations.schema import Observation, broken_rules
from stackcast.observations.store import as_frame
from tests.toy import TODAY

FIGURES = st.one_of(
    st.sampled_from([0.0, 1.0, 100.0, 5e-324, 1e-300, 1e-9, 1 - 1e-16, 1 - 1e-9, 1e9, 1e300, 1.7e308, -1.0, -999.0]),
    st.floats(0, 1),
    st.floats(allow_nan=False, allow_infinity=False),
)
SIZES = st.one_of(st.none(), st.sampled_from([1.0, 1e9, 1e300]), st.integers(1, 10**6).map(float))
STARTS = 3


@st.composite
def cells(draw, signal):
    """Draw the figures of a row in the signal's unit, among them every end of its range."""
    scale = signal.per_unit if draw(st.booleans()) else 1.0
    value, lower, upper = (max(-1e308, min(1e308, scale * draw(FIGURES))) for _ in range(3))
    given = {"value": value, "lower": min(lower, value), "upper": max(upper, value)}
    drawn = draw(st.sampled_from(["floor", "ceiling", "lower", "upper", "both", "none"]))
    given |= {"floor": {"lower": value}, "ceiling": {"upper": value}}.get(drawn, {})
    kept = {"floor": {"lower"}, "ceiling": {"upper"}, "both": {"lower", "upper"}, "none": set()}.get(drawn, {drawn})
    given = {name: x for name, x in given.items() if name == "value" or name in kept}
    if signal.likelihood == "counts":
        n = draw(st.one_of(st.integers(1, 40), st.sampled_from([1, 10**9])))
        k = draw(st.one_of(st.sampled_from([0, n]), st.integers(0, n)))
        given |= {"numerator": k, "denominator": n, "value": signal.per_unit * k / n}
        given |= {name: value for name, value in (("lower", 0.0), ("upper", signal.per_unit)) if name in given}
    return given | {"n": draw(SIZES)}


def observation(cells):
    fixed = {"id": "x", "source_url": "https://example.org/a"}
    days = {"period_start": "2022-01-01", "period_end": "2022-03-31", "published": "2022-04-15"}
    return Observation.model_validate(fixed | days | cells)


@pytest.fixture(scope="module")
def starts(design, observed):
    return prior_draws(design, observed, STARTS, 3)


def with_row(design, rows, slug, row):
    """Return the data known with this row in the place of all others of its signal, and its place among the rows."""
    new = as_frame([{"signal": slug, **row.model_dump()}])
    new = new.astype(rows.dtypes)
    found = observe_as_of(design, pd.concat([rows[rows["signal"] != slug], new], ignore_index=True), TODAY)
    return found, int(np.flatnonzero(found.rows["signal"] == slug)[0])


def encoded(observed, place):
    name, slot = observed.rows["likelihood"].iloc[place], observed.rows["slot"].iloc[place]
    return {key: float(observed.data[f"{name}_{key}"][slot]) for key in ("y", "error", "side", "unlabelled")}


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(data=st.data())
def test_a_row_that_passes_has_a_finite_density(design, rows, starts, data):
    slug = data.draw(st.sampled_from(sorted(design.signals)))
    signal = design.signals[slug].model_copy(update={"bounds": data.draw(st.sampled_from(["hard", "interval-90"]))})
    row = observation(data.draw(cells(signal)))
    assume(not broken_rules(row, signal, TODAY))
    mine = replace(design, signals=dict(design.signals) | {slug: signal})
    found, place = with_row(mine, rows, slug, row)
    has = encoded(found, place)
    assert all(np.isfinite(x) for x in has.values()), has
    bounds = [x for x in (row.lower, row.upper) if x is not None]
    if any(x != row.value for x in bounds) and signal.likelihood != "counts":
        assert has["error"] > 0 or has["unlabelled"] < 0 or has["side"] != POINT, "bounds never mean exact"
    assert np.isfinite(log_likelihood(mine, found, starts)[:, place]).all()


CORNERS = {
    "counts": [
        {"value": 0, "numerator": 0, "denominator": 1},
        {"value": 1, "numerator": 10**9, "denominator": 10**9, "lower": 0, "upper": 1},
    ],
    "share": [
        {"value": 0, "upper": 5e-324},
        {"value": 1, "lower": 1 - 1e-16},
        {"value": 0.5, "lower": 0, "upper": 1 - 1e-16, "n": 1},
        {"value": 5e-324, "n": 1e300},
    ],
    "gap": [{"value": -900}, {"value": 900, "lower": -900, "upper": 900}],
    "ratio": [
        {"value": 0, "upper": 5e-324},
        {"value": 1e308, "lower": 1e308},
        {"value": 1, "lower": 0, "upper": 1e300},
    ],
}


@pytest.mark.parametrize("name", FAMILIES)
def test_the_gradient_is_finite_in_the_corners_of_the_schema(design, rows, probe, starts, name):
    slug = next(s for s, d in sorted(design.signals.items()) if d.likelihood == name)
    unit = design.signals[slug].per_unit
    for cells in CORNERS[name]:
        row = observation(cells | {key: unit * cells[key] for key in ("value", "lower", "upper") if key in cells})
        assert broken_rules(row, design.signals[slug], date(2026, 1, 1)) == []
        found, _ = with_row(design, rows, slug, row)
        for i in range(STARTS):
            x = probe.layout.join({key: value[i] for key, value in starts.items()})
            at = probe(x + 0.1 * np.random.default_rng(1).normal(size=x.size), found)
            assert np.isfinite(at.logp)
            assert np.isfinite(at.gradient).all()
