"""The quantities of a run and their draws: one grammar for every verb.

``NAME[@DATE][>X | <X]``: a layer, ``stack``, a facet, a claim or sub-claim, or a question's id; a date (any day of a
quarter, or ``now``); and a threshold, which turns the quantity into a probability. Without a date a claim is taken
now, all else at the last quarter; a question has its own date.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from stackcast.errors import InputError
from stackcast.files.documents import did_you_mean
from stackcast.forecast.openness import STACK
from stackcast.quarters import Quarter
from stackcast.runs.draws import Draws

FORM = re.compile(r"^(?P<name>[^@<>]+?)(?:@(?P<day>[^<>]+?))?(?:(?P<way>[<>])(?P<limit>.+))?$")
NOW = "now"


@dataclass(frozen=True)
class Quantity:
    """A quantity with its draws.

    Attributes
    ----------
    label
        Its name in full, with its date.
    unit
        Of a share (``open share``, by the side ``high``), of a gap (by its scale), ``strength`` or ``probability``.
    draws
        (draw); zeros and ones for a probability.
    of_states
        Whether it depends on states alone; the answer to a question depends on its signal's offset too.
    """

    label: str
    unit: str
    draws: np.ndarray
    of_states: bool = True


def quantity_of(draws: Draws, text: str) -> Quantity:
    """Return the quantity that a text names.

    Raises
    ------
    InputError
        Naming what is unknown, and the nearest name.
    """
    asked = FORM.match(text.strip())
    if asked is None:
        raise InputError(f"{text!r}: must be like {_examples(draws)}")
    name = asked["name"].strip()
    if name in draws.questions:
        if asked["day"] or asked["way"]:
            raise InputError(f"{text!r}: a question has its own date and threshold; ask for {name!r}")
        return Quantity(name, "probability", draws.questions[name], of_states=False)
    paths, unit = _paths(draws, name)
    quarter = _quarter(draws, asked["day"], NOW if name in draws.claims else None, text)
    values = paths[:, draws.quarters.index(str(quarter))]
    label = f"{name}, {quarter.end}"
    if asked["way"] is None:
        return Quantity(label, unit, values)
    try:
        limit = float(asked["limit"])
    except ValueError:
        raise InputError(f"{text!r}: {asked['limit']!r} is not a number") from None
    holds = values > limit if asked["way"] == ">" else values < limit
    return Quantity(f"P({label} {asked['way']} {limit:g})", "probability", holds.astype(float))


def headline_quantities(draws: Draws) -> dict[str, Quantity]:
    """Return every quantity of the headline: layers and facets at the horizons, claims now, all questions."""
    asked = [f"{name}@{day}" for name in (*draws.layers, *draws.facets) for day in draws.horizons.values()]
    found = [quantity_of(draws, text) for text in (*asked, *draws.claims, *draws.questions)]
    return {q.label: q for q in found}


def _examples(draws: Draws) -> str:
    far, layer = draws.horizons["far"], next(name for name in draws.layers if name != STACK)
    share, claim = next(name for name in draws.facets if name not in draws.scales), next(iter(draws.claims))
    return ", ".join((f"{STACK}@{far}", f"{layer}@{NOW}", f"{share}@{far}>0.1", claim, *list(draws.questions)[:1]))


def _paths(draws: Draws, name: str) -> tuple[np.ndarray, str]:
    """Return the path of a quantity, (draw, quarter), and its unit."""
    if name in draws.layers:
        return draws.layers[name], draws.debate.share
    if name in draws.facets:
        return draws.facets[name], draws.unit(name)
    if name in draws.claims:
        return draws.claims[name], "strength"
    names: Mapping[str, object] = {**draws.layers, **draws.facets, **draws.claims, **draws.questions}
    raise InputError(f"unknown quantity {name!r}{did_you_mean(name, list(names))}; ask like {_examples(draws)}")


def _quarter(draws: Draws, day: str | None, default: str | None, text: str) -> Quarter:
    day = day.strip() if day else default
    first, last = (Quarter.parse(draws.quarters[i]) for i in (0, -1))
    if day is None:
        return last
    if day == NOW:
        return draws.now
    try:
        quarter = Quarter.of(date.fromisoformat(day))
    except ValueError:
        raise InputError(f"{text!r}: {day!r} is not a date such as 2027-12-31, nor 'now'") from None
    if str(quarter) not in draws.quarters:
        raise InputError(f"{text!r}: the run reaches from {first} to {last}")
    return quarter
