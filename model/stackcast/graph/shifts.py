r"""What the rows of a signal share beyond its path: the signal has one parameter, each of its rows a coefficient.

.. math::  \mu_i = \sum_t w_{it}\,\mu_{j(i),t} + \sum_k c_{ki}\,s_{k,j(i)}

A table that is filled in backwards shows recent periods too high or too low, the more so the more recent they are
(``lag``): the coefficient is the share of the reporting lag that is left. A part of what a count or share counts may
have no label; it may lie above the rest or below, but alike in every row (``unlabelled``): the coefficient is minus the
sd that two hard bounds imply, minus because an observation is too low where its unlabelled part is higher.
"""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

from stackcast.graph.design import Design
from stackcast.graph.gather import gather, places

LAG_SHIFT = "lag_shift"
"""Its prior is data: it is updated from the vintages known at the as-of date."""
UNLABELLED = "unlabelled"


class Shift(NamedTuple):
    """A parameter that rows of a signal share, and the dim of the signals that have one."""

    name: str
    dim: str


SHIFTS = {"lag": Shift(LAG_SHIFT, "lagging"), "unlabelled": Shift(UNLABELLED, "bounded")}
"""The shifts by the name of their rows' coefficient; a graph has no parameter for one that no signal has."""


def shifts(xp: SimpleNamespace, design: Design, p: Mapping[str, Any]) -> dict[str, Any]:
    """Return by how much a coefficient of one shifts a row of each signal, (signal), by the coefficient's name."""
    coords = design.coords()
    return {
        key: gather(xp, p[shift.name], places(design.slugs, coords[shift.dim]))  # s_k
        for key, shift in SHIFTS.items()
        if coords[shift.dim]
    }


def shift_of(shifts: Mapping[str, Any], signal: Any, coefficients: Mapping[str, Any]) -> Any:
    """Return the shift of rows, given the places of their signals and their coefficients by name."""
    return sum(shift[..., signal] * coefficients[key] for key, shift in shifts.items())  # sum_k c_ki s_k,j(i)
