"""Comparison of two runs: inputs, headline, and the effect of each new observation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stackcast.explain.figure_draws import kept_figure
from stackcast.explain.quantity import Quantity, quantity_of
from stackcast.explain.refit import mean_shift
from stackcast.forecast.claims import reads
from stackcast.posterior.reweight import importance_weights
from stackcast.project import Project
from stackcast.runs.draws import Draws
from stackcast.runs.folder import Run


@dataclass(frozen=True)
class Comparison:
    """How two runs differ.

    Attributes
    ----------
    inputs
        ``kind, what, before, after``: settings, files, code and versions that differ.
    new, gone
        Observations that only the later, or only the earlier run used.
    moves
        ``what, before, after, quantity``: probabilities of the headline, the largest move first.
    quantity, before, after, error
        The compared quantity: its means, and the Monte Carlo error of their difference.
    shares
        ``id, published, value, alone, error, k_hat``: effect of each new observation alone on the
        earlier run; empty where k-hat is above its limit. The effects need not add up to the move.
    """

    inputs: pd.DataFrame
    new: pd.DataFrame
    gone: pd.DataFrame
    moves: pd.DataFrame
    quantity: Quantity
    before: float
    after: float
    error: float
    shares: pd.DataFrame


def compare_runs(before: Run, after: Run, project: Project, text: str) -> Comparison:
    """Compare two runs, and explain one quantity.

    Parameters
    ----------
    before, after
        Runs that passed their gates.
    project
        Holds the observations.
    text
        The quantity, as :func:`stackcast.explain.quantity.quantity_of` reads it.
    """
    asked = [quantity_of(run.draws, text) for run in (before, after)]
    fitted = [run.table("fitted") for run in (before, after)]
    new = fitted[1][~fitted[1]["id"].isin(fitted[0]["id"])]
    gone = fitted[0][~fitted[0]["id"].isin(fitted[1]["id"])]
    _, error = mean_shift(asked[0].draws, asked[1].draws)
    return Comparison(
        inputs=input_changes(before, after),
        new=new.reset_index(drop=True),
        gone=gone.reset_index(drop=True),
        moves=headline_moves(before, after),
        quantity=asked[1],
        before=float(asked[0].draws.mean()),
        after=float(asked[1].draws.mean()),
        error=error,
        shares=_alone(before.draws, asked[0], project, new),
    )


def input_changes(before: Run, after: Run) -> pd.DataFrame:
    """Return the inputs that differ: ``kind, what, before, after``; hashes are cut to eight characters."""
    left, right = (run.manifest["inputs"] for run in (before, after))
    rows = []
    for kind in ("order", "files", "versions"):
        a, b = left[kind], right[kind]
        rows += [
            (kind, name, _short(a.get(name)), _short(b.get(name)))
            for name in sorted({*a, *b})
            if a.get(name) != b.get(name)
        ]
    if left["code"] != right["code"]:
        rows.append(("code", "model/", _short(left["code"]), _short(right["code"])))
    return pd.DataFrame(rows, columns=["kind", "what", "before", "after"])


def headline_moves(before: Run, after: Run) -> pd.DataFrame:
    """Return ``what, before, after`` of every probability that both runs have, the largest move first.

    ``quantity`` is its name in the grammar of :mod:`stackcast.explain.quantity`.
    """
    rows: list[tuple[str, float, float, str]] = []
    days = list(after.horizons.values())
    now = after.horizons["now"]
    for kind, dates, column, word, asked in (
        ("layers", days, "p_high", f"P({{}} {after.debate.sides.high.name}) at {{}}", "{}@{}>0.5"),
        ("claims", [now], "p_operates", f"P({{}} {reads(after.debate, history=after.has_history)})", "{}@{}>0"),
    ):
        both = [run.table(kind).set_index(["name", "date"])[column] for run in (before, after)]
        for name in dict.fromkeys(both[1].index.get_level_values(0)):
            for day in dates:
                first = day if word.endswith("{}") else before.horizons["now"]
                if (name, first) in both[0].index:
                    chances = float(both[0][name, first]), float(both[1][name, day])
                    rows.append((word.format(after.debate.called(name), day), *chances, asked.format(name, day)))
    old, new = (run.questions.set_index("id")["probability"] for run in (before, after))
    rows += [(f"P({q})", float(old[q]), float(new[q]), str(q)) for q in new.index if q in old.index]
    table = pd.DataFrame(rows, columns=["what", "before", "after", "quantity"])
    return table.loc[(table["after"] - table["before"]).abs().sort_values(ascending=False, kind="stable").index]


def _alone(draws: Draws, quantity: Quantity, project: Project, new: pd.DataFrame) -> pd.DataFrame:
    """Return the effect of each new observation alone on the earlier run."""
    rows, signals = [], project.observations.signals
    for _, row in project.observations.rows[project.observations.rows["id"].isin(new["id"])].iterrows():
        figure = kept_figure(draws, row, signals, project.priors)
        if figure is None:
            continue
        weights = importance_weights(figure.log_likelihood())
        trusted = weights.trusted
        rows.append(
            {
                "id": row["id"],
                "published": row["published"].date().isoformat(),
                "value": row["value"],
                "alone": float(weights.mean(quantity.draws) - quantity.draws.mean()) if trusted else np.nan,
                "error": weights.shift_error(quantity.draws) if trusted else np.nan,
                "k_hat": weights.k_hat,
            }
        )
    table = pd.DataFrame(rows, columns=["id", "published", "value", "alone", "error", "k_hat"])
    return table.loc[table["alone"].abs().sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def _short(value: Any) -> str:
    if value is None:
        return "-"
    text = str(dict(value)) if isinstance(value, Mapping) else str(value)
    return text[:8] if len(text) == 64 else text
