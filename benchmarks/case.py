"""What is sampled: the shipped design, or one with more signals, steps or rows and simulated figures."""

from dataclasses import dataclass, replace
from datetime import date
from math import ceil

import numpy as np
import pandas as pd

from stackcast.evaluate.calibration.simulate import simulate
from stackcast.forecast.prior import prior_draws
from stackcast.graph.data import ObservedData, observe_as_of
from stackcast.graph.design import Design, build_design
from stackcast.graph.parameters import parameters
from stackcast.observations.schema import Signal
from stackcast.priors.load import Priors
from stackcast.project import Project
from stackcast.quarters import Quarter

AXES = ("signals", "steps", "rows")
STAND_IN = ("reference", "sensitivity")
MONTHS = 3


@dataclass(frozen=True)
class Scale:
    """How many times the shipped design's signals, quarters, and rows a quarter."""

    signals: int = 1
    steps: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Case:
    """One graph and its data."""

    design: Design
    observed: ObservedData


def load_case(day: date, scale: Scale | None = None, seed: int = 1) -> Case:
    """Return what the shipped store knows at ``day``; scaled, its figures are simulated.

    Parameters
    ----------
    day
        As-of date.
    scale
        Sizes against the shipped design. None keeps the shipped figures; ``Scale()`` simulates them.
    seed
        Of the world.
    """
    project = Project.load(".", today=day)
    rows, signals = project.observations.rows, project.observations.signals
    priors = project.priors.of_run(history=False)  # the Stan program has the declared priors
    if scale is None:
        return _case(rows, signals, priors, day)
    rows, signals = more_signals(rows, signals, scale.signals)
    quarters = build_design(rows, signals, priors, day).grid.size
    rows, priors = longer(rows, priors, quarters, scale.steps)
    case = _case(denser(rows, scale.rows), signals, priors, day)
    return replace(case, observed=simulate(case.design, case.observed, typical_world(case, seed), seed).observed)


def _case(rows: pd.DataFrame, signals: dict[str, Signal], priors: Priors, day: date) -> Case:
    design = build_design(rows, signals, priors, day)
    return Case(design, observe_as_of(design, rows, day))


def typical_world(case: Case, seed: int) -> dict[str, np.ndarray]:
    """Return one draw of every parameter from its prior, (1, own dims), with each log-normal scale at its median.

    So worlds of different sizes have noise and steps of one size, and what a growth shows is that of the design.
    """
    trajectories = prior_draws(case.design, case.observed, 1, seed)
    for q in parameters(case.design):
        if q.prior.name == "LogNormal":
            trajectories[q.name] = np.broadcast_to(np.exp(q.prior.mu), trajectories[q.name].shape)
    return trajectories


def more_signals(rows: pd.DataFrame, signals: dict[str, Signal], times: int) -> tuple[pd.DataFrame, dict[str, Signal]]:
    """Add copies of every signal, each with rows and a family of its own; no copy is a reference or a sensitivity."""
    tables, definitions = [rows], dict(signals)
    for k in range(2, times + 1):
        tables.append(rows.assign(signal=rows["signal"] + f"-{k}", id=rows["id"] + f"-{k}"))
        for slug, signal in signals.items():
            role = "secondary" if signal.role in STAND_IN else signal.role
            definitions[f"{slug}-{k}"] = signal.model_copy(update={"family": f"{signal.family}-{k}", "role": role})
    return pd.concat(tables, ignore_index=True), definitions


def longer(rows: pd.DataFrame, priors: Priors, quarters: int, times: int) -> tuple[pd.DataFrame, Priors]:
    """Put copies of the whole record before it, and begin the grid as much earlier."""
    tables = [rows]
    for k in range(1, times):
        back = pd.DateOffset(months=MONTHS * quarters * k)
        moved = {name: rows[name] - back for name in ("period_start", "period_end", "published")}
        tables.append(rows.assign(id=rows["id"] + f"-{k}", **moved))
    measurement = priors.measurement
    start = Quarter.parse(measurement.grid.start) + -quarters * (times - 1)
    grid = measurement.grid.model_copy(update={"start": str(start)})
    measurement = measurement.model_copy(update={"grid": grid})
    return pd.concat(tables, ignore_index=True), replace(priors, declared=measurement)


def denser(rows: pd.DataFrame, times: int) -> pd.DataFrame:
    """Add copies of every row whose periods begin some days later, a period of one day instead some days earlier."""
    tables = [rows]
    for k in range(1, times):
        length = (rows["period_end"] - rows["period_start"]).dt.days
        by = np.maximum(1, np.floor(length / (2 * times)).astype(int)) * k
        long = length >= ceil(times)
        start = rows["period_start"] + pd.to_timedelta(np.where(long, by, -k), unit="D")
        tables.append(rows.assign(id=rows["id"] + f"-d{k}", period_start=start))
    return pd.concat(tables, ignore_index=True)
