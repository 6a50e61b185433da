"""Influences by weights beside exact refits: ``python -m benchmarks.deletions``.

Deletes observations and whole signals of a stored run, once by weights and once by a fit without them, and prints how
far the two lie apart. Refits are kept with the run, so an interrupted call goes on. Takes a minute or so a refit.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from stackcast.explain.quantity import quantity_of
from stackcast.explain.refit import Refitter
from stackcast.explain.why import WEIGHTS, Item, influence, items, refitted
from stackcast.project import Project
from stackcast.runs.draws import Draws
from stackcast.runs.folder import load_run

QUANTITIES = ("models@2027-12-31", "stack@2030-12-31", "O1", "models.capability@2027-12-31")


def chosen(found: list[Item], draws: Draws, count: int) -> Iterator[Item]:
    """Yield items over the whole range of k-hat, evenly."""
    k_hat = [influence(quantity_of(draws, QUANTITIES[0]), item).k_hat for item in found]
    order = np.argsort(k_hat)
    return (found[order[i]] for i in np.linspace(0, len(found) - 1, count).round().astype(int))


def compare(run: str | None, runs: Path, count: int) -> pd.DataFrame:
    """Return one row an item and quantity: both influences, their errors, k-hat, and their distance in errors."""
    project, found = Project.load("."), load_run(run, runs).require_passed()
    refitter = Refitter(found, project, runs)
    rows = []
    for by in ("observation", "signal"):
        for item in chosen(items(found, project, by), found.draws, count):
            for text in QUANTITIES:
                quantity = quantity_of(found.draws, text)
                weighed = influence(quantity, item)
                exact = refitted(quantity, text, item, refitter, weighed.k_hat)
                rows.append(
                    {
                        "by": by, "item": item.name, "quantity": quantity.label, "k_hat": weighed.k_hat,
                        "trusted": weighed.method == WEIGHTS, "weights": weighed.size, "weights_error": weighed.error,
                        "refit": exact.size, "refit_error": exact.error,
                        "spread": quantity.draws.std(),
                        "z": (weighed.size - exact.size) / np.hypot(weighed.error, exact.error),
                    }
                )  # fmt: skip
            print(f"{len(rows) // len(QUANTITIES)}: {item.name}", file=sys.stderr, flush=True)
    return pd.DataFrame(rows)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return, for weights that are trusted and refused: how far they lie from refits, in spreads and in errors."""
    away = (table["weights"] - table["refit"]).abs() / table["spread"]
    return (
        table.assign(away=away)
        .groupby(["by", "trusted"])
        .agg(
            comparisons=("z", "size"),
            median_away=("away", "median"),
            most_away=("away", "max"),
            sd_of_z=("z", "std"),
            beyond_3=("z", lambda z: int((z.abs() > 3).sum())),
        )
        .reset_index()
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run")
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--count", type=int, default=12, help="observations, and as many signals")
    parser.add_argument("--out", type=Path, default=Path("docs/deletions.csv"))
    given = parser.parse_args()
    found = compare(given.run, given.runs, given.count)
    found.to_csv(given.out, index=False, float_format="%.5g", lineterminator="\n")
    print(summary(found).to_string(index=False))
