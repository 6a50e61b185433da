"""Draws of the posterior of how earlier shares moved: compiled once, sampled for any data of the same shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from stackcast.errors import StackcastError
from stackcast.history.panel import Panel
from stackcast.history.series import OWN, POPULATION, build_model, data_of, natural, prior_arrays
from stackcast.likelihoods.base import NUMPY
from stackcast.priors.elicit import Distribution

MOST_RHAT = 1.05
LEAST_ESS = 100


class NotConverged(StackcastError):
    """The chains of the series' model disagree."""


@dataclass(frozen=True)
class Settings:
    """How much is sampled."""

    draws: int = 500
    tune: int = 500
    chains: int = 2
    cores: int = 2
    seed: int = 1


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
    code: Any

    @classmethod
    def of(cls, panel: Panel) -> Self:
        """Compile the model of a panel: minutes, on a machine that has not done so yet."""
        import nutpie

        return cls(panel, nutpie.compile_pymc_model(build_model(panel)))

    def sample(
        self,
        settings: Settings,
        *,
        without: str | None = None,
        priors: Mapping[str, Distribution] = POPULATION,
    ) -> Posterior:
        """Sample the posterior, without the series of one stack if it is named.

        Parameters
        ----------
        settings
            How much is sampled.
        without
            A stack whose series do not count.
        priors
            Priors of the population.
        """
        import nutpie

        ready = self.code.with_data(**data_of(self.panel, without, priors))
        tree = nutpie.sample(
            ready, draws=settings.draws, tune=settings.tune, chains=settings.chains, cores=settings.cores,
            seed=settings.seed, adaptation="low_rank", progress_bar=False,
        )  # fmt: skip
        return _posterior(tree, priors)


def _posterior(tree: Any, priors: Mapping[str, Distribution]) -> Posterior:
    from arviz_stats import ess, rhat

    z = tree["posterior"]["population_z"]
    own = tree["posterior"]["own_z"].values  # (chain, draw, own, series)
    flat = z.values.reshape(-1, len(POPULATION))
    return Posterior(
        population=natural(NUMPY, flat, **prior_arrays(priors)),
        own={name: own[:, :, i].reshape(len(flat), -1) for i, name in enumerate(OWN)},
        rhat=float(rhat(z).max()),
        ess=float(ess(z).min()),
        divergences=int(tree["sample_stats"]["diverging"].sum()),
    )
