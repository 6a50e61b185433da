"""Draws of the posterior of how earlier shares moved: compiled once, sampled for any data of the same shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from stackcast.compiled.pymc_model import CompiledModel, Effort, Sampled, compile_model
from stackcast.errors import StackcastError
from stackcast.graph import dynamics
from stackcast.history import filter as kalman
from stackcast.history.panel import Panel
from stackcast.history.series import OWN, POPULATION, build_model, model_data, natural, prior_arrays
from stackcast.likelihoods import base
from stackcast.likelihoods.base import NUMPY
from stackcast.priors.elicit import Distribution

MOST_RHAT = 1.05
LEAST_ESS = 100
EFFORT = Effort(chains=2, draws=500, tune=500, target_accept=0.8, adaptation="low_rank")
"""Steps and slope responses trade off, which a diagonal mass matrix does not see."""


class NotConverged(StackcastError):
    """The chains of the series' model disagree."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """Draws of the model.

    Attributes
    ----------
    population
        Each parameter of :data:`~stackcast.history.series.POPULATION`, (draw).
    own
        Each of :data:`~stackcast.history.series.OWN`, (draw, series).
    rhat, ess
        Largest R-hat and least bulk ESS of the population's parameters.
    divergences
        Divergent transitions.
    """

    population: Mapping[str, np.ndarray]
    own: Mapping[str, np.ndarray]
    rhat: float
    ess: float
    divergences: int

    def checked(self) -> Self:
        """Return the posterior itself, if its chains agree.

        Raises
        ------
        NotConverged
            When R-hat is above or ESS below its limit.
        """
        if self.rhat > MOST_RHAT or self.ess < LEAST_ESS:
            raise NotConverged(
                f"the chains of the earlier series disagree (R-hat {self.rhat:.3f}, ESS {self.ess:.0f}): more draws"
            )
        return self


@dataclass(frozen=True, eq=False)
class Compiled:
    """The compiled model of a panel; :meth:`sample` needs no new compile."""

    panel: Panel
    code: CompiledModel

    @classmethod
    def of(cls, panel: Panel) -> Self:
        """Compile the model of a panel: minutes, on a machine that has not done so yet."""
        sides = panel.roomy().known.shape
        return cls(panel, compile_model(build_model, *sides, imported=(dynamics, kalman, base)))

    def sample(
        self,
        seed: int,
        effort: Effort = EFFORT,
        *,
        without: str | None = None,
        priors: Mapping[str, Distribution] = POPULATION,
    ) -> Posterior:
        """Sample the posterior.

        Parameters
        ----------
        seed
            The same seed gives the same draws.
        effort
            How much is sampled.
        without
            A stack whose series do not count.
        priors
            Priors of the population.
        """
        roomy = self.panel.roomy()
        data = model_data(roomy, without, priors)
        data["counts"] = data["counts"] * (np.arange(len(roomy.series)) < len(self.panel.series))
        found = self.code.sample(data, seed, effort)
        return _posterior(found, priors, len(self.panel.series))


def _posterior(found: Sampled, priors: Mapping[str, Distribution], series: int) -> Posterior:
    from arviz_stats.base import array_stats

    z, own = found.draws["population_z"], found.flat()["own_z"]  # (chain, draw, parameter), (draw, own, series)
    flat = z.reshape(-1, z.shape[-1])
    chains = [z[:, :, place] for place in range(z.shape[-1])]
    return Posterior(
        population=natural(NUMPY, flat, *prior_arrays(priors)),
        own={name: own[:, place, :series] for place, name in enumerate(OWN)},
        rhat=max(float(array_stats.rhat(one, chain_axis=0, draw_axis=1)) for one in chains),
        ess=min(float(array_stats.ess(one, chain_axis=0, draw_axis=1)) for one in chains),
        divergences=found.divergences,
    )
