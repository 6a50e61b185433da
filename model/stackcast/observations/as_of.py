"""Data known at a date, by publication dates, vintages and retractions."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from stackcast.observations.schema import Signal

if TYPE_CHECKING:
    from pandas.core.groupby.generic import DataFrameGroupBy


def known_at(rows: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return the rows published, and not retracted, on or before a day: every vintage known then."""
    moment = pd.Timestamp(day)
    return rows[(rows["published"] <= moment) & ~(rows["retracted"] <= moment)]


def ever_known(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that counted on any day: all but those retracted on the day of their publication."""
    return rows[~(rows["retracted"] <= rows["published"])]


def as_of(rows: pd.DataFrame, day: date, signals: Mapping[str, Signal]) -> pd.DataFrame:
    """Return, per signal and period, the latest vintage published on or before ``day`` and not retracted by it.

    A signal whose window grows (a year to date) has one period for each start: its latest vintage
    replaces the earlier, shorter ones, so that nothing is counted twice.

    Parameters
    ----------
    rows
        Observations with every vintage, as in ``Observations.rows``.
    day
        The as-of date: a row published later is unknown.
    signals
        Definitions by slug.
    """
    known = known_at(rows, day)
    growing = known["signal"].map(lambda slug: signals[slug].window == "growing").astype(bool)
    period = known["period_end"].where(~growing, pd.NaT)
    keys = [known["signal"], known["period_start"], period]
    order = known.sort_values(["published", "period_end", "id"], kind="stable").index
    latest = known.loc[order].groupby([k.loc[order] for k in keys], dropna=False, sort=False).tail(1)
    return latest.sort_values(["signal", "period_start", "period_end"], ignore_index=True)


def first_vintages(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the first published value of each signal and period: what a forecast is scored against."""
    return _of_each_period(rows).head(1).sort_index()


def revised_vintages(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the last published value of each signal and period that has been revised."""
    return rows.loc[rows.index.isin(_of_each_period(rows).tail(1).index) & ~rows.index.isin(first_vintages(rows).index)]


def _of_each_period(rows: pd.DataFrame) -> "DataFrameGroupBy[Any, Any]":
    ordered = rows.sort_values(["published", "id"], kind="stable")
    return ordered.groupby(["signal", "period_start", "period_end"], sort=False)
