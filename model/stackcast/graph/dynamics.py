r"""One quarter's transition of the states: the same for the fit, for the forecast and for scenarios.

With facets :math:`\eta`, slopes :math:`\delta`, factors (claims and sub-claims) :math:`\theta` and signal deviations
:math:`u`,

.. math::
   \eta_{t+1} &= \eta_t + \delta_t + \sigma\varepsilon_t
     + \kappa\,(\alpha + \Lambda\theta_t - \textstyle\sum_k g_k\,\eta_{k,t} - \eta_t) \\
   \delta_{t+1} &= \varphi\,\delta_t + \beta\sigma\varepsilon_t \\
   \theta_{t+1} &= m + \rho\,(\theta_t - m) + \sqrt{1-\rho^2}\,\omega_t \\
   u_{t+1} &= \rho_u u_t + \sqrt{1-\rho_u^2}\,\tau\nu_t

where :math:`k` runs over the gaps that pull on shares. A facet is active from the first quarter of its rows; until then
it keeps its starting value, and no history is made up for it. One shock drives level and slope of a facet: the damped
trend of exponential smoothing in innovations form (Hyndman et al. 2008, "Forecasting with Exponential Smoothing", ch. 2
and 4). Factors and deviations are AR(1) processes of their own past alone, so a whole path is one product with
:func:`impulse_responses`; facets depend on the quarter before, one transition a quarter. The functions use operators
only, so they run on PyTensor vectors (inside ``scan``) and on NumPy arrays with leading draw axes alike.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np


class State(NamedTuple):
    """The states of one quarter or of all; the last axis is facet, facet, factor, deviating signal."""

    eta: Any
    slope: Any
    theta: Any
    deviation: Any


class Facets(NamedTuple):
    """Levels and slopes of the facets at one quarter."""

    eta: Any
    slope: Any


class Dynamics(NamedTuple):
    """Parameters of the transition, each with the last axis facet.

    ``speed`` is kappa, ``innovation_sd`` sigma, ``response`` beta (zero for gaps); ``pulls`` has one g for each gap
    that pulls, zero for the facets that it does not pull.
    """

    speed: Any
    innovation_sd: Any
    response: Any
    pulls: tuple[Any, ...]

    def arrays(self) -> tuple[Any, ...]:
        """Return all arrays as one flat tuple, as ``unfold`` hands them on."""
        return (*self[:3], *self.pulls)

    @classmethod
    def of(cls, speed: Any, innovation_sd: Any, response: Any, *pulls: Any) -> Self:
        """Return the parameters of such a tuple."""
        return cls(speed, innovation_sd, response, pulls)


@dataclass(frozen=True)
class Wiring:
    """The constants of the dynamics.

    Attributes
    ----------
    pulling
        Place among the facets of each gap that pulls on shares.
    slope_memory, deviation_memory
        Quarterly AR(1) coefficient of slopes (phi) and of deviations (rho_u).
    factor_memory
        Quarterly AR(1) coefficient (rho) of each factor, (factor).
    factor_start
        Sd (s_0) of every factor in the first quarter; one is its stationary sd.
    """

    pulling: tuple[slice, ...]
    slope_memory: float
    factor_memory: np.ndarray
    deviation_memory: float
    factor_start: float = 1.0


def memory(half_life: Any) -> Any:
    """Return the AR(1) coefficient a quarter that halves a departure in ``half_life`` quarters."""
    return 0.5 ** (1.0 / half_life)


def innovation_sd(memory: Any) -> Any:
    """Return the sd of the innovations at which an AR(1) process has a stationary sd of one."""
    return np.sqrt(1.0 - np.asarray(memory) ** 2)  # sqrt(1 - rho^2)


def factor_sd(wiring: Wiring, quarters: int) -> np.ndarray:
    """Return the sd of the factors' innovations, (quarter, factor); in the first quarter that of their start."""
    first = (np.arange(quarters) == 0)[:, None]
    return np.where(first, wiring.factor_start, innovation_sd(wiring.factor_memory))  # s_0, then sqrt(1 - rho^2)


def impulse_responses(memory: Any, quarters: int) -> np.ndarray:
    """Return the responses to a unit impulse, (..., later quarter, quarter of the impulse), for memories (...)."""
    age = np.arange(quarters)[:, None] - np.arange(quarters)  # (later quarter, quarter of the impulse)
    return np.where(age >= 0, np.asarray(memory)[..., None, None] ** np.maximum(age, 0), 0.0)  # rho^age


def drift(facets: Facets, target: Any, active: Any, dynamics: Dynamics, wiring: Wiring) -> Facets:
    """Advance the facets by one quarter without a shock.

    Parameters
    ----------
    facets
        The quarter before.
    target
        Equilibria with the effects of the claims in the quarter before, alpha + Lambda theta, (..., facet).
    active
        1 for facets that have begun, else 0, (facet).
    """
    for pull, gap in zip(dynamics.pulls, wiring.pulling, strict=True):
        target = target - pull * facets.eta[..., gap]  # - g_k eta_k: (..., facet) times (..., 1)
    return Facets(
        eta=facets.eta + active * (facets.slope + dynamics.speed * (target - facets.eta)),  # delta + kappa (...)
        slope=facets.slope + active * (wiring.slope_memory - 1.0) * facets.slope,  # phi delta
    )


def transition(facets: Facets, shock: Any, target: Any, active: Any, dynamics: Dynamics, wiring: Wiring) -> Facets:
    """Advance the facets by one quarter; ``shock`` is standard normal, the other arguments those of :func:`drift`."""
    mean, move = drift(facets, target, active, dynamics, wiring), active * dynamics.innovation_sd * shock
    return Facets(mean.eta + move, mean.slope + dynamics.response * move)  # + sigma eps, + beta sigma eps
