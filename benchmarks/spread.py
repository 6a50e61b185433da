"""Runs of ``make bench`` beside each other: what each measured, and how far apart they lie.

``spread`` is the greatest figure over the least. Draws of one seed are mostly the same in every run, so it shows what a
host that shares its processors is worth; what the ESS of the slowest of several hundred quantities is worth, several
seeds of one run show. Of those the median stands here.

Run: ``python -m benchmarks.spread FOLDER FOLDER ... [--markdown FILE]``, a folder being what ``make bench`` wrote.
"""

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from benchmarks.peers import KEPT, RECIPE, RIVAL
from benchmarks.stages import CASES
from benchmarks.written import markdown

SPEED = "min_ess_per_s"
TABLES = {
    "samplers": (("sampler",), ("compile_s", "sample_s", "min_ess", SPEED)),
    "stages": (("stage",), tuple(f"{case}, s" for case, _ in CASES)),
    "refit": (("refit",), ("sample", "total", "ess_bulk")),
    "growth": (("sampler", "axis", "times"), ("gradient_us", "sample_s", "added_mb", "min_ess")),
}
"""Of each file its keys, and the figures that are compared."""


def main() -> None:
    """Print the tables, and write them where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--markdown", type=Path)
    options = parser.parse_args()
    found = [{name: read(folder / f"{name}.json") for name in TABLES} for folder in options.folders]
    tables = [ratios([run["samplers"] for run in found])]
    tables += [beside([run[name] for run in found], *TABLES[name]) for name in TABLES]
    text = "\n\n".join(map(markdown, tables)) + "\n"
    print(text, end="")
    if options.markdown:
        options.markdown.write_text(text)


def read(path: Path) -> pd.DataFrame:
    """Return the table that a benchmark wrote as JSON."""
    return pd.DataFrame(json.loads(path.read_text()))


def beside(runs: Sequence[pd.DataFrame], keys: Sequence[str], measures: Sequence[str]) -> pd.DataFrame:
    """Return one row a key, in the order of the first run; of each measure the figure of each run, and the spread.

    A key that a run lacks is missing there.
    """
    tables = [
        run.assign(**{m: pd.to_numeric(run.get(m, math.nan), errors="coerce") for m in measures})
        .groupby(list(keys), sort=False)[list(measures)]
        .median()
        for run in runs
    ]
    order = list(dict.fromkeys(key for table in tables for key in table.index))
    columns = {}
    for measure in measures:
        figures = [table[measure].reindex(order) for table in tables]
        columns |= spread({f"{measure}, {i}": column for i, column in enumerate(figures, 1)}, f"{measure}, spread")
    return pd.DataFrame(columns, index=tables[0].reindex(order).index).reset_index()


def ratios(runs: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the recipe's effective draws a second over those of the others, for each run, and the spread."""
    rows: dict[str, list[float]] = {}
    for run in runs:
        speed = run.groupby("sampler")[SPEED].median()
        others = speed.drop([RECIPE, KEPT, RIVAL], errors="ignore")
        for name, mine in ((RECIPE, speed[RECIPE]), (KEPT, speed[KEPT])):
            rows.setdefault(f"{name}, over {RIVAL}", []).append(mine / speed[RIVAL])
            rows.setdefault(f"{name}, over the best other", []).append(mine / others.max())
    table = pd.DataFrame.from_dict(rows, orient="index", columns=[str(i) for i, _ in enumerate(runs, 1)])
    columns = spread({name: table[name] for name in table}, "spread")
    return pd.DataFrame({"ratio": table.index} | {name: column.to_numpy() for name, column in columns.items()})


def spread(figures: Mapping[str, pd.Series], name: str) -> dict[str, pd.Series]:
    """Return the figures of each run, and under ``name`` the greatest over the least, where two runs have one."""
    together = pd.concat(list(figures.values()), axis=1)
    return dict(figures) | {name: (together.max(axis=1) / together.min(axis=1)).where(together.count(axis=1) > 1)}


if __name__ == "__main__":
    main()
