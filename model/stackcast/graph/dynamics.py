r"""The one step function: what is fitted is what forecasts and what scenarios change.

With facets :math:`\eta`, slopes :math:`\delta`, claims :math:`\theta` and signal deviations :math:`u`,

.. math::
   \eta_{t+1} &= \eta_t + \delta_t + \sigma\varepsilon_t
     + \kappa\,(\alpha + \Lambda\theta_t - g\,\text{gap}_t - \eta_t) \\
   \delta_{t+1} &= \varphi\,\delta_t + \beta\sigma\varepsilon_t \\
   \theta_{t+1} &= m + \rho\,(\theta_t - m) + \sqrt{1-\rho^2}\,\omega_t \\
   u_{t+1} &= \rho_u u_t + \sqrt{1-\rho_u^2}\,\tau\nu_t

A facet is alive from the first quarter of its rows; until then it waits at its start, and no history is made up for it.
One shock drives level and slope of a facet: the damped trend of exponential smoothing in innovations form (Hyndman et
al. 2008, "Forecasting with Exponential Smoothing", ch. 2 and 4). Claims and deviations hang on nothing but their own
past, so their whole paths are one product with :func:`responses`; facets take a step a quarter. The functions use
operators only, so they run on PyTensor vectors (inside ``scan``) and on NumPy arrays with leading draw axes alike.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np


class State(NamedTuple):
    """The states of one quarter or of all; the last axis is facet, facet, factor, deviation."""

    eta: Any
    slope: Any
    theta: Any
    deviation: Any


class Facets(NamedTuple):
    """Levels and slopes of the facets at one quarter."""

    eta: Any
    slope: Any


class Dynamics(NamedTuple):
    """Parameters of the step, each with the last axis facet.

    ``speed`` is kappa, ``innovation_sd`` sigma, ``response`` beta (zero for the gap), ``pull`` g.
    """

    speed: Any
    innovation_sd: Any
    response: Any
    pull: Any


@dataclass(frozen=True)
class Wiring:
    """The constants of the dynamics: where the gap stands, and how long memory lasts.

    Attributes
    ----------
    gap
        Place of the capability gap among the facets.
    slope_memory, deviation_memory
        Quarterly persistence of slopes and deviations.
    factor_memory
        Quarterly persistence of each factor.
    """

    gap: slice
    slope_memory: float
    factor_memory: np.ndarray
    deviation_memory: float


def memory(half_life: Any) -> Any:
    """Return the persistence a quarter that halves a departure in ``half_life`` quarters."""
    return 0.5 ** (1.0 / half_life)


def innovation_sd(memory: Any) -> Any:
    """Return the sd of an innovation that keeps a persistent quantity's stationary sd at one."""
    return np.sqrt(1.0 - np.asarray(memory) ** 2)


def impulse_responses(memory: Any, quarters: int) -> np.ndarray:
    """Return what an impulse leaves behind: (..., later quarter, quarter of the impulse) for memories (...)."""
    age = np.arange(quarters)[:, None] - np.arange(quarters)
    return np.where(age >= 0, np.asarray(memory)[..., None, None] ** np.maximum(age, 0), 0.0)


def drift(facets: Facets, target: Any, active: Any, dynamics: Dynamics, wiring: Wiring) -> Facets:
    """Advance the facets by one quarter without a shock.

    Parameters
    ----------
    facets
        The quarter before.
    target
        Resting points with the claims' effects in the quarter before, (..., facet).
    alive
        1 for facets that have begun, else 0, (facet).
    """
    rest = target - dynamics.pull * facets.eta[..., wiring.gap]
    return Facets(
        eta=facets.eta + active * (facets.slope + dynamics.speed * (rest - facets.eta)),
        slope=facets.slope + active * (wiring.slope_memory - 1.0) * facets.slope,
    )


def transition(facets: Facets, shock: Any, target: Any, active: Any, dynamics: Dynamics, wiring: Wiring) -> Facets:
    """Advance the facets by one quarter; ``shock`` is standard normal, the rest as of :func:`drift`."""
    still, move = drift(facets, target, active, dynamics, wiring), active * dynamics.innovation_sd * shock
    return Facets(still.eta + move, still.slope + dynamics.response * move)
