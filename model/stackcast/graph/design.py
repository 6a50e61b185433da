"""The design: which signals, facets, factors and innovations a graph has, by label.

The structure depends on definitions, on the dates of the rows in the store and on which have two bounds, never on a
value; what is known at an as-of date enters as data (:mod:`stackcast.graph.data`). So one compiled graph serves every
as-of date and prior scenario. Every list of labels but those of facets, factors, signals and likelihoods may be empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from stackcast.graph.dynamics import Wiring, memory
from stackcast.graph.selection import grid_of, in_grid, is_thin, signals_of_run
from stackcast.likelihoods import FAMILIES
from stackcast.observations.schema import Signal
from stackcast.priors.edges import Edge, edges
from stackcast.priors.history import Force
from stackcast.priors.load import Priors
from stackcast.priors.schema import Effect
from stackcast.quarters import Grid, Quarter

DENSE_DAYS = 185
"""Usual spacing up to which a deviation of a signal can be told from independent errors."""
ROW_ROOM = 16
"""Room for rows of a likelihood comes in multiples of this: until it is full, one more row changes no shape."""


@dataclass(frozen=True)
class Design:
    """Labels and index arrays of one graph.

    Attributes
    ----------
    grid
        The quarterly grid, with room after the as-of date.
    priors
        The priors behind it.
    signals
        Definitions of the signals in the graph, by slug.
    own_noise
        Signals with dates enough for a noise scale of their own.
    facet_start
        First quarter (index) with a row of each facet: it is active after it.
    deviation_start
        First quarter (index) with a row of each signal that has a deviation, which runs on to the grid's end.
    bounded
        Signals that have a row with two hard bounds.
    family_nodes
        (family, year) pairs in which two or more signals of a family have rows.
    row_capacity
        Rows that each likelihood has room for; one that no signal uses is not in the graph.
    max_quarters
        Quarters that the longest period touches.
    """

    grid: Grid
    priors: Priors
    signals: dict[str, Signal]
    own_noise: list[str]
    facet_start: dict[str, int]
    deviation_start: dict[str, int]
    bounded: list[str]
    family_nodes: tuple[tuple[str, int], ...]
    row_capacity: dict[str, int]
    max_quarters: int

    @cached_property
    def facets(self) -> list[str]:
        """Facet names."""
        return list(self.priors.facets)

    @cached_property
    def factors(self) -> list[str]:
        """Names of the factors: claims without sub-claims, and sub-claims."""
        return list(self.priors.factors)

    @cached_property
    def slugs(self) -> list[str]:
        """Signal names."""
        return list(self.signals)

    @cached_property
    def likelihoods(self) -> list[str]:
        """Names of the likelihoods that a signal uses."""
        return list(self.row_capacity)

    @cached_property
    def gaps(self) -> list[str]:
        """Facets that are gaps."""
        return [name for name, facet in self.priors.facets.items() if facet.kind == "gap"]

    @cached_property
    def is_share(self) -> np.ndarray:
        """(facet) 1 for shares, 0 for gaps."""
        return np.array([float(f.kind == "share") for f in self.priors.facets.values()])

    @cached_property
    def edges(self) -> list[Edge]:
        """Every effect of a factor on a facet."""
        return edges(self.priors)

    @cached_property
    def declared_edges(self) -> list[tuple[Edge, Effect]]:
        """Effects whose size is declared, each with its bound: all, where the priors have no history."""
        return [(edge, edge.declared) for edge in self.edges if edge.declared is not None]

    @cached_property
    def transferred(self) -> list[tuple[Edge, Force]]:
        """Effects whose size is that of earlier stacks, each with its force."""
        return [(edge, edge.force) for edge in self.edges if edge.force is not None]

    @property
    def forces(self) -> list[str]:
        """Forces of history; none where the priors have no history."""
        history = self.priors.history
        return list(history.effects.forces) if history is not None else []

    @cached_property
    def pulled(self) -> list[str]:
        """Facets on which a gap pulls."""
        return [name for name, facet in self.priors.facets.items() if facet.gap_pull]

    @cached_property
    def pulling(self) -> dict[str, np.ndarray]:
        """Gaps that pull, each with its (pulled, facet) ones that lead from the pulled to their place."""
        by = {f: facet.gap_pull for f, facet in self.priors.facets.items()}
        return {
            gap: np.array([[float(f == name and by[f] == gap) for f in self.facets] for name in self.pulled])
            for gap in self.gaps
            if gap in by.values()
        }

    @cached_property
    def secondary_signals(self) -> list[str]:
        """Signals of a facet that are not its reference: they have house effects."""
        return [s for s, d in self.signals.items() if d.role == "secondary"]

    @cached_property
    def secondary_facets(self) -> list[str]:
        """Facets with a secondary signal."""
        return [f for f in self.facets if any(self.signals[s].measures.facet == f for s in self.secondary_signals)]

    @cached_property
    def indicators(self) -> list[str]:
        """Signals of a claim."""
        return [s for s, d in self.signals.items() if d.role == "indicator"]

    @cached_property
    def free_loadings(self) -> list[str]:
        """Signals whose loading is estimated: indicators, and gaps in a unit of their own."""
        return [s for s in self.slugs if s in self.indicators or (s in self.secondary_signals and self.is_gap(s))]

    @cached_property
    def lagging(self) -> list[str]:
        """Signals whose recent periods are filled in backwards."""
        return [s for s, d in self.signals.items() if d.lag_bias]

    @cached_property
    def deviating(self) -> list[str]:
        """Signals with a deviation of their own."""
        return list(self.deviation_start)

    @cached_property
    def facet_nodes(self) -> list[tuple[int, int]]:
        """(quarter, facet) index pairs of the facets' innovations: every quarter after a facet's first."""
        starts = enumerate(self.facet_start[name] for name in self.facets)
        return [(t, f) for f, first in starts for t in range(first + 1, self.grid.size)]

    @cached_property
    def active(self) -> np.ndarray:
        """(quarter, facet) 1 where a facet has an innovation, else 0."""
        first = np.array([self.facet_start[name] for name in self.facets])
        return (np.arange(self.grid.size)[:, None] > first).astype(float)  # (quarter, 1) > (facet)

    @cached_property
    def deviation_nodes(self) -> list[tuple[int, int]]:
        """(quarter, deviating) index pairs of the deviations' innovations."""
        starts = enumerate(self.deviation_start.values())
        return [(t, k) for k, first in starts for t in range(first, self.grid.size)]

    @cached_property
    def edge_ends(self) -> tuple[np.ndarray, np.ndarray]:
        """From where and to where each effect runs: (factor, edge) ones, and (edge, facet) declared signs."""
        start, end = np.zeros((len(self.factors), len(self.edges))), np.zeros((len(self.edges), len(self.facets)))
        for i, edge in enumerate(self.edges):
            start[self.factors.index(edge.factor), i] = 1.0
            end[i, self.facets.index(edge.facet)] = edge.sign
        return start, end

    @cached_property
    def wiring(self) -> Wiring:
        """The constants of the transition."""
        scales = self.priors.measurement.scales
        half_lives = np.array([s.half_life for s in self.priors.factors.values()])
        return Wiring(
            pulling=tuple(slice(i, i + 1) for i in (self.facets.index(gap) for gap in self.pulling)),
            slope_memory=float(memory(scales.slope_half_life.value)),
            factor_memory=np.asarray(memory(half_lives)),
            factor_start=self.priors.claim_start.sd if self.priors.claim_start else 1.0,
            deviation_memory=float(memory(scales.deviation_half_life.value)),
        )

    def is_gap(self, slug: str) -> bool:
        """Whether a signal measures a gap."""
        return self.signals[slug].measures.facet in self.gaps

    def openness_sign(self, slug: str) -> int:
        """Direction in which a signal's value counts for the side ``high``: the sign of its family's shared error."""
        measures = self.signals[slug].measures
        if measures.facet is not None:
            return -measures.sign if measures.facet in self.gaps else measures.sign
        return measures.sign * self.priors.debate.sides.sign(self.priors.factors[measures.target].side)

    def coords(self) -> dict[str, list[str]]:
        """Return the labels of every dim of the graph; a parameter of a dim without labels does not exist."""
        grid = self.grid.labels
        return {
            "quarter": grid,
            "facet": self.facets,
            "gap_facet": self.gaps,
            "factor": self.factors,
            "edge": [e.label for e in self.edges],
            "declared_edge": [e.label for e, _ in self.declared_edges],
            "transferred_edge": [e.label for e, _ in self.transferred],
            "force": self.forces,
            "pulled": self.pulled,
            "signal": self.slugs,
            "secondary_signal": self.secondary_signals,
            "secondary_facet": self.secondary_facets,
            "indicator": self.indicators,
            "free_loading": self.free_loadings,
            "own_noise": self.own_noise,
            "likelihood": self.likelihoods,
            "deviating": self.deviating,
            "lagging": self.lagging,
            "bounded": self.bounded,
            "facet_node": [f"{self.facets[f]}@{grid[t]}" for t, f in self.facet_nodes],
            "deviation_node": [f"{self.deviating[k]}@{grid[t]}" for t, k in self.deviation_nodes],
            "family_node": [f"{family}@{year}" for family, year in self.family_nodes],
        }


def build_design(
    rows: pd.DataFrame, signals: Mapping[str, Signal], priors: Priors, day: date, criterion: str | None = None
) -> Design:
    """Lay out the graph of a project that is ready (:mod:`stackcast.readiness`); any earlier date fits in it as well.

    Parameters
    ----------
    rows
        Every row in the store; only their dates matter here.
    signals
        Definitions by slug.
    priors
        Validated priors.
    day
        The latest as-of date that the graph must hold; it reaches to the last publication in the store anyway.
    criterion
        Which rule of counting is asked for, the debate's by default: signals of another one stay out, and a sensitivity
        signal of this one takes the place of the reference.
    """
    grid = grid_of(rows, priors, day)
    chosen = signals_of_run(rows, signals, grid, criterion or priors.debate.criterion)
    used = in_grid(rows[rows["signal"].isin(chosen)], grid)
    dates = used.groupby("signal")[["period_start", "period_end"]].apply(lambda g: len(g.drop_duplicates()))
    own_noise = [slug for slug in chosen if not is_thin(dates[slug])]
    first = used.groupby("signal")["period_end"].min()
    begins = used.groupby(used["signal"].map(lambda slug: chosen[slug].measures.target))["period_end"].min()
    facet_start = {name: _begin(grid, begins[name]) for name in priors.facets}
    shared = pd.Series([d.measures.target for d in chosen.values()]).value_counts()
    deviation_start = {
        slug: _begin(grid, first[slug])
        for slug in own_noise
        if chosen[slug].spacing_days <= DENSE_DAYS
        and chosen[slug].role != "reference"
        and shared[chosen[slug].measures.target] > 1
    }
    within = set(used.loc[used["lower"].notna() & used["upper"].notna(), "signal"])
    bounded = [slug for slug, signal in chosen.items() if slug in within and signal.bounds == "hard"]
    periods = used.drop_duplicates(["signal", "period_start", "period_end"])["signal"]
    sizes = periods.map(lambda slug: chosen[slug].likelihood).value_counts()
    row_capacity = {name: (int(sizes[name]) // ROW_ROOM + 1) * ROW_ROOM for name in FAMILIES if name in sizes}
    nodes = _family_nodes(used, chosen, grid)
    max_quarters = int((grid.weights(used["period_start"], used["period_end"]) > 0).sum(axis=1).max())
    return Design(
        grid, priors, chosen, own_noise, facet_start, deviation_start, bounded, nodes, row_capacity, max_quarters
    )


def _begin(grid: Grid, day: date) -> int:
    """Return the quarter (index) in which a first period ends, within the grid: a projection may end behind it."""
    return min(max(0, grid.index(Quarter.of(day))), grid.size - 1)


def _family_nodes(rows: pd.DataFrame, signals: Mapping[str, Signal], grid: Grid) -> tuple[tuple[str, int], ...]:
    years = grid.weights(rows["period_start"], rows["period_end"]) @ grid.year_matrix()
    seen: dict[tuple[str, int], set[str]] = {}
    for slug, weights in zip(rows["signal"], years, strict=True):
        for year, weight in zip(grid.years, weights, strict=True):
            if weight > 0:
                seen.setdefault((signals[slug].family, year), set()).add(slug)
    return tuple(sorted(node for node, slugs in seen.items() if len(slugs) > 1))
