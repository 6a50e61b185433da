"""Contradictions: pairs of signals of one facet whose house effects lie far apart."""

from dataclasses import dataclass
from itertools import combinations

from stackcast.observations.store import Observations
from stackcast.posterior.summary import rows_of
from stackcast.runs.folder import Run

FAR = 1.0
"""Distance of house effects (latent scale) from which two signals contradict each other."""


@dataclass(frozen=True)
class Contradiction:
    """Two signals of a facet, and how much more of it the first reads (latent scale)."""

    facet: str
    higher: str
    lower: str
    distance: float


def contradictions(run: Run, observations: Observations) -> list[Contradiction]:
    """Return pairs of a facet's signals with house effects :data:`FAR` apart and disjoint 90 % intervals.

    A reference has no house effect: it stands at zero.
    """
    houses = run.table("houses")
    names = dict(zip(houses["name"], houses["facet"], strict=True))
    found = []
    for facet in sorted(set(names.values())):
        sources = [(str(r.name), r.q05, r.q50, r.q95) for r in rows_of(houses[houses["facet"] == facet])]
        for a, b in combinations([*_references(observations, facet), *sources], 2):
            low, high = sorted((a, b), key=lambda s: s[2])
            if high[2] - low[2] > FAR and high[1] > low[3]:
                found.append(Contradiction(facet, high[0], low[0], high[2] - low[2]))
    return sorted(found, key=lambda c: -c.distance)


def _references(observations: Observations, facet: str) -> list[tuple[str, float, float, float]]:
    signals = observations.signals.items()
    return [(s, 0.0, 0.0, 0.0) for s, d in signals if d.measures.facet == facet and d.role == "reference"]
