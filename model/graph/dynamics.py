r"""The one step function: what is fitted is what forecasts and what scenarios change.

With facets :math:`\eta`, slopes :math:`\delta`, claims :math:`\theta` and signal wanders :math:`u`,

.. math::
   \eta_{t+1} &= \eta_t + \delta_t + \sigma\varepsilon_t
     + \kappa\,(\alpha + \Lambda\theta_t - g\,\text{gap}_t - \eta_t) \\
   \delta_{t+1} &= \varphi\,\delta_t + \beta\sigma\varepsilon_t \\
   \theta_{t+1} &= m + \rho\,(\theta_t - m) + \sqrt{1-\rho^2}\,\omega_t \\
   u_{t+1} &= \rho_u u_t + \sqrt{1-\rho_u^2}\,\tau\nu_t

A facet is alive from the first quarter of its rows; until then it waits at its start, and no history is made up for it.
One shock drives level and slope of a facet: the damped trend of exponential smoothing in innovations form (Hyndman et
al. 2008, "Forecasting with Exponential Smoothing", ch. 2 and 4). The functions use operators only, so they run on
PyTensor vectors (inside ``scan``) and on NumPy arrays with leading draw axes alike.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np


class State(NamedTuple):
    """The state at one quarter; the last axis is facet, facet, strand, wander."""

    eta: Any
    slope: Any
    theta: Any
    wander: Any


class Shock(NamedTuple):
    """Innovations of one quarter, and which facets are alive in it (0 or 1).

    Standard normals for facets and strands, scaled ones for wanders.
    """

    facet: Any
    strand: Any
    wander: Any
    alive: Any


class Dynamics(NamedTuple):
    """Parameters of the step, each with the last axis of what it moves.

    ``rest`` is alpha, ``speed`` kappa, ``step`` sigma, ``response`` beta (zero for the gap), ``effect`` Lambda
    transposed (strand, facet), ``pull`` g by facet, ``mean`` the claims' means.
    """

    rest: Any
    speed: Any
    step: Any
    response: Any
    effect: Any
    pull: Any
    mean: Any


@dataclass(frozen=True)
class Wiring:
    """The constants of the step: where the gap stands, and how long memory lasts.

    Attributes
    ----------
    gap
        Place of the capability gap among the facets.
    slope_memory, wander_memory
        Quarterly persistence of slopes and wanders.
    strand_memory
        Quarterly persistence of each strand.
    """

    gap: slice
    slope_memory: float
    strand_memory: np.ndarray
    wander_memory: float


def memory(half_life: Any) -> Any:
    """Return the persistence a quarter that halves a departure in ``half_life`` quarters."""
    return 0.5 ** (1.0 / half_life)


def step(state: State, shock: Shock, dynamics: Dynamics, wiring: Wiring) -> State:
    """Advance the state by one quarter."""
    claims = (state.theta[..., :, None] * dynamics.effect).sum(axis=-2)
    rest = dynamics.rest + claims - dynamics.pull * state.eta[..., wiring.gap]
    move = dynamics.step * shock.facet
    fresh = np.sqrt(1.0 - wiring.strand_memory**2)
    fade = (wiring.slope_memory - 1.0) * state.slope
    return State(
        eta=state.eta + shock.alive * (state.slope + dynamics.speed * (rest - state.eta) + move),
        slope=state.slope + shock.alive * (fade + dynamics.response * move),
        theta=dynamics.mean + wiring.strand_memory * (state.theta - dynamics.mean) + fresh * shock.strand,
        wander=wiring.wander_memory * state.wander + shock.wander,
    )
