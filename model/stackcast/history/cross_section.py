"""The cross-section: what an earlier stack's forces, as rated early, say of its open share at maturity.

For stack i of layer k, with scores r (the raters' mean, in the direction of the debate's higher shares), outcome y and
its error u on the logit:

    y_i ~ t_5(alpha_k + lambda' K (r_i - delta z_i), sqrt(omega^2 + u_i^2 + lambda' V lambda))
    lambda_c = sigma_c h_c, h_c half-normal: the debate's sign; normal where signs are free
    alpha_k ~ N(alpha, tau^2)

The raters measure one strength x_i with an error: K = diag(kappa) is the reliability of their mean, and
E(x | r) = K r, Var(x | r) = V = K^(1/2) (I - K)^(1/2) S K^(1/2) (I - K)^(1/2), so that errors are correlated between
forces as the ratings are (S). Raters may know how a stack ended: delta is what a standard deviation z of the outcome
adds to every score, and ratings without it, r - delta z ~ N(0, S), have S integrated out under an inverse Wishart
prior with mean I. Neither x nor the stacks' residuals are sampled: the posterior has a dozen dimensions and no funnel.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from stackcast.compiled.pymc_model import CompiledModel, Effort, Sampled, compile_model
from stackcast.history.evidence import Evidence

TAIL = 5.0
"""Degrees of freedom of the errors."""
ROOM = 64
"""Stacks are padded to a multiple of this with rows of weight zero: one more stack needs no new compile."""
FREEDOM = 4
"""Degrees of freedom of the prior of the ratings' covariance, above the number of forces."""


@dataclass(frozen=True)
class Beliefs:
    """Priors of the cross-section that are varied.

    Attributes
    ----------
    effect
        Scale of an effect's half-normal, in logit per standard deviation of a score.
    hindsight
        Scale of the half-normal of delta.
    free_signs
        Whether an effect may be of either sign.
    """

    effect: float = 0.35
    hindsight: float = 0.15
    free_signs: bool = False


def cross_section(rows: int, layers: int, forces: int, free_signs: bool) -> Any:
    """Return the PyMC model; its data are zeros to be replaced."""
    import pymc as pm
    import pytensor.tensor as pt

    with pm.Model(check_bounds=False) as model:

        def given(name: str, *shape: int) -> Any:
            return pm.Data(name, np.zeros(shape))

        outcome, error, weight, known = (given(name, rows) for name in ("outcome", "error", "weight", "known"))
        base = pm.Normal("base", 0, 1.5)  # alpha
        spread = pm.HalfNormal("spread", 1)  # tau
        offset = pm.Normal("offset", 0, 1, shape=layers)
        unit = (pm.Normal if free_signs else pm.HalfNormal)("effect_unit", 1, shape=forces)  # h
        residual = pm.HalfNormal("residual", 2)  # omega
        hindsight_unit = pm.HalfNormal("hindsight_unit", 1)
        effect = given("effect_scale", forces) * unit  # lambda
        hindsight = given("hindsight_scale") * hindsight_unit  # delta
        expected = given("reliability", forces) * effect  # K lambda
        location = given("design", rows, layers + forces) @ pt.concatenate([base + spread * offset, expected])
        location -= hindsight * known * expected.sum()
        scale = pt.sqrt(residual**2 + error**2 + effect @ (given("unknown", forces, forces) @ effect))
        pm.Potential("outcomes", (weight * pm.logp(pm.StudentT.dist(nu=TAIL, mu=location, sigma=scale), outcome)).sum())
        linear, square, power = given("linear"), given("square"), given("power")
        # |Psi + sum (r - delta z)(r - delta z)'| over |Psi + sum r r'|: two ranks more
        ratio = (1 - hindsight * linear) ** 2 + hindsight**2 * square
        pm.Potential("ratings", -0.5 * power * pt.log(ratio))
    return model


def model_data(evidence: Evidence, weight: np.ndarray, beliefs: Beliefs) -> dict[str, np.ndarray]:
    """Return the arrays of :func:`cross_section` for the stacks with a weight of one; the others do not matter.

    Parameters
    ----------
    evidence
        Stacks that all have an outcome.
    weight
        (stack) one, or zero for a stack that is left out.
    beliefs
        Scales of the priors.
    """
    kept = weight > 0
    scores, outcome = evidence.scores.to_numpy(), evidence.stacks["outcome"].to_numpy()
    known = (outcome - outcome[kept].mean()) / outcome[kept].std()  # z
    forces = scores.shape[1]
    prior = np.eye(forces) * (FREEDOM - 1)  # Psi: the prior's mean is I
    total = prior + scores[kept].T @ scores[kept]
    half = np.sqrt(evidence.error_variance * evidence.reliability)
    ones, pull = np.ones(forces), scores[kept].T @ known[kept]  # pull = sum r z
    rated = bool(evidence.error_variance.any())
    return {
        **{name: padded(array) for name, array in (("outcome", outcome), ("weight", weight), ("known", known))},
        "error": padded(evidence.stacks["error"].to_numpy(), 1.0),
        "design": padded(np.column_stack([evidence.membership, scores])),
        "effect_scale": np.full(forces, beliefs.effect),
        "hindsight_scale": np.array(beliefs.hindsight),
        "reliability": evidence.reliability,
        "unknown": half[:, None] * total / (kept.sum() + FREEDOM - 1) * half,  # V
        "linear": ones @ np.linalg.solve(total, pull),
        "square": ones
        @ np.linalg.solve(total, ones)
        * (known[kept] @ known[kept] - pull @ np.linalg.solve(total, pull)),
        "power": np.array(rated * (kept.sum() + FREEDOM + forces)),
    }


def padded(array: np.ndarray, filler: float = 0.0) -> np.ndarray:
    """Return an array whose first axis is as long as the model's rows."""
    more = -len(array) % ROOM
    return np.concatenate([array, np.full((more, *array.shape[1:]), filler)])


@dataclass(frozen=True, eq=False)
class CrossSection:
    """A compiled cross-section and the evidence that it is fitted to, whole or in part.

    Attributes
    ----------
    evidence
        Stacks that all have an outcome.
    beliefs
        Scales of the priors.
    code
        The compiled model.
    """

    evidence: Evidence
    beliefs: Beliefs
    code: CompiledModel

    def fit(self, seed: int, effort: Effort, weight: np.ndarray | None = None, cores: int | None = None) -> Sampled:
        """Sample the posterior given the stacks of weight one: all by default."""
        weight = np.ones(len(self.evidence.stacks)) if weight is None else weight
        return self.code.sample(model_data(self.evidence, weight, self.beliefs), seed, effort, cores)


def compile_cross_section(evidence: Evidence, beliefs: Beliefs) -> CrossSection:
    """Return a cross-section of the stacks of the evidence that have an outcome."""
    seen = evidence.with_outcome()
    rows = len(padded(np.zeros(len(seen.stacks))))
    code = compile_model(cross_section, rows, len(seen.layers), seen.scores.shape[1], beliefs.free_signs)
    return CrossSection(seen, beliefs, code)
