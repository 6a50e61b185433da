"""Values at places that may have none: how the graph reads a parameter that only some signals or quarters have.

A parameter is declared for the labels that need it (only some signals have a house effect, say), while a path wants a
value for every signal. :func:`places` gives each wanted label its place in the parameter, and :func:`gather` reads the
parameter there, with a neutral value where a label has none. A parameter that no label needs does not exist: it is not
in the table of parameters, ``p.get(name)`` is None, and everything that is read from it is the neutral value.
"""

from collections.abc import Hashable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np


def places(wanted: Sequence[Hashable], labels: Sequence[Hashable]) -> np.ndarray:
    """Return the place of each wanted label among the labels, and their number for one that is not among them."""
    place = {label: i for i, label in enumerate(labels)}
    return np.array([place.get(label, len(labels)) for label in wanted], dtype=int)


def gather(xp: SimpleNamespace, drawn: Any, place: np.ndarray, missing: float = 0.0) -> Any:
    """Return the drawn value at each place, or the neutral value where there is none.

    Parameters
    ----------
    xp
        Arithmetic of the arrays.
    drawn
        Values (..., label); None for a parameter that does not exist.
    place
        Places among the labels, of any shape; their number stands for none.
    missing
        The neutral value, 0 or 1.

    Returns
    -------
    array (..., shape of ``place``)
        Without the leading axes where ``drawn`` is None.
    """
    if drawn is None:
        return np.full(place.shape, missing)
    like = xp.ones_like if missing else xp.zeros_like
    padded = xp.concatenate([drawn, like(drawn[..., :1])], axis=-1)  # (..., label + 1): the neutral value stands last
    return padded[..., place]


def concatenate(xp: SimpleNamespace, parts: Sequence[Any]) -> Any:
    """Join arrays (..., label) along their labels, without those that are None; None where all are."""
    there = [part for part in parts if part is not None]
    return xp.concatenate(there, axis=-1) if there else None
