"""How the cost of a fit grows with signals, quarters and rows, one at a time.

Designs are scaled copies of the shipped one with figures of a simulated world (:mod:`benchmarks.case`). Of each are
measured: a gradient by itself, the gradients of the kept draws for each effective draw of the slowest quantity, the
recipe's metric of one fit, the seconds of pilot, metric, warm-up and draws, and the memory that these add. A slope is
that of a line through the logarithms: 1 is linear. ``ratio`` is the recipe's min ESS a second over another sampler's.

Run: ``make bench``, or ``python -m benchmarks.growth [--axes signals] [--times 1 2] [--json FILE] [--plot FILE]``.
"""

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.case import AXES, Case, Scale, load_case
from benchmarks.drawn import Plan
from benchmarks.growth_plot import growth_plot
from benchmarks.judge import judge, quantities
from benchmarks.peers import PEERS, RECIPE, RIVAL
from benchmarks.process import NoDrawsError, Order, Ran, run
from benchmarks.samplers import NOTE, costs
from benchmarks.written import command, document
from stackcast.inference.layout import Layout
from stackcast.project import utc_today

TIMES = (1, 2, 4, 8)
PLAN = Plan(draws=250)
MEASURES = ("gradient_us", "gradients_an_effective_draw", "metric_s", "sample_s", "added_mb")
COLUMNS = (
    "sampler", "axis", "times", "signals", "quarters", "rows", "dimensions", "compile_s", "gradient_us", "steps_a_draw",
    "gradients_an_effective_draw", "gradients", "metric_s", "sample_s", "sample_cpu_s", "compile_mb", "added_mb",
    "min_ess", "slowest", "divergences", "r_hat", NOTE,
)  # fmt: skip
RIVAL_CELLS = [("signals", 2), ("signals", 4), ("steps", 2), ("steps", 4)]
"""Where nutpie's default is measured too: it takes minutes each, and rows tell no more than signals do."""


@dataclass(frozen=True)
class Cell:
    """One sampler on one size; of the shipped size there is one for all axes."""

    sampler: str
    axis: str
    times: int

    @property
    def scale(self) -> Scale:
        """Its size."""
        return Scale(**{self.axis: self.times}) if self.times > 1 else Scale()


def main() -> None:
    """Print the tables; write them, and the plot, where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samplers", nargs="+", choices=list(PEERS), default=[RECIPE, RIVAL])
    parser.add_argument("--axes", nargs="+", choices=AXES, default=list(AXES))
    parser.add_argument("--times", type=int, nargs="+", default=list(TIMES))
    parser.add_argument("--draws", type=int, default=PLAN.draws)
    parser.add_argument("--tune", type=int, help="warm-up draws; each sampler's own default without it")
    parser.add_argument("--read", type=Path, nargs="+", help="JSON files of earlier runs, instead of measuring")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--plot", type=Path, help="an SVG file")
    options = parser.parse_args()
    if options.read and options.markdown:
        parser.error("--markdown names the machine of this run, so it cannot tell of figures that were read")
    rows: list[dict[str, Any]] = []
    day = utc_today()
    if options.read:
        rows = [row for path in options.read for row in json.loads(path.read_text())]
    else:
        plan = Plan(draws=options.draws, tune=options.tune)
        for row in measure(cells(options.samplers, options.axes, options.times), plan, day):
            rows.append(row)
            if options.json:
                options.json.write_text(ordered(rows).to_json(orient="records", indent=2) + "\n")
    found = ordered(rows)
    steep = slopes(found)
    tables = [found, steep, ahead(found)]
    for table in tables:
        print(table.to_string(index=False, float_format="%.4g", na_rep="-"))
    if options.markdown:
        options.markdown.write_text(document(command("benchmarks.growth", vars(options)), day, tables))
    if options.plot:
        growth_plot(found, steep, MEASURES, options.plot)


def cells(samplers: Sequence[str], axes: Sequence[str], times: Sequence[int]) -> list[Cell]:
    """Return what is measured: every size for the recipe, and few for nutpie's default, which takes long."""
    found = []
    for sampler in samplers:
        found += [Cell(sampler, axes[0], 1)] if 1 in times else []
        sizes = [(axis, k) for axis in axes for k in times if k > 1]
        found += [Cell(sampler, *size) for size in sizes if sampler != RIVAL or size in RIVAL_CELLS]
    return found


def measure(chosen: Sequence[Cell], plan: Plan, day: date) -> Iterator[dict[str, Any]]:
    """Yield one row for each cell; the shipped size gives one for each axis that its sampler is measured on.

    PyTensor finds in its own cache what the cells before have in common with a cell, and nothing older.
    """
    with tempfile.TemporaryDirectory() as compiled:
        for cell in chosen:
            print(f"{cell.sampler}: {cell.axis} x {cell.times}", file=sys.stderr, flush=True)
            case = load_case(day, cell.scale)
            order = Order(cell.sampler, day, plan, (1,), cell.scale)
            try:
                found = size_of(case) | spent(cell.sampler, case, run(order, Path(compiled))[0])
            except NoDrawsError as error:
                found = size_of(case) | {NOTE: str(error)}
            axes = [cell.axis]
            if cell.times == 1:
                axes = list(dict.fromkeys([cell.axis, *(c.axis for c in chosen if c.sampler == cell.sampler)]))
            for axis in axes:
                yield {"sampler": cell.sampler, "axis": axis, "times": cell.times} | found


def size_of(case: Case) -> dict[str, int]:
    """Return the sizes of a case's design."""
    return {
        "signals": len(case.design.slugs),
        "quarters": case.design.grid.size,
        "rows": len(case.observed.rows),
        "dimensions": Layout.of(case.design, case.observed).size,
    }


def spent(name: str, case: Case, ran: Ran) -> dict[str, Any]:
    """Return what one run cost."""
    worth = judge(ran.drawn, quantities(case, ran.drawn), ran.sample_s, ran.sample_cpu_s)
    each = float(ran.drawn.n_steps.sum()) / worth["min_ess"]
    return costs(name, ran) | worth | {"gradients_an_effective_draw": each}


def ordered(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return the table by sampler, axis and size, with the columns that belong to it."""
    table = pd.DataFrame(rows).reindex(columns=COLUMNS)
    place = {name: i for i, name in enumerate((*PEERS, *AXES))}
    key = lambda column: column.map(place) if column.name in ("sampler", "axis") else column  # noqa: E731
    return table.sort_values(["sampler", "axis", "times"], key=key, ignore_index=True)


def slopes(found: pd.DataFrame) -> pd.DataFrame:
    """Return, for each sampler and axis with two sizes or more, the slope of each measure on logarithmic axes."""
    rows = []
    for (sampler, axis), part in found.groupby(["sampler", "axis"], sort=False):
        done = part.dropna(subset=["sample_s"])
        if len(done) > 1:
            steep = {measure: slope(done["times"], done[measure]) for measure in MEASURES}
            rows.append({"sampler": sampler, "axis": axis, "to": int(done["times"].max())} | steep)
    return pd.DataFrame(rows, columns=["sampler", "axis", "to", *MEASURES])


def ahead(found: pd.DataFrame) -> pd.DataFrame:
    """Return how far the recipe is ahead of other samplers, in ``ratio``, on each size that both were measured on."""
    size = ["axis", "times"]
    each = found.assign(speed=found["min_ess"] / found["sample_s"])
    mine = each.loc[each["sampler"] == RECIPE, [*size, "speed"]]
    both = each[each["sampler"] != RECIPE].merge(mine, on=size, suffixes=("", "_recipe"))
    both["ratio"] = both["speed_recipe"] / both["speed"]
    return both[["sampler", *size, "sample_s", "min_ess", "r_hat", "divergences", "ratio"]].dropna(subset="ratio")


def slope(times: pd.Series, measured: pd.Series) -> float:
    """Return the slope of a line through the logarithms; not a number where a figure is missing."""
    if measured.isna().any():
        return math.nan
    return float(np.polyfit(np.log2(times.to_numpy(float)), np.log2(measured.to_numpy(float)), 1)[0])


if __name__ == "__main__":
    main()
