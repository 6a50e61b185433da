"""Parameter recovery: data simulated from a small design are refitted, and intervals cover as they should.

Truth and data come from the prior, so a correct sampler's 90 % intervals cover with probability 0.90 exactly. Quarters
of one state are strongly dependent, so one observed quarter of each facet and claim is looked at per data set, drawn by
a seed: then hits are near to independent and their number near to binomial. The limits are the 0.001 and 0.999
quantiles of that binomial: a correct model is refused in one run of some 500 for each kind of quantity.

Where dependent quantities are looked at together (all quarters of a facet, all scales), the data set is the unit: the
mean share covered per set must lie within 3.5 standard errors of 0.90, the error taken from the spread between sets.
That is the check that sabotaged graphs must fail.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from stackcast.forecast.prior import prior_draws
from stackcast.graph.evaluate import join_chains, states, with_data
from stackcast.inference.retries import ATTEMPTS
from stackcast.inference.sample import SamplerSettings, sample
from stackcast.likelihoods import FAMILIES
from tests.support import simulate

SETS = 20
SETTINGS = SamplerSettings(chains=2, draws=400, tune=300, target_accept=ATTEMPTS[0][1])
MASS, TAIL, ERRORS = 0.9, 0.001, 3.5
MANY = 14
"""Rows from which a facet's course, and so a shift in time, is plain to see."""
SCALES = (
    "innovation_sd_share", "innovation_sd_gap", "half_life", "slope_response", "gap_pull", "effect", "house_sd",
    "loading", "noise", "deviation_sd", "family_sd", "lag_shift", "unlabelled", "equilibrium", "intercept", "house",
)  # fmt: skip


def limits(n):
    return binom.ppf(TAIL, n, MASS) / n, binom.ppf(1 - TAIL, n, MASS) / n


def observed_quarters(design, observed):
    """Quarters (indices) that rows of each facet or claim touch."""
    seen = {name: set() for name in (*design.facets, *design.factors)}
    for name in FAMILIES:
        filled = observed.data[f"{name}_mask"] > 0
        for s, w in zip(observed.data[f"{name}_signal"][filled], observed.data[f"{name}_weight"][filled], strict=True):
            seen[design.signals[design.slugs[s]].measures.target] |= set(np.flatnonzero(w))
    return {name: sorted(quarters) for name, quarters in seen.items()}


def covered(draws, truth):
    low, high = np.quantile(draws, [(1 - MASS) / 2, (1 + MASS) / 2], axis=0)
    return (low <= truth) & (truth <= high)


class Refit:
    """One data set: the truth, the draws, and what is looked at."""

    def __init__(self, compiled, observed, seed, sabotage=lambda design, observed: observed):
        design = compiled.design
        self.truth = prior_draws(design, observed, 1, seed)
        fitted = sabotage(design, simulate(design, observed, self.truth, seed))
        sampled = sample(compiled, fitted, replace(SETTINGS, seed=seed))
        self.divergences = int(sampled.stats["diverging"].sum())
        self.draws = join_chains(sampled.parameters)
        was = states(design, with_data(self.truth, observed))
        now = states(design, with_data(self.draws, observed))
        rng = np.random.default_rng(seed)
        quarters = observed_quarters(design, observed)
        places = {"facets": (design.facets, was.eta, now.eta), "claims": (design.factors, was.theta, now.theta)}
        self.hits, self.sd = {}, {}
        for kind, (names, true, drawn) in places.items():
            index = [i for i, name in enumerate(names) if quarters[name]]  # a claim may have no indicator
            at = [int(rng.choice(quarters[names[i]])) for i in index]
            self.hits[kind] = covered(drawn[:, at, index], true[0, at, index])
            self.sd[kind] = drawn[:, at, index].std(axis=0)
        self.every = {
            name: covered(now.eta[:, quarters[name], i], was.eta[0, quarters[name], i])
            for i, name in enumerate(design.facets)
        }
        self.hits["scales"] = np.concatenate([covered(self.draws[n], self.truth[n][0]).ravel() for n in SCALES])


@pytest.fixture(scope="module")
def refits(compiled, observed):
    return [Refit(compiled, observed, 1000 + i) for i in range(SETS)]


def share(refits, kind):
    hits = np.concatenate([np.ravel(r.hits[kind]) for r in refits])
    return hits.mean(), len(hits)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["facets", "claims"])
def test_intervals_of_states_cover(refits, kind):
    found, n = share(refits, kind)
    low, high = limits(n)
    assert low <= found <= high, f"{kind}: {found:.3f} of {n} covered, expected {low:.3f} to {high:.3f}"


def distance(by_set):
    """Return how many standard errors the mean share covered lies from what it should be."""
    error = max(np.std(by_set, ddof=1) / np.sqrt(len(by_set)), 0.005)
    return (np.mean(by_set) - MASS) / error


def by_set(refits, facets):
    return [np.mean([r.every[f].mean() for f in facets]) for r in refits]


def rows_by_role(design, observed):
    """Number of rows of each facet, and of those the number from secondary signals."""
    definitions = [design.signals[s] for s in observed.rows["signal"]]
    targets = [(d.measures.facet, d.role) for d in definitions]
    every = {f: sum(t == f for t, _ in targets) for f in design.facets}
    return every, {f: targets.count((f, "secondary")) for f in design.facets}


def touched_by(sabotage, design, observed):
    """Return the facets on which a sabotage must show, by what it does and by how many rows there are."""
    every, secondary_facets = rows_by_role(design, observed)
    return {
        flip_references: [f for f in design.facets if f not in design.gaps],
        shift_a_year: [f for f in design.facets if every[f] > MANY],
        drop_house_effects: [f for f in design.facets if f not in design.gaps and 3 * secondary_facets[f] >= every[f]],
    }[sabotage]


@pytest.mark.slow
def test_intervals_of_scales_cover(refits):
    shares = [r.hits["scales"].mean() for r in refits]
    assert abs(distance(shares)) < ERRORS, f"{np.mean(shares):.3f} covered, {distance(shares):.1f} errors off"


@pytest.mark.slow
def test_divergences_are_few(refits):
    """Failures are counted, never dropped: worlds of the prior are wild, and no ladder is climbed here."""
    found = np.array([r.divergences for r in refits])
    draws = SETTINGS.chains * SETTINGS.draws
    assert found.sum() <= 0.002 * draws * SETS, found.tolist()
    assert found.max() <= 0.01 * draws, found.tolist()


@pytest.mark.slow
def test_posteriors_are_narrower_where_data_are_many(refits, design, observed):
    wide = states(design, with_data(prior_draws(design, observed, 2000, 1), observed)).eta.std(axis=0).min(axis=0)
    counts = observed.rows["signal"].map(lambda s: design.signals[s].measures.target).value_counts()
    many = [i for i, name in enumerate(design.facets) if counts[name] >= 9]
    assert len(many) >= 2
    narrow = np.median([r.sd["facets"] for r in refits], axis=0)
    assert (narrow[many] < 0.5 * wide[many]).all(), dict(zip(design.facets, narrow / wide, strict=True))


def flip_references(design, observed):
    """What a graph with the sign of every reference share flipped would read: figures mirrored on the logit scale."""
    data = dict(observed.data)
    for name in ("counts", "share"):
        roles = np.array([design.signals[design.slugs[s]].role == "reference" for s in data[f"{name}_signal"]])
        y, place = data[f"{name}_y"].copy(), roles & (data[f"{name}_mask"] > 0)
        y[place] = data["counts_trials"][place] - y[place] if name == "counts" else -y[place]
        data[f"{name}_y"] = y
    return replace(observed, data=data)


def shift_a_year(design, observed):
    """Every row one year early."""
    data = dict(observed.data)
    for name in FAMILIES:
        weight = data[f"{name}_weight"]
        early = np.concatenate([weight[:, 4:], np.zeros_like(weight[:, :4])], axis=1)
        early[:, 0] += weight[:, :4].sum(axis=1)
        data[f"{name}_weight"] = early
    return replace(observed, data=data)


def drop_house_effects(design, observed):
    """Rows of a share's further sources stand as if they were its reference's."""
    data = dict(observed.data)
    reference = {d.measures.facet: s for s, d in design.signals.items() if d.role == "reference"}
    place = np.arange(len(design.slugs))
    for slug in design.secondary_signals:
        facet = design.signals[slug].measures.facet
        if not design.is_gap(slug):
            place[design.slugs.index(slug)] = design.slugs.index(reference[facet])
    for name in FAMILIES:
        data[f"{name}_signal"] = place[data[f"{name}_signal"]]
    return replace(observed, data=data)


SABOTAGES = (flip_references, shift_a_year, drop_house_effects)


@pytest.mark.slow
@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda f: f.__name__)
def test_intervals_of_whole_facets_cover(refits, design, observed, sabotage):
    """The intact graph passes the check that the sabotaged one fails, on the same facets."""
    off = distance(by_set(refits, touched_by(sabotage, design, observed)))
    assert abs(off) < ERRORS, f"{off:.1f} errors off"


@pytest.mark.slow
@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda f: f.__name__)
def test_the_same_check_fails_on_a_sabotaged_graph(compiled, observed, design, sabotage):
    facets = touched_by(sabotage, design, observed)
    assert facets
    broken = [Refit(compiled, observed, 1000 + i, sabotage) for i in range(SETS)]
    off = distance(by_set(broken, facets))
    assert off < -ERRORS, f"only {off:.1f} errors off in spite of the sabotage"
