"""The data of a graph: observations known at an as-of date, masks and prior scenario, as arrays."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from stackcast.graph.design import Design
from stackcast.graph.selection import in_grid
from stackcast.likelihoods import FAMILIES, Encoded
from stackcast.likelihoods.base import POINT, level
from stackcast.observations.as_of import as_of
from stackcast.observations.revisions import LagBias, ages, decay, lag_bias
from stackcast.observations.schema import Signal
from stackcast.priors.debate import NEUTRAL
from stackcast.priors.latent import equilibrium_priors


@dataclass(frozen=True)
class ObservedData:
    """The data of a graph: the observations known at an as-of date, and a prior scenario.

    Attributes
    ----------
    rows
        The rows that enter, each with its likelihood and its slot among that likelihood's rows.
    data
        Arrays by name of the graph's data; slots that are not filled carry mask 0.
    as_of, prior_scenario, effects_on
        What was asked for.
    """

    rows: pd.DataFrame
    data: dict[str, np.ndarray]
    as_of: date
    prior_scenario: str
    effects_on: bool

    @property
    def likelihoods(self) -> list[str]:
        """Names of the likelihoods whose rows the data have room for."""
        return [name for name in FAMILIES if f"{name}_mask" in self.data]


def observe_as_of(
    design: Design, rows: pd.DataFrame, day: date, prior_scenario: str = NEUTRAL, *, effects_on: bool = True
) -> ObservedData:
    """Return what is known at ``day``, as the arrays of the graph's data.

    Parameters
    ----------
    design
        Layout of the graph.
    rows
        Every row in the store.
    day
        As-of date: rows published later, and later vintages, do not enter.
    prior_scenario
        ``neutral``, or another that the priors declare.
    effects_on
        False sets every effect of a claim on a facet to zero (the ablation).
    """
    mine = rows[rows["signal"].isin(design.signals)]
    # one row a signal and period: the latest vintage known at the day
    latest = in_grid(as_of(mine, day, design.signals), design.grid)
    latest = latest.assign(likelihood=[design.signals[s].likelihood for s in latest["signal"]])
    latest = latest.assign(slot=latest.groupby("likelihood").cumcount()).reset_index(drop=True)
    data: dict[str, np.ndarray] = {}
    for name, size in design.row_capacity.items():
        part = latest[latest["likelihood"] == name]
        if len(part) > size:
            raise ValueError(f"{len(part)} rows of {name} exceed the graph's room for {size}")
        data |= {f"{name}_{key}": _padded(array, size) for key, array in encode(design, name, part).items()}
    lags = [_lag(design, mine[mine["signal"] == slug], slug, day) for slug in design.lagging]
    chosen = design.priors.prior_scenarios[prior_scenario]
    equilibria = equilibrium_priors(design.priors, effects_on=effects_on)
    data |= {
        "lag_mean": np.array([lag.mean for lag in lags]),
        "lag_sd": np.array([lag.sd for lag in lags]),
        "claim_mean": np.array([chosen.means[s] for s in design.factors]),
        "equilibrium_mean": equilibria.mu,
        "equilibrium_sd": equilibria.sigma,
        "effect_multiplier": np.array([chosen.multipliers[e.factor] * effects_on for e in design.edges]),
    }
    return ObservedData(latest, data | _past(design), day, prior_scenario, effects_on)


def _past(design: Design) -> dict[str, np.ndarray]:
    """Return what earlier stacks say of effects; nothing where no effect has its size from them."""
    history = design.priors.history
    if history is None or not design.transferred:
        return {}
    return {
        "force_mean": np.array(history.effects.log_mean),
        "force_factor": history.effects.factor,
        "transfer_sd": np.array([force.transfer_sd for _, force in design.transferred]),
        "edge_rating": np.array([edge.force.rating if edge.force else 0.0 for edge in design.edges]),
        # a claim's path moves a facet by this part of what one sd between stacks does
        "edge_unit": np.array([history.unit.value if edge.force else 1.0 for edge in design.edges]),
    }


def _lag(design: Design, rows: pd.DataFrame, slug: str, day: date) -> LagBias:
    """Return what a signal's vintages, all in ``rows``, say at a date of its reporting lag."""
    signal, scales = design.signals[slug], design.priors.measurement.scales
    encoded = encode_figures(rows, signal)
    rows = rows.assign(level=level(FAMILIES[signal.likelihood], encoded.y, encoded.trials))
    return lag_bias(
        rows[encoded.side == POINT], day, growing=signal.window == "growing",
        prior_sd=scales.lag_shift.value, half_life=scales.lag_half_life.value, noise=scales.lag_noise.value,
    )  # fmt: skip


def graph_data(design: Design, observed: ObservedData) -> dict[str, np.ndarray]:
    """Return the data as the graph takes them: of each row's weights those of the quarters touched, no empty array.

    A row's ``weight`` (row, quarter) is zero but for the quarters that its period touches, at most ``max_quarters`` of
    them: the graph takes their places ``quarter`` and their weights ``share``, both (row, touched).
    """
    data = {name: array for name, array in observed.data.items() if array.size}
    for name in design.row_capacity:
        weight = data.pop(f"{name}_weight")
        # a stable sort on "weight is zero" puts the quarters touched first, in their order
        touched = np.argsort(weight == 0, axis=1, kind="stable")[:, : design.max_quarters]
        data |= {f"{name}_quarter": touched, f"{name}_share": np.take_along_axis(weight, touched, axis=1)}
    return data


def sides(design: Design, observed: ObservedData) -> np.ndarray:
    """Return, for each known row, 0 for a point, -1 for a floor and 1 for a ceiling."""
    out = np.zeros(len(observed.rows), dtype=int)
    for name in design.row_capacity:
        filled = observed.data[f"{name}_mask"] > 0
        out[np.flatnonzero(observed.rows["likelihood"].to_numpy() == name)] = observed.data[f"{name}_side"][filled]
    return out


def encode(design: Design, name: str, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the arrays of one likelihood's rows: weights, observations, errors, coefficients of shifts, mask."""
    definitions = [design.signals[s] for s in rows["signal"]]
    unit = np.array([d.per_unit for d in definitions])
    hard = np.array([d.bounds == "hard" for d in definitions], dtype=bool)
    value, lower, upper = (rows[c].to_numpy(float) / unit for c in ("value", "lower", "upper"))
    family = FAMILIES[name]
    # both readings of two bounds for all rows; each row takes that of its signal
    both = [family.encode(rows, value, lower, upper, flag) for flag in (False, True)]
    encoded = {key: np.where(hard, getattr(both[1], key), getattr(both[0], key)) for key in vars(both[0])}
    weights = design.grid.weights(rows["period_start"], rows["period_end"])
    lagging = np.array([d.lag_bias for d in definitions], dtype=float)
    half_life = design.priors.measurement.scales.lag_half_life.value
    return encoded | {
        "signal": np.array([design.slugs.index(s) for s in rows["signal"]], dtype="int64"),
        "weight": weights / weights.sum(axis=1, keepdims=True),
        "lag": lagging * decay(ages(rows), half_life),
        "mask": np.ones(len(rows)),
    }


def encode_figures(rows: pd.DataFrame, signal: Signal) -> Encoded:
    """Return observations of one signal on the latent scale of its likelihood."""
    value, lower, upper = (rows[c].to_numpy(float) / signal.per_unit for c in ("value", "lower", "upper"))
    return FAMILIES[signal.likelihood].encode(rows, value, lower, upper, signal.bounds == "hard")


def _padded(array: np.ndarray, size: int) -> np.ndarray:
    room = [(0, size - len(array))] + [(0, 0)] * (array.ndim - 1)  # (row, ...) to (size, ...)
    return np.pad(array, room)
