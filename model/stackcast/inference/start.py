"""Where sampling begins, every term of the density is a number: the sampler's own code cannot say which is not."""

from collections.abc import Iterable, Iterator

import numpy as np

from stackcast.errors import InputError
from stackcast.graph.data import ObservedData
from stackcast.graph.evaluate import ROW_KEYS, log_likelihood, log_prior
from stackcast.inference.coordinates import Coordinates
from stackcast.inference.preconditioner import Preconditioner
from stackcast.likelihoods.base import NUMPY

STARTS = 8
"""Positions tried beside the centre, uniform around it as those of the chains are."""


def require_finite_rows(observed: ObservedData) -> None:
    """Refuse observations that have no finite place on the latent scale of their likelihood.

    Raises
    ------
    InputError
        Naming each by its id, with its value.
    """
    bad = np.zeros(len(observed.rows), dtype=bool)
    slots = observed.rows["slot"].to_numpy(int)
    for name in observed.likelihoods:
        wrong = np.zeros(len(observed.data[f"{name}_mask"]), dtype=bool)  # (slot)
        with np.errstate(over="ignore"):  # the density squares what it reads
            for key in ROW_KEYS:
                square = np.square(observed.data[f"{name}_{key}"].astype(float))  # (slot, ...)
                wrong |= ~np.isfinite(square).all(axis=tuple(range(1, square.ndim)))
        wrong &= observed.data[f"{name}_mask"] > 0
        mine = observed.rows["likelihood"].to_numpy() == name
        bad[mine] = wrong[slots[mine]]
    _refuse(_named(observed, bad))


def require_finite_start(coordinates: Coordinates, preconditioner: Preconditioner) -> None:
    """Refuse data and priors whose density is not finite at the centre of the chains' starts, or around it.

    Raises
    ------
    InputError
        Naming each observation, or else each parameter, whose term is not finite.
    """
    around = np.random.default_rng(0).uniform(-1.0, 1.0, (STARTS, coordinates.layout.size))
    z = np.vstack([np.zeros(coordinates.layout.size), around])
    design, observed = coordinates.design, coordinates.observed
    with np.errstate(all="ignore"):
        p = coordinates.natural(NUMPY, preconditioner(z), observed.data | coordinates.given).params
        rows, prior = log_likelihood(design, observed, p), log_prior(design, observed, p)
    priors = [f"the prior of {name}" for name, part in prior.items() if not np.isfinite(part).all()]
    # where a parameter is not finite, no observation that depends on it is to blame
    _refuse(priors or _named(observed, ~np.isfinite(rows).all(axis=0)))


def _named(observed: ObservedData, bad: np.ndarray) -> Iterator[str]:
    for row in observed.rows[bad].itertuples():
        yield f"observation {row.id} (value {row.value:g}, bounds {row.lower:g} to {row.upper:g})"


def _refuse(found: Iterable[str]) -> None:
    lines = list(found)
    if lines:
        raise InputError(
            "\n".join(f"{one}: its term of the density is not finite where sampling starts" for one in lines)
        )
