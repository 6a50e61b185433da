r"""What the rows of a signal share beyond its path: the signal has one parameter, each of its rows a coefficient.

.. math::  \mu_i = \sum_t w_{it}\,\mu_{j(i),t} + \sum_k c_{ki}\,s_{k,j(i)}

A table that is filled in backwards shows recent periods too high or too low, the more so the fresher they are
(``lag``). And of a count or share some part could not be told: it may be more open than the rest, or less, but it is so
in every row alike (``unlabelled``). One coefficient is the share of the lag that is left, the other the sd that two
hard bounds leave open, with a minus, as a figure lies too low where what it leaves out is higher.
"""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from stackcast.graph.design import Design

LAG_SHIFT = "lag_shift"
"""The one parameter whose prior is data: it is updated from the vintages known at the as-of date."""
UNLABELLED = "unlabelled"


class Shift(NamedTuple):
    """A parameter that rows of a signal share, and the dim of the signals that have one."""

    name: str
    dim: str


SHIFTS = {"lag": Shift(LAG_SHIFT, "lagging"), "unlabelled": Shift(UNLABELLED, "bounded")}
"""The shifts by the name of their rows' coefficient; a graph leaves out one that no signal has."""


def shifts(xp: SimpleNamespace, design: Design, p: Mapping[str, Any]) -> dict[str, Any]:
    """Return by how much a coefficient of one shifts a row of each signal, (signal), by the coefficient's name."""
    found = {}
    for key, shift in SHIFTS.items():
        own = design.coords()[shift.dim]
        if own:
            place = np.array([own.index(slug) if slug in own else len(own) for slug in design.slugs])
            drawn = p[shift.name]
            found[key] = xp.concatenate([drawn, xp.zeros_like(drawn[..., :1])], axis=-1)[..., place]
    return found


def shift_of(shifts: Mapping[str, Any], signal: Any, coefficients: Mapping[str, Any]) -> Any:
    """Return the shift of rows, given the places of their signals and their coefficients by name."""
    return sum(shift[..., signal] * coefficients[key] for key, shift in shifts.items())
