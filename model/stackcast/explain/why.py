"""Influence of observations, signals and publishers on a quantity, and its path from prior to posterior.

Two views, because deletions do not add up. *Influence* is case deletion: the quantity with an item less the quantity
without it. Draws are weighted by one over the item's likelihood, its signal's own offset integrated out, and
Pareto-smoothed (Vehtari et al. 2024, JMLR 25:72); where k-hat is above its limit, the run is refitted without the item.
The *path* adds up: from the prior through the posteriors at the ends of earlier years to the run's, each step the data
published between two dates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from stackcast.explain.figure_draws import KeptFigure, kept_figure
from stackcast.explain.integrated import Offset, marginal_log_likelihood, offsets_of
from stackcast.explain.quantity import Quantity, quantity_of
from stackcast.explain.refit import Refitter, mean_shift
from stackcast.posterior.reweight import importance_weights
from stackcast.progress import Progress, no_progress
from stackcast.project import Project
from stackcast.runs.draws import Draws
from stackcast.runs.folder import Run

BY = ("observation", "signal", "publisher")
PAST = "earlier stacks"
"""Name of the item that is all of ``priors/history.yaml``."""
WEIGHTS, REFIT, REFUSED = "weights", "refit", "refused"
"""Method of an influence: weights, a refit, or none, as k-hat is above its limit."""
NO_RUN = "no run: stackcast fit --history off"
"""Method of an influence of earlier stacks that is not known."""


@dataclass(frozen=True)
class Item:
    """An observation, or all of a signal or a publisher.

    Attributes
    ----------
    name
        Its id, slug or publisher.
    ids
        The observations in it.
    plain
        (draw) log weight of deleting the item: minus its log likelihood.
    integrated
        (draw) the same with the offsets of its signals integrated out: for quantities of states alone.
    """

    name: str
    ids: tuple[str, ...]
    plain: np.ndarray
    integrated: np.ndarray


@dataclass(frozen=True)
class Influence:
    """The influence of one item on a quantity.

    Attributes
    ----------
    item
        The item.
    size, error
        Mean with it less mean without it, in the quantity's unit, and the Monte Carlo standard error.
    k_hat
        Pareto k-hat of the weights.
    method
        :data:`WEIGHTS`, :data:`REFIT` or :data:`REFUSED`.
    """

    item: Item
    size: float
    error: float
    k_hat: float
    method: str


def items(run: Run, project: Project, by: str) -> list[Item]:
    """Return the observations of a run, single or grouped."""
    signals = project.observations.signals
    used = project.observations.rows[project.observations.rows["id"].isin(run.table("fitted")["id"])]
    offsets = offsets_of(run.context(project))
    found: dict[str, list[Item]] = {}
    for slug, rows in used.groupby("signal", sort=False):
        signal = signals[str(slug)]
        every = {str(row["id"]): kept_figure(run.draws, row, signals, project.priors) for _, row in rows.iterrows()}
        figures = {row_id: figure for row_id, figure in every.items() if figure is not None}
        parts = [{row_id} for row_id in figures] if by == "observation" else [set(figures)]
        for part in parts:
            first = next(iter(part))
            name = {"observation": first, "signal": str(slug), "publisher": signal.publisher.name}[by]
            found.setdefault(name, []).append(_item(name, figures, part, offsets.get(str(slug))))
    return [_together(name, parts) for name, parts in found.items()]


def _item(name: str, figures: Mapping[str, KeptFigure], gone: set[str], offset: Offset | None) -> Item:
    """Return the item of some observations of one signal."""
    plain = -np.sum([figures[row_id].log_likelihood() for row_id in gone], axis=0)
    if offset is None:
        return Item(name, tuple(sorted(gone)), plain, plain)
    left = [figure for row_id, figure in figures.items() if row_id not in gone]
    integrated = marginal_log_likelihood(left, offset) - marginal_log_likelihood(list(figures.values()), offset)
    return Item(name, tuple(sorted(gone)), plain, integrated)


def _together(name: str, parts: Sequence[Item]) -> Item:
    ids = tuple(row_id for part in parts for row_id in part.ids)
    return Item(name, ids, np.sum([p.plain for p in parts], axis=0), np.sum([p.integrated for p in parts], axis=0))


def influence(quantity: Quantity, item: Item) -> Influence:
    """Return the influence of an item by weights alone."""
    weights = importance_weights(item.integrated if quantity.of_states else item.plain)
    size = float(quantity.draws.mean() - weights.mean(quantity.draws))
    method = WEIGHTS if weights.trusted else REFUSED
    return Influence(item, size, weights.shift_error(quantity.draws), weights.k_hat, method)


def refitted(quantity: Quantity, text: str, item: Item, refitter: Refitter, k_hat: float) -> Influence:
    """Return the influence of an item by a refit without it."""
    without = quantity_of(refitter.without(item.ids), text)
    size, error = mean_shift(without.draws, quantity.draws)
    return Influence(item, size, error, k_hat, REFIT)


def past(
    quantity: Quantity, text: str, run: Run, project: Project, stored: Draws | None, refitter: Refitter | None
) -> list[Influence]:
    """Return how far earlier stacks move a quantity, as an item of its own; nothing where the run did without them.

    Parameters
    ----------
    quantity, text
        The quantity, and the text that asked for it.
    run, project
        The run that is explained, and its project.
    stored
        Draws of a run that differs in nothing but earlier stacks, where there is one.
    refitter
        Makes them where there is none; None leaves the item refused.
    """
    if project.priors.history is None or not run.settings.history:
        return []
    draws = stored if stored is not None or refitter is None else refitter.without_history()
    nothing = Item(PAST, (), np.zeros(0), np.zeros(0))
    if draws is None:
        return [Influence(nothing, np.nan, np.nan, np.nan, NO_RUN)]
    size, error = mean_shift(quantity_of(draws, text).draws, quantity.draws)
    return [Influence(nothing, size, error, np.nan, REFIT)]


def ledger(
    quantity: Quantity,
    text: str,
    found: Sequence[Item],
    refitter: Refitter | None,
    refits: int,
    progress: Progress = no_progress,
) -> list[Influence]:
    """Return every item's influence, the largest first.

    Parameters
    ----------
    quantity, text
        The quantity, and the text that asked for it.
    found
        The items.
    refitter
        Refits where k-hat is above its limit; None leaves those refused.
    refits
        At most so many, those with the largest estimates first.
    progress
        Called with the share of the refits done and a word on them.
    """
    by_weights = sorted((influence(quantity, item) for item in found), key=lambda i: -abs(i.size))
    again = [i for i in by_weights if i.method == REFUSED][: refits if refitter else 0]
    exact = {}
    for n, one in enumerate(again):
        progress(n / len(again), f"fitting without {one.item.name} ({n + 1} of {len(again)})")
        assert refitter is not None
        exact[one.item.name] = refitted(quantity, text, one.item, refitter, one.k_hat)
    return sorted((exact.get(i.item.name, i) for i in by_weights), key=lambda i: (i.method == REFUSED, -abs(i.size)))


def ledger_table(rows: Sequence[Influence]) -> pd.DataFrame:
    """Return ``name, observations, influence, error, k_hat, method``; a refused influence is empty."""
    return pd.DataFrame(
        [
            {
                "name": i.item.name,
                "observations": len(i.item.ids),
                "influence": np.nan if i.method == REFUSED else i.size,
                "error": np.nan if i.method == REFUSED else i.error,
                "k_hat": i.k_hat,
                "method": i.method,
            }
            for i in rows
        ]
    )


@dataclass(frozen=True)
class Step:
    """One step of the path from prior to posterior.

    Attributes
    ----------
    day
        As-of date.
    ids
        The observations known.
    draws
        Kept draws of the posterior as of that day.
    other_code
        Whether they are of another version of the code.
    """

    day: date
    ids: frozenset[str]
    draws: Draws
    other_code: bool = False


def year_ends(run: Run) -> list[date]:
    """Return the ends of earlier years in which observations of a run were published."""
    years = pd.to_datetime(run.table("fitted")["published"]).dt.year
    return [day for year in range(int(years.min()), run.as_of.year + 1) if (day := date(year, 12, 31)) < run.as_of]


def refitted_steps(refitter: Refitter, *, make: bool) -> list[Step]:
    """Return the posterior at the end of each year, by refits on the run's own graph, and last the run's.

    Years without a stored refit are left out where no refit is allowed.
    """
    steps = []
    days = year_ends(refitter.run)
    for n, day in enumerate(days):
        refitter.progress(n / len(days), f"fitting as of {day} ({n + 1} of {len(days)})")
        found = refitter.as_of(day, make=make)
        if found is not None:
            steps.append(Step(day, found[1], found[0]))
    return [*steps, step_of(refitter.run)]


def stored_steps(runs: Sequence[Run], run: Run) -> list[Step]:
    """Return the stored runs of earlier dates as steps, and last the run's own."""
    code = run.manifest["inputs"]["code"]
    return [*(step_of(r, other_code=r.manifest["inputs"]["code"] != code) for r in runs if r != run), step_of(run)]


def step_of(run: Run, *, other_code: bool = False) -> Step:
    """Return a run as a step."""
    return Step(run.as_of, frozenset(run.table("fitted")["id"]), run.draws, other_code)


def path(text: str, steps: Sequence[Step], run: Run) -> pd.DataFrame:
    """Return the path of a quantity's mean from prior to posterior, step by step.

    Parameters
    ----------
    text
        The quantity.
    steps
        In the order of their dates, the last the run that is explained.
    run
        That run.

    Returns
    -------
    DataFrame
        ``step, observations, before, after, change, error, other_code``: the changes add up to posterior less prior,
        each with its Monte Carlo standard error. The first step starts from the prior, as the run has it.
    """
    rows: list[dict[str, Any]] = []
    before, known, last_error = prior_mean(quantity_of(run.draws, text), run), frozenset[str](), 0.0
    for step in steps:
        values = quantity_of(step.draws, text).draws
        after, own_error = float(values.mean()), float(values.std() / np.sqrt(len(values)))
        rows.append(
            {
                "step": f"published by {step.day}",
                "observations": len(step.ids - known),
                "before": before,
                "after": after,
                "change": after - before,
                "error": float(np.hypot(own_error, last_error)),
                "other_code": step.other_code,
            }
        )
        before, known, last_error = after, step.ids, own_error
    return pd.DataFrame(rows)


def prior_mean(asked: Quantity, run: Run) -> float:
    """Return the prior's mean of a quantity, from the run's tables; NaN where they do not hold it."""
    name, _, day = asked.label.partition(", ")
    scale = run.scales[name].per_unit if name in run.scales else 1.0
    for table in (run.layers, run.facets, run.claims):
        found = table[(table["name"] == name) & (table["date"] == day)]
        if len(found):
            return float(found["prior_mean"].iloc[0]) * scale
    questions = run.questions.set_index("id")["prior_probability"]
    return float(questions[name]) if name in questions.index else float("nan")
