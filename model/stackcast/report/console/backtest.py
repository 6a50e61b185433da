"""A backtest on the terminal, and as tables and plots in a folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.markup import escape
from rich.table import Table

from stackcast.evaluate.score import YARDSTICKS
from stackcast.evaluate.skill import COVERAGE, HINDSIGHT
from stackcast.priors.debate import SEEN, UNSEEN
from stackcast.report.console.forecast import terminal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from stackcast.evaluate.backtest import Backtest

LEAD = (*YARDSTICKS, HINDSIGHT)
"""The baselines that are plotted; the groups are printed against the first two."""
PRINTED = (UNSEEN, SEEN, "overall", "kind", "horizon", "target")


def print_backtest(found: "Backtest", skill: Mapping[str, pd.DataFrame], gained: pd.DataFrame | None) -> None:
    """Print the summary, then every baseline, then the groups."""
    console = terminal()
    failed = found.fits[~found.fits["passed"]]
    console.print(f"{len(found.fits)} fits, {len(failed)} failed their gates and are not scored")
    for row in failed.to_dict("records"):
        console.print(f"[yellow]failed: {escape(row['variant'])}, {row['origin']}, {escape(row['run'])}[/]")
    for variant, table in skill.items():
        for sets in sets_of(table):
            console.print(_rivals(variant, table[table["name"].isin(sets)]))
    first = next(iter(skill))
    console.print(_groups(first, skill[first]))
    for line in _revised(found, first):
        console.print(line)
    if gained is not None:
        last = gained.groupby("variant")["log_score"].last()
        shown = ", ".join(f"{escape(str(name))} {value:+.1f}" for name, value in last.items())
        console.print(f"cumulative log predictive score, each observation by itself, nats: {shown}")


def write_backtest(
    target: Path,
    found: "Backtest",
    skill: Mapping[str, pd.DataFrame],
    gained: pd.DataFrame | None,
    fans: Mapping[str, "Figure"],
) -> None:
    """Write tables and plots, and fans of old runs by file name; an earlier folder is replaced whole.

    Raises
    ------
    WriteFailed
        When the disk is full, or may not be written.
    """
    from stackcast.evaluate.results import seal_results
    from stackcast.files.atomic import whole_folder
    from stackcast.report.plots.skill import calibration, evidence_through_time
    from stackcast.report.plots.skill import skill as draw
    from stackcast.report.plots.style import save
    from stackcast.runs.folder import write_tables

    first = next(iter(skill))
    tables = {"figures": found.figures, "fits": found.fits, "revisions": found.revisions}
    tables["skill"] = pd.concat([table.assign(variant=name) for name, table in skill.items()], ignore_index=True)
    if gained is not None:
        tables["evidence"] = gained
    with whole_folder(target, replace=True) as folder:
        write_tables(folder, tables)
        for rival in LEAD:
            save(draw(skill[first], rival), folder, f"skill-{rival}")
        save(calibration(found.figures[found.figures["variant"] == first]), folder, "calibration")
        for name, figure in fans.items():
            save(figure, folder, name)
        if gained is not None:
            save(evidence_through_time(gained, first), folder, "evidence")
        seal_results(folder)


def _revised(found: "Backtest", variant: str) -> list[str]:
    if found.revisions.empty:
        return []
    last = found.revisions[found.revisions["variant"] == variant]
    first = found.figures[found.figures["variant"] == variant]
    periods = first[first[["signal", "period_end", "origin"]].agg(tuple, axis=1).isin(
        last[["signal", "period_end", "origin"]].agg(tuple, axis=1))]  # fmt: skip
    shown = (
        f"{part['crps'].mean():.3f} against the {word} value" for part, word in ((periods, "first"), (last, "last"))
    )
    return [f"{len(last)} forecasts of figures that were revised later: mean CRPS {', '.join(shown)}"]


def sets_of(table: pd.DataFrame) -> list[list[str]]:
    """Return the names of the main sets of a skill table, those side by side in one list: unseen, seen, overall."""
    main = table[table["kind"].isin([UNSEEN, SEEN, "overall"])].drop_duplicates("name")
    # a span of days is what stands before the colon
    spans = main["name"].str.rpartition(": ")[0]
    order = {UNSEEN: 0, SEEN: 1, "overall": 2}
    found = sorted(main.groupby(spans, sort=False), key=lambda one: order[one[1]["kind"].iloc[0]])
    return [part["name"].tolist() for _, part in found]


def _rivals(variant: str, table: pd.DataFrame) -> Table:
    out = Table(
        "rival",
        title=f"{escape(variant)}: relative CRPS, 90 % interval (below 1 beats the rival)",
        caption="log score: nats an observation over the rival, mean and median (above 0 beats the rival)",
        caption_justify="left",
    )
    out.title_justify = "left"
    sets = table["name"].unique()
    for name in sets:
        one = table[table["name"] == name].iloc[0]
        out.add_column(f"{escape(name)}: {one['n']} of {one['figures']} figures", justify="right")
        out.add_column("log score", justify="right")
    for rival, part in table.groupby("rival", sort=False):
        cells = {row["name"]: (relative_interval(row), log_gain(row)) for row in part.to_dict("records")}
        out.add_row(str(rival), *(cell for name in sets for cell in cells[name]))
    return out


def log_gain(row: dict[Any, Any]) -> str:
    """Return the mean and the median gain in log score over a rival."""
    return f"{row['log_score']:+.2f}, {row['log_score_median']:+.2f}"


def _groups(variant: str, table: pd.DataFrame) -> Table:
    title = f"{escape(variant)}: where it wins and loses (least and most: one family left out)"
    out = Table("", "n", "figures", "families", title=title, title_justify="left")
    leads = [column for rival in YARDSTICKS for column in (rival, "least, most")]
    for name in (*leads, "in 50 %", "in 80 %", "in 90 %"):
        out.add_column(name, justify="right")
    rows = table[table["kind"].isin(PRINTED)]
    for _, part in rows.groupby(["kind", "name"], sort=False):
        by = {row["rival"]: row for row in part.to_dict("records")}
        one = by[YARDSTICKS[0]]
        held = (f"{one[c]:.2f}" for c in COVERAGE)
        ratios = [cell for r in YARDSTICKS for cell in (relative_interval(by[r]), _without(by[r]))]
        sizes = (str(one[column]) for column in ("n", "figures", "families"))
        out.add_row(escape(one["name"]), *sizes, *ratios, *held)
    return out


def _without(row: dict[Any, Any]) -> str:
    least, most = row["least_without"], row["most_without"]
    return "" if least != least else f"{least:.2f}, {most:.2f}"


def relative_interval(row: dict[Any, Any]) -> str:
    """Return a relative CRPS with its interval, and whether it excludes 1."""
    value = f"{row['relative_crps']:.2f}"
    if row["low"] != row["low"]:
        return value
    mark = " loses" if row["low"] > 1 else " wins" if row["high"] < 1 else ""
    return f"{value} ({row['low']:.2f} to {row['high']:.2f}){mark}"
