from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from stackcast.compiled.pymc_model import Effort
from stackcast.history.cross_section import (
    FREEDOM,
    ROOM,
    TAIL,
    Beliefs,
    compile_cross_section,
    covariance,
    cross_section,
    model_data,
)
from tests.history.worlds import FORCES, LAYERS, clear_truth, drawn_truth, with_error, world

EFFORT = Effort(chains=2, draws=500, tune=300)
WIDE = Beliefs(effect=1.0, hindsight=0.0)


@pytest.fixture(scope="module")
def evidence():
    return world(np.random.default_rng(3), clear_truth(), stacks=60)


@pytest.fixture(scope="module")
def section(evidence):
    return compile_cross_section(evidence, Beliefs())


@pytest.fixture(scope="module")
def fitted(section, evidence):
    return section.under(WIDE).fit(evidence, 1, EFFORT)


def density(evidence, beliefs, rows, values):
    """Return PyMC's own log density at natural values, with a model of so many rows."""
    model = cross_section(rows, len(LAYERS), len(FORCES), beliefs.free_signs)
    with model:
        for name, array in model_data(evidence, beliefs, rows).items():
            model.set_data(name, array)
    point = {
        model.rvs_to_values[model[name]].name: np.log(value) if model.rvs_to_transforms[model[name]] else value
        for name, value in values.items()
    }
    return float(model.compile_logp(mode="FAST_COMPILE")(point))


def values_of(rng):
    return {
        "base": np.array(0.3), "spread": np.array(0.7), "offset": rng.standard_normal(len(LAYERS)),
        "effect_unit": np.abs(rng.standard_normal(len(FORCES))), "residual": np.array(1.1),
        "hindsight_unit": np.array(0.8),
    }  # fmt: skip


def by_hand(evidence, beliefs, values):
    """Return the log likelihood of outcomes and ratings, term by term, up to a constant of the ratings."""
    outcome, scores = evidence.stacks["outcome"].to_numpy(), evidence.scores.to_numpy()
    known = (outcome - outcome.mean()) / outcome.std()
    effects, delta = beliefs.effect * values["effect_unit"], beliefs.hindsight * values["hindsight_unit"]
    honest = scores - delta * known[:, None]
    reliability = np.diag(1 - evidence.error_variance)
    half = np.sqrt(reliability * (np.eye(len(effects)) - reliability))
    alpha = evidence.membership @ (values["base"] + values["spread"] * values["offset"])
    variance = effects @ half @ covariance(scores) @ half @ effects
    scale = np.sqrt(values["residual"] ** 2 + evidence.stacks["error"] ** 2 + variance)
    outcomes = stats.t.logpdf(outcome, TAIL, alpha + honest @ reliability @ effects, scale).sum()
    scatter = np.eye(len(effects)) * (FREEDOM - 1) + honest.T @ honest
    return outcomes - 0.5 * (len(outcome) + FREEDOM + len(effects)) * np.linalg.slogdet(scatter)[1]


def test_the_density_is_that_of_the_formulas():
    rng = np.random.default_rng(5)
    seen, other = (values_of(rng) for _ in range(2))
    given = world(rng, drawn_truth(rng), stacks=12)
    other |= {name: seen[name] for name in ("base", "spread", "offset")}
    other["residual"] = np.array(0.6)
    other["hindsight_unit"] = np.array(1.9)
    found = [density(given, Beliefs(), 12, values) for values in (seen, other)]
    prior = [
        stats.halfnorm.logpdf(values["effect_unit"]).sum() + np.log(values["effect_unit"]).sum()
        + stats.halfnorm.logpdf(values["residual"], scale=2) + np.log(values["residual"])
        + stats.halfnorm.logpdf(values["hindsight_unit"]) + np.log(values["hindsight_unit"])
        for values in (seen, other)
    ]  # fmt: skip
    expected = [by_hand(given, Beliefs(), values) for values in (seen, other)]
    assert found[0] - found[1] == pytest.approx(prior[0] - prior[1] + expected[0] - expected[1], abs=1e-8)


def test_rows_that_fill_the_model_up_do_not_matter():
    rng = np.random.default_rng(6)
    given, values = world(rng, drawn_truth(rng), stacks=11), values_of(rng)
    exact, roomy = (density(given, Beliefs(), rows, values) for rows in (11, ROOM))
    assert roomy == pytest.approx(exact, abs=1e-9)


def test_a_stack_left_out_does_not_matter(section, evidence):
    few = Effort(chains=1, draws=50, tune=50)
    slugs = evidence.stacks.index
    other = replace(
        evidence, stacks=evidence.stacks.assign(outcome=evidence.stacks["outcome"].where(slugs != "stack0", 9))
    )
    first, again, whole = (section.fit(given, 1, few).effects for given in (
        evidence.of(slugs[1:]), other.of(slugs[1:]), other,
    ))  # fmt: skip
    np.testing.assert_array_equal(first, again)
    assert (first != whole).any()


def test_effects_layers_and_residual_come_back(fitted):
    truth = clear_truth()
    low, high = np.quantile(fitted.effects, [0.01, 0.99], axis=0)
    assert (truth["effects"] < high).all()
    assert (truth["effects"][:4] > low[:4]).all()
    assert fitted.effects.mean(axis=0)[:2].min() > 2 * fitted.effects.mean(axis=0)[4:].max()
    assert (np.abs(fitted.alpha.mean(axis=0) - truth["alpha"]) < 3 * fitted.alpha.std(axis=0)).all()
    assert fitted.sampled.divergences == 0


def test_effects_have_the_debates_sign_unless_signs_are_free(fitted, evidence):
    assert (fitted.effects > 0).all()
    turned = replace(evidence, scores=-evidence.scores)
    beliefs = replace(WIDE, free_signs=True)
    free = compile_cross_section(turned, beliefs).fit(turned, 1, EFFORT)
    assert (free.effects.mean(axis=0)[:2] < -0.5).all()


def test_hindsight_takes_back_a_part_of_what_the_scores_owe_to_the_outcome(section):
    truth = clear_truth() | {"effects": np.zeros(len(FORCES)), "residual": 1.5}
    told, blind = (
        with_error(world(np.random.default_rng(4), truth | {"hindsight": slope}, stacks=60), 0.3) for slope in (0.5, 0)
    )
    doubting = section.under(Beliefs(hindsight=0.5))
    trusted, doubted = (model.fit(told, 1, EFFORT) for model in (section.under(Beliefs(hindsight=0.0)), doubting))
    assert trusted.effects.sum(axis=1).mean() > 1.15 * doubted.effects.sum(axis=1).mean()
    assert doubted.hindsight.mean() > 2 * doubting.fit(blind, 1, EFFORT).hindsight.mean()


def test_the_same_seed_gives_the_same_draws(section, evidence):
    few = Effort(chains=2, draws=50, tune=50)
    first, again, other = (section.fit(evidence, seed, few).effects for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
