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

from dataclasses import dataclass, replace
from typing import Any, Self

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
        coefficients = pt.concatenate([base + spread * offset, expected])  # (layer and force)
        location = (given("design", rows, layers + forces) * coefficients).sum(axis=1)  # (row)
        location -= hindsight * known * expected.sum()
        unknown = (given("unknown", forces, forces) * effect * effect[:, None]).sum()  # lambda' V lambda
        errors = pm.StudentT.dist(nu=TAIL, mu=location, sigma=pt.sqrt(residual**2 + error**2 + unknown))
        pm.Potential("outcomes", (weight * pm.logp(errors, outcome)).sum())
        linear, square, power = given("linear"), given("square"), given("power")
        # |Psi + sum (r - delta z)(r - delta z)'| over |Psi + sum r r'|: two ranks more
        ratio = (1 - hindsight * linear) ** 2 + hindsight**2 * square
        pm.Potential("ratings", -0.5 * power * pt.log(ratio))
    return model


def model_data(evidence: Evidence, beliefs: Beliefs, rows: int) -> dict[str, np.ndarray]:
    """Return the arrays of :func:`cross_section` for stacks that all have an outcome."""
    scores, outcome = evidence.scores.to_numpy(), evidence.stacks["outcome"].to_numpy()
    known = (outcome - outcome.mean()) / outcome.std()  # z
    columns = {
        "outcome": outcome,
        "error": evidence.stacks["error"].to_numpy(),
        "known": known,
        "design": np.column_stack([evidence.membership, scores]),
    }
    rated = evidence.error_variance > 0  # a flag, or an empty column, is rated by nobody
    half = np.sqrt(evidence.error_variance * evidence.reliability)
    return {
        **{name: padded(array, rows) for name, array in columns.items()},
        "weight": (np.arange(rows) < len(outcome)).astype(float),
        "effect_scale": np.full(len(rated), beliefs.effect),
        "hindsight_scale": np.array(beliefs.hindsight),
        "reliability": evidence.reliability,
        "unknown": half[:, None] * covariance(scores) * half,  # V
        **hindsight_terms(scores[:, rated], known),
    }


def hindsight_terms(scores: np.ndarray, known: np.ndarray) -> dict[str, np.ndarray]:
    """Return the numbers of the ratings' density as a function of delta: scores (stack, force), outcomes z (stack)."""
    stacks, forces = scores.shape
    ones, pull = np.ones(forces), scores.T @ known
    inverse = np.linalg.inv(scatter(scores))
    return {
        "linear": np.asarray(ones @ inverse @ pull),
        "square": np.asarray(ones @ inverse @ ones * (known @ known - pull @ inverse @ pull)),
        "power": np.asarray(float(stacks + FREEDOM + forces) if forces else 0.0),
    }


def scatter(scores: np.ndarray) -> np.ndarray:
    """Return the prior's scatter, whose mean is I, and that of the scores around zero: (force, force)."""
    return np.asarray(np.eye(scores.shape[1]) * (FREEDOM - 1) + scores.T @ scores)


def covariance(scores: np.ndarray) -> np.ndarray:
    """Return the posterior mean of the scores' covariance: (force, force)."""
    return scatter(scores) / (len(scores) + FREEDOM - 1)


def padded(array: np.ndarray, rows: int) -> np.ndarray:
    """Return an array whose first axis is as long as the model's rows: filled up with ones, which have no weight."""
    return np.concatenate([array, np.ones((rows - len(array), *array.shape[1:]))])


@dataclass(frozen=True, eq=False)
class Fitted:
    """A cross-section given its evidence.

    Attributes
    ----------
    beliefs
        Scales of the priors.
    layers, forces
        Labels of the axes.
    sampled
        The draws.
    covariance
        Of the scores, between stacks: (force, force).
    """

    beliefs: Beliefs
    layers: tuple[str, ...]
    forces: tuple[str, ...]
    sampled: Sampled
    covariance: np.ndarray

    @property
    def effects(self) -> np.ndarray:
        """Lambda, in logit per standard deviation of a score: (draw, force)."""
        return np.asarray(self.beliefs.effect * self.sampled.flat()["effect_unit"])

    @property
    def hindsight(self) -> np.ndarray:
        """Delta: (draw)."""
        return np.asarray(self.beliefs.hindsight * self.sampled.flat()["hindsight_unit"])

    @property
    def residual(self) -> np.ndarray:
        """Omega, the scale of the t distribution: (draw)."""
        return self.sampled.flat()["residual"]

    def levels(self, offsets: np.ndarray) -> np.ndarray:
        """Return alpha of layers whose standardised offsets are given: (draw, layer)."""
        flat = self.sampled.flat()
        return np.asarray(flat["base"][:, None] + flat["spread"][:, None] * offsets)

    @property
    def alpha(self) -> np.ndarray:
        """Intercepts: (draw, layer)."""
        return self.levels(self.sampled.flat()["offset"])


@dataclass(frozen=True, eq=False)
class CrossSection:
    """A compiled cross-section, for any evidence of up to so many stacks."""

    beliefs: Beliefs
    code: CompiledModel

    def fit(self, evidence: Evidence, seed: int, effort: Effort) -> Fitted:
        """Sample the posterior given stacks that all have an outcome."""
        rows = self.code.packing.shapes["outcome"][0]
        sampled = self.code.sample(model_data(evidence, self.beliefs, rows), seed, effort)
        forces = tuple(evidence.scores.columns)
        return Fitted(self.beliefs, evidence.layers, forces, sampled, covariance(evidence.scores.to_numpy()))

    def under(self, beliefs: Beliefs) -> Self:
        """Return the same model under other scales of its priors."""
        assert beliefs.free_signs == self.beliefs.free_signs
        return replace(self, beliefs=beliefs)


def compile_cross_section(evidence: Evidence, beliefs: Beliefs) -> CrossSection:
    """Return a cross-section for as many stacks as the evidence has, rounded up, of its layers and forces."""
    rows = -(-len(evidence.stacks) // ROOM) * ROOM
    code = compile_model(cross_section, rows, len(evidence.layers), evidence.scores.shape[1], beliefs.free_signs)
    return CrossSection(beliefs, code)
