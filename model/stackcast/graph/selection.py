"""Which quarters, signals and rows enter a graph."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from stackcast.errors import InputError
from stackcast.observations.as_of import ever_known
from stackcast.observations.schema import Signal
from stackcast.priors.load import Priors
from stackcast.quarters import Grid, Quarter

COVERED = 0.5
"""Least share of a period that the grid must cover for its row to enter."""
MIN_DATES = 4
"""Dates from which a signal has its own noise scale and deviation; a facet whose reference has fewer is thin."""


def grid_of(rows: pd.DataFrame, priors: Priors, day: date) -> Grid:
    """Return the quarters of a graph: up to the as-of date, and to the last publication that ever counted."""
    start = Quarter.parse(priors.measurement.grid.start)
    published = ever_known(rows)["published"].max()
    last = Quarter.of(day if pd.isna(published) else max(day, published.date()))
    return Grid(start, last - start + 1)


def signals_of_run(
    rows: pd.DataFrame, signals: Mapping[str, Signal], grid: Grid, criterion: str | None
) -> dict[str, Signal]:
    """Return the signals that a run under a criterion has: chosen by it, and with a row in the grid."""
    chosen = choose_signals(signals, criterion)
    used = set(in_grid(rows[rows["signal"].isin(chosen)], grid)["signal"])
    return {slug: signal for slug, signal in chosen.items() if slug in used}


def choose_signals(signals: Mapping[str, Signal], criterion: str | None) -> dict[str, Signal]:
    """Return the signals that enter a run under a criterion; under none, those that declare none."""
    known = {d.criterion for d in signals.values() if d.criterion}
    if criterion is not None and criterion not in known:
        raise InputError(f"unknown criterion {criterion!r}; signals.yaml knows {', '.join(sorted(known)) or 'none'}")
    chosen: dict[str, Signal] = {}
    for slug, signal in signals.items():
        if signal.role == "context" or signal.criterion not in (None, criterion):
            continue
        if signal.role == "sensitivity":
            chosen[slug] = signal.model_copy(update={"role": "reference"})
        else:
            chosen[slug] = signal
    return chosen


def is_thin(dates: int) -> bool:
    """Say whether distinct periods with an observation are too few for a noise scale of their own."""
    return dates < MIN_DATES


def in_grid(rows: pd.DataFrame, grid: Grid) -> pd.DataFrame:
    """Return the rows that ever counted and whose period the grid covers by half or more."""
    rows = ever_known(rows)
    return rows[grid.weights(rows["period_start"], rows["period_end"]).sum(axis=1) >= COVERED]
