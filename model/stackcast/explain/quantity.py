"""The quantities that one may ask about, and their draws: one grammar for every verb.

``NAME[@DATE][>X | <X]``: a layer, ``stack``, a facet, a claim or half, or a question's id; a date (any day of a
quarter, or ``now``); and a threshold, which turns the quantity into a probability. Without a date a claim is asked for
now, all else for the last quarter; a question has its own date.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import xarray as xr

from stackcast.errors import InputError
from stackcast.explain.figure_draws import open_draws
from stackcast.files.documents import did_you_mean
from stackcast.forecast.openness import STACK, layer_values, printed
from stackcast.priors.load import Priors
from stackcast.quarters import Quarter
from stackcast.runs.folder import DRAWS, Run

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
        Whether it hangs on states alone; what a question resolves to hangs on its signal's own offset as well.
    """

    label: str
    unit: str
    draws: np.ndarray
    of_states: bool = True


@dataclass(frozen=True)
class KeptDraws:
    """Kept draws of a run, or of a refit of it, as paths by name.

    Attributes
    ----------
    run
        The run: its dates and weights.
    priors
        Of its project.
    draws
        ``facet_state``, ``claim_state`` and ``question_holds``, as a run's draws hold them.
    weights
        Of facets in layers, in the place of the run's.
    """

    run: Run
    priors: Priors
    draws: xr.Dataset
    weights: Mapping[str, Mapping[str, float]] | None = None

    @classmethod
    def of(cls, run: Run, priors: Priors) -> "KeptDraws":
        """Return those of a run that passed its gates.

        Raises
        ------
        GateRefused
            When it did not.
        """
        return cls(run, priors, open_draws(run.require_passed().path / DRAWS))

    @property
    def now(self) -> Quarter:
        """Quarter of the as-of date."""
        return Quarter.of(date.fromisoformat(self.run.manifest["as_of"]))

    @cached_property
    def quarters(self) -> list[str]:
        """Labels of the quarters."""
        return [str(q) for q in self.draws["quarter"].values]

    @cached_property
    def facets(self) -> dict[str, np.ndarray]:
        """Facets (draw, quarter): shares as shares, gaps in the unit in which they are printed."""
        states = {
            str(f): self.draws["facet_state"].sel(facet=f).values.astype(float) for f in self.draws["facet"].values
        }
        return {f: printed(self.priors.facets[f], x) for f, x in states.items()}

    @cached_property
    def layers(self) -> dict[str, np.ndarray]:
        """Layers and the stack (draw, quarter), at the run's weights."""
        shares = {f: x for f, x in self.facets.items() if self.priors.facets[f].kind == "share"}
        return layer_values(shares, self.weights or self.run.manifest["weights"])

    @cached_property
    def claims(self) -> dict[str, np.ndarray]:
        """Claims and halves (draw, quarter), in prior sds."""
        found: dict[str, np.ndarray] = {}
        for name, claim in self.priors.claims.items():
            parts = {p: self.draws["claim_state"].sel(factor=p).values.astype(float) for p in claim.factors(name)}
            found[name] = np.sum(list(parts.values()), axis=0) / np.sqrt(len(parts))
            found |= parts if claim.subclaims else {}
        return found

    @cached_property
    def questions(self) -> dict[str, np.ndarray]:
        """In which draws each question resolves yes, (draw)."""
        holds = self.draws["question_holds"]
        return {str(q): holds.sel(question=q).values.astype(float) for q in self.draws["question"].values}

    def quantity(self, text: str) -> Quantity:
        """Return what a text asks for.

        Raises
        ------
        InputError
            Naming what is unknown, and the nearest name.
        """
        asked = FORM.match(text.strip())
        if asked is None:
            raise InputError(f"{text!r}: must be like {self._examples()}")
        name = asked["name"].strip()
        if name in self.questions:
            if asked["day"] or asked["way"]:
                raise InputError(f"{text!r}: a question has its own date and threshold; ask for {name!r}")
            return Quantity(name, "probability", self.questions[name], of_states=False)
        paths, unit = self._paths(name)
        quarter = self._quarter(asked["day"], NOW if name in self.claims else None, text)
        values = paths[:, self.quarters.index(str(quarter))]
        label = f"{name}, {quarter.end}"
        if asked["way"] is None:
            return Quantity(label, unit, values)
        try:
            limit = float(asked["limit"])
        except ValueError:
            raise InputError(f"{text!r}: {asked['limit']!r} is not a number") from None
        holds = values > limit if asked["way"] == ">" else values < limit
        return Quantity(f"P({label} {asked['way']} {limit:g})", "probability", holds.astype(float))

    def headline(self) -> dict[str, Quantity]:
        """Return every quantity of the headline: layers and facets at the horizons, claims now, all questions."""
        days = self.run.horizons.values()
        asked = [f"{name}@{day}" for name in (*self.layers, *self.facets) for day in days]
        found = [self.quantity(text) for text in (*asked, *self.claims, *self.questions)]
        return {q.label: q for q in found}

    def _examples(self) -> str:
        far, claim = self.run.horizons["far"], next(iter(self.priors.claims))
        layer, share = next(iter(self.priors.layers.layers)), self.priors.share_facets()[0]
        return ", ".join((f"{STACK}@{far}", f"{layer}@{NOW}", f"{share}@{far}>0.1", claim, *list(self.questions)[:1]))

    def _paths(self, name: str) -> tuple[np.ndarray, str]:
        if name in self.claims:
            return self.claims[name], "strength"
        facet = self.priors.facets.get(name)
        share = self.priors.debate.share
        for group in (self.layers, self.facets):
            if name in group:
                return group[name], share if facet is None or facet.kind == "share" else facet.printed.unit
        names: Mapping[str, object] = {**self.layers, **self.facets, **self.claims, **self.questions}
        raise InputError(f"unknown quantity {name!r}{did_you_mean(name, list(names))}; ask like {self._examples()}")

    def _quarter(self, day: str | None, default: str | None, text: str) -> Quarter:
        day = day.strip() if day else default
        if day is None:
            return Quarter.parse(self.quarters[-1])
        if day == NOW:
            return self.now
        try:
            quarter = Quarter.of(date.fromisoformat(day))
        except ValueError:
            raise InputError(f"{text!r}: {day!r} is not a date such as 2027-12-31, nor 'now'") from None
        if str(quarter) not in self.quarters:
            first, last = Quarter.parse(self.quarters[0]), Quarter.parse(self.quarters[-1])
            raise InputError(f"{text!r}: the run reaches from {first} to {last}")
        return quarter
