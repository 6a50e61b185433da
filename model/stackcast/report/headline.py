"""The headline of a run as plain data: what ``stackcast show --json`` prints."""

from typing import Any

import pandas as pd

from stackcast.forecast.openness import STACK
from stackcast.posterior.summary import QUANTILES
from stackcast.runs.folder import Run

PATH = ("date", "mean", *QUANTILES)
LAST = ("signal", "id", "value", "side", "period_start", "period_end", "published", "days", "dates", "source_url")
NEWER = "newer_"


def headline(run: Run) -> dict[str, Any]:
    """Return the headline: gates, stack, layers with weights, facets, signals, claims, contrasts, questions.

    Every entry has ``name`` and ``prior_only``; what has dates has ``path``, a list of records by quarter end.
    """
    manifest = run.manifest
    layers = run.layers
    last = {row["name"]: row for row in _records(run.table("last_figures"))}
    return {
        "run": run.name,
        "as_of": manifest["as_of"],
        "prior_scenario": manifest["prior_scenario"],
        "seed": manifest["seed"],
        "horizons": run.horizons,
        "passed": run.passed,
        "gates": {g["name"]: {k: g[k] for k in ("value", "limit", "passed")} for g in run.diagnostics["gates"]},
        "stack": {**_openness(STACK, layers[layers["name"] == STACK]), "weights": manifest["weights"][STACK]},
        "layers": [
            {**_openness(str(name), table), "weights": manifest["weights"][name]}
            for name, table in _groups(layers)
            if name != STACK
        ],
        "facets": [_facet(str(name), table, last[name]) for name, table in _groups(run.facets)],
        "signals": [
            {
                "name": name,
                "prior_only": _flag(table),
                "measures": table["measures"].iloc[0],
                "path": _path(table),
            }
            for name, table in _groups(run.signals)
        ],
        "claims": [_claim(str(name), table, run.horizons["now"]) for name, table in _groups(run.claims)],
        "contrasts": [{**row, "prior_only": False} for row in _records(run.contrasts)],
        "questions": [{"name": row.pop("id"), **row} for row in _records(run.questions)],
    }


def at(table: pd.DataFrame, date: str) -> pd.Series:
    """Return the row of a one-quantity path table at a date."""
    return table[table["date"] == date].iloc[0]


def _groups(table: pd.DataFrame) -> list[tuple[Any, pd.DataFrame]]:
    return [(name, table[table["name"] == name]) for name in dict.fromkeys(table["name"])]


def _flag(table: pd.DataFrame) -> bool:
    return bool(table["prior_only"].iloc[0])


def _path(table: pd.DataFrame, *extra: str) -> list[dict[str, Any]]:
    return _records(table[[*PATH, *extra]])


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    plain = table.astype(object).where(table.notna(), None)
    return [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")]


def _openness(name: str, table: pd.DataFrame) -> dict[str, Any]:
    return {
        "name": name,
        "prior_only": _flag(table),
        "stands_on": table["stands_on"].iloc[0],
        "path": _path(table, "p_high", "p_high_weights", "p_high_simplex"),
    }


def _facet(name: str, table: pd.DataFrame, last: dict[str, Any]) -> dict[str, Any]:
    kind = table["kind"].iloc[0]
    extra = "p_high" if kind == "share" else "p_not_behind"
    return {
        "name": name,
        "prior_only": _flag(table),
        "kind": kind,
        "sd_ratio": float(table["sd_ratio"].iloc[0]),
        "thin": bool(table["thin"].iloc[0]),
        "stands_on": table["stands_on"].iloc[0],
        "last_figure": {key: last[key] for key in LAST},
        "newer_source": _newer(last),
        "path": _path(table, extra),
    }


def _newer(last: dict[str, Any]) -> dict[str, Any] | None:
    """Return the newest observation of a secondary signal, where it is newer than the reference's."""
    found = {key.removeprefix(NEWER): value for key, value in last.items() if key.startswith(NEWER)}
    return found if found["id"] is not None else None


def _claim(name: str, table: pd.DataFrame, now: str) -> dict[str, Any]:
    prior = table.drop(columns=["mean", *QUANTILES]).rename(columns=lambda c: c.removeprefix("prior_"))
    row = at(table, now)
    return {
        "name": name,
        "side": row["side"],
        "prior_only": bool(row["signals"] == 0),
        "thin": bool(row["thin"]),
        "p_operates": {"prior": float(row["prior_p_operates"]), "posterior": float(row["p_operates"])},
        "prior": _path(prior),
        "posterior": _path(table),
        "path": _path(table),
    }
