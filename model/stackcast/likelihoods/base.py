"""What every likelihood family owns, and the two arithmetics in which it is written."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

POINT, FLOOR, CEILING = 0.0, -1.0, 1.0
INTERVAL_90 = 2 * special.ndtri(0.95)
UNIFORM_SD = 12**-0.5


@dataclass(frozen=True)
class Encoded:
    """Observations of one family on the latent scale, one element a row.

    Attributes
    ----------
    y
        The observation on the latent scale, or the bound of a floor or ceiling; the number of successes for counts.
    trials
        Number of trials for counts, else 1.
    error
        Sampling error (sd, latent scale) that the source's ``n`` or interval implies, else 0.
    side
        ``POINT``, or ``FLOOR`` / ``CEILING`` where the source gives only a bound.
    unlabelled
        Shift of the observation (latent scale) when its unlabelled part lies one sd above the counted one: minus the
        sd of the uniform between two hard bounds, else 0. Its number of sds is shared by all rows of a signal.
    """

    y: np.ndarray
    trials: np.ndarray
    error: np.ndarray
    side: np.ndarray
    unlabelled: np.ndarray


@dataclass(frozen=True)
class Family:
    """A likelihood family.

    Attributes
    ----------
    name
        The word that ``signals.yaml`` uses.
    to_latent, to_value
        Natural value (already divided by the signal's ``per_unit``) to latent scale and back.
    ends
        Both ends of the range of natural values, whose latent images are infinite where the range is open.
    encode
        ``encode(rows, value, lower, upper, hard)`` turns rows into :class:`Encoded`; ``hard`` tells how to
        read two bounds.
    logp
        ``logp(xp, y, trials, error, side, mu, noise)``: log density of each row given its expected latent value ``mu``
        and the signal's extra noise, written for :data:`NUMPY` and :func:`pytensor_arithmetic` alike.
    draw
        ``draw(rng, mu, noise, trials, error)``: one predictive value (natural) for each element of ``mu``.
    sd
        ``sd(mu, noise, trials, error)``: sd of an observation on the latent scale, to first order.
    """

    name: str
    to_latent: Callable[[np.ndarray], np.ndarray]
    to_value: Callable[[np.ndarray], np.ndarray]
    ends: tuple[float, float]
    encode: Callable[[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray, bool], Encoded]
    logp: Callable[..., Any]
    draw: Callable[..., np.ndarray]
    sd: Callable[..., np.ndarray]


def encode_continuous(
    to_latent: Callable[[np.ndarray], np.ndarray],
    value: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    hard: bool,
) -> Encoded:
    """Encode observations that are a point, a point with an interval, or only a bound.

    Two bounds are read by :func:`read_bounds`. A bound at the end of the range, such as an upper bound of 1 on a share,
    leaves that side as open as none. One bound alone is a floor or a ceiling (a censored figure) where it is hard,
    where it is the value itself, or where the value is the end of the range (a share printed as 0 with its upper
    bound). Of an interval it is one half, and the other half is as wide.
    """
    with np.errstate(divide="ignore"):
        y, low, high = to_latent(value), to_latent(lower), to_latent(upper)
    from_low, from_high = np.isfinite(low), np.isfinite(high)
    censored = (from_low != from_high) & (hard | ~np.isfinite(y) | (value == np.where(from_low, lower, upper)))
    floor, ceiling = censored & from_low, censored & from_high
    y = np.where(ceiling, high, np.where(floor, low, y))
    with np.errstate(invalid="ignore"):  # what is not finite is not taken
        half = np.where(from_low, y - low, np.where(from_high, high - y, 0.0))
        width = np.where(from_low & from_high, high - low, 2.0 * half)
    error, unlabelled = read_bounds(np.where(censored, 0.0, width), hard)
    side = np.where(floor, FLOOR, np.where(ceiling, CEILING, POINT))
    return Encoded(y, np.ones_like(y), error, side, unlabelled)


def read_bounds(width: np.ndarray, hard: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the error and the shift that two bounds so far apart (latent scale) give, as of :class:`Encoded`.

    An interval of 90 % is a sampling error, drawn anew in every row. Hard bounds hold what could not be labelled, which
    leans the same way in all rows of its signal.
    """
    none = np.zeros_like(width)
    return (none, -UNIFORM_SD * width) if hard else (width / INTERVAL_90, none)


def level(family: Family, y: Any, trials: Any) -> np.ndarray:
    """Return encoded observations on the latent scale, of a count that of the share with half a success added."""
    return np.asarray(special.logit((y + 0.5) / (trials + 1.0)) if family.name == "counts" else y)


def latent_sd(mu: np.ndarray, noise: Any, trials: Any, error: Any) -> np.ndarray:
    """Sd of a continuous observation on the latent scale: its noise and its sampling error."""
    return np.asarray(np.hypot(noise, error) + 0.0 * mu)


def _loop(advance: Callable[..., Any], start: Any, sequences: Any, fixed: Any, more: int = 0) -> list[np.ndarray]:
    state, found = tuple(start), []
    for now in zip(*(np.moveaxis(np.asarray(s), -2, 0) for s in sequences), strict=True):
        result = tuple(advance(*now, *state, *fixed))
        state = result[: len(state)]
        found.append(result)
    return [np.stack(np.broadcast_arrays(*parts), axis=-2) for parts in zip(*found, strict=True)]


NUMPY = SimpleNamespace(
    log=np.log, sqrt=np.sqrt, exp=np.exp, where=np.where, clip=np.clip,
    expit=special.expit, gammaln=special.gammaln, log_ndtr=special.log_ndtr,
    erfc=special.erfc, erfinv=special.erfinv, erfcinv=special.erfcinv, softplus=lambda x: np.logaddexp(0.0, x),
    concatenate=np.concatenate, zeros_like=np.zeros_like, ones_like=np.ones_like, unfold=_loop,
    cholesky=np.linalg.cholesky, solve_lower=lambda root, x: np.linalg.solve(root, x[..., None])[..., 0],
    solve_upper=lambda root, x: np.linalg.solve(root.swapaxes(-1, -2), x[..., None])[..., 0],
)  # fmt: skip
"""Arrays with leading draw axes. ``unfold(advance, start, sequences, fixed, more)`` runs
``advance(*now, *state, *fixed)`` over the second to last axis of the sequences; it returns the states, and ``more``
further results, along that axis. For vectors ``x``, ``solve_lower(root, x)`` solves ``root z = x`` and ``solve_upper``
``root' z = x``, with ``root`` lower triangular.
"""


@cache
def pytensor_arithmetic() -> SimpleNamespace:
    """Return the same functions as :data:`NUMPY`, for the graph."""
    import pytensor
    import pytensor.tensor as pt

    def log_ndtr(x: Any) -> Any:
        near = pt.maximum(x, -1.0)
        far = pt.minimum(x, -1.0)
        tail = pt.log(0.5 * pt.erfcx(-far / np.sqrt(2))) - 0.5 * far**2
        return pt.switch(x < -1.0, tail, pt.log1p(-0.5 * pt.erfc(near / np.sqrt(2))))

    def unfold(advance: Callable[..., Any], start: Any, sequences: Any, fixed: Any, more: int = 0) -> list[Any]:
        found = pytensor.scan(
            lambda *given: list(advance(*given)),
            sequences=[pt.as_tensor(x) for x in sequences],
            outputs_info=[*start, *[None] * more],
            non_sequences=list(fixed),
            strict=True,
            return_updates=False,
        )
        return list(found)

    return SimpleNamespace(
        log=pt.log, sqrt=pt.sqrt, exp=pt.exp, where=pt.switch, clip=pt.clip,
        expit=pt.sigmoid, gammaln=pt.gammaln, log_ndtr=log_ndtr,
        erfc=pt.erfc, erfinv=pt.erfinv, erfcinv=pt.erfcinv, softplus=pt.softplus,
        concatenate=pt.concatenate, zeros_like=pt.zeros_like, ones_like=pt.ones_like, unfold=unfold,
        cholesky=pt.linalg.cholesky, solve_lower=partial(pt.linalg.solve_triangular, lower=True, b_ndim=1),
        solve_upper=partial(pt.linalg.solve_triangular, lower=True, trans=1, b_ndim=1),
    )  # fmt: skip


def normal_logp(xp: SimpleNamespace, y: Any, trials: Any, error: Any, side: Any, mu: Any, noise: Any) -> Any:
    """Log density of a normal observation, or log probability that it lies beyond a bound."""
    sd = xp.sqrt(noise * noise + error * error)
    z = (y - mu) / sd
    point = -0.5 * np.log(2 * np.pi) - xp.log(sd) - 0.5 * z * z
    return xp.where(abs(side) < 0.5, point, xp.log_ndtr(side * z))
