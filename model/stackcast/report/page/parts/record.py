"""Evaluation: backtest and calibration."""

import logging
import os
from pathlib import Path

import numpy as np
import pandas as pd

from stackcast.errors import InputError
from stackcast.evaluate.backtest import FULL
from stackcast.evaluate.outside import beside, paired
from stackcast.evaluate.results import KindRow, SkillRow, read_results, whole_result
from stackcast.evaluate.skill import HORIZONS
from stackcast.report.console.backtest import LEAD, relative_interval
from stackcast.report.page import charts
from stackcast.report.page.section import Block, Cell, Chart, Link, Missing, Picture, Section, Source, Table
from stackcast.runs.track_record import read_record

LOG = logging.getLogger(__name__)
SKILL, PICTURE = "skill.csv", "calibration.svg"
BACKTEST_AGAIN, CALIBRATE_AGAIN = (f"`stackcast {verb}` makes it again" for verb in ("backtest", "calibrate"))
SETS = ("overall", "facets", "claims", *HORIZONS)


def section(source: Source) -> Section:
    """Return the backtest's skill beside baselines, coverage, and the last calibration."""
    finding, blocks = _backtest(source.folder / "backtest")
    return Section(
        "record", "How good such forecasts have been", finding, (*blocks, _calibration(source), *_outside(source))
    )


def _backtest(folder: Path) -> tuple[str, list[Block]]:
    """Return the finding of a backtest, and its chart, table and picture, as far as they can be read."""
    if not os.path.lexists(folder / SKILL):
        ask = Missing("How such forecasts did before is not known. Find out with", "stackcast backtest")
        return "Not known yet: no backtest has been run.", [ask]
    try:
        table = read_results(folder / SKILL, SkillRow, BACKTEST_AGAIN)
    except InputError as error:
        return "Not known: the backtest cannot be read.", [_unreadable("The backtest", error, "stackcast backtest")]
    table = table[table["variant"] == (FULL if FULL in set(table["variant"]) else table["variant"].iloc[0])]
    one = table[(table["name"] == "facets") & (table["rival"] == "persistence")]
    finding = _verdict(one.iloc[0] if len(one) else table.iloc[0])
    compared = table.groupby("name")["rival"].agg(lambda rivals: set(LEAD) <= set(rivals))
    sets = [s for s in SETS if compared.get(s, False)]
    alt = f"{finding} Dot: ratio of mean scaled CRPS; line: 90 % bootstrap interval; blue better, vermillion worse."
    blocks: list[Block] = [Chart("skill", alt, charts.skill(table, LEAD, sets).to_dict()), _table(table, sets)]
    if os.path.lexists(folder / PICTURE):
        try:
            drawn = whole_result(folder / PICTURE, BACKTEST_AGAIN)
            blocks.append(Picture(drawn, "PIT histogram of later observations, and coverage by origin."))
        except InputError as error:
            blocks.append(_unreadable("The picture of the backtest's coverage", error, "stackcast backtest"))
    return finding, blocks


def _unreadable(what: str, why: InputError, command: str) -> Missing:
    LOG.warning("skipped: %s", why)
    return Missing(f"{what} cannot be read. Make it again with", command)


def _verdict(row: pd.Series) -> str:
    n, ratio, held = (
        f"{row['n']:.0f} past forecasts of {row['name']}",
        f"{row['relative_crps']:.2f}",
        f"{row['in_90']:.0%}",
    )
    if np.isnan(row["low"]):
        return f"Over {n} the CRPS was {ratio} of that of {row['rival']}; 90 % intervals held {held}."
    word = "beat" if row["high"] < 1 else "lost to" if row["low"] > 1 else "could not be told from"
    interval = f"{ratio} ({row['low']:.2f} to {row['high']:.2f})"
    return f"Over {n} the model {word} {row['rival']}: relative CRPS {interval}; its 90 % intervals held {held}."


def _table(table: pd.DataFrame, sets: list[str]) -> Table:
    rows = []
    for name in sets:
        mine = table[table["name"] == name].set_index("rival")
        cells = [relative_interval(mine.loc[rival].to_dict()) for rival in LEAD]
        first = mine.iloc[0]
        rows.append([name, f"{first['n']:.0f}", *cells, *(f"{first[c]:.2f}" for c in ("in_50", "in_80", "in_90"))])
    columns = ("observations", "n", *LEAD, "in 50 %", "in 80 %", "in 90 %")
    return Table("Relative CRPS (below 1 beats the baseline) and coverage", columns, rows, frozenset(range(1, 7)))


def _calibration(source: Source) -> Block:
    found = sorted((source.folder / "calibration").glob("*/tables/kinds.csv"), key=lambda p: p.stat().st_mtime)
    if not found:
        return Missing(
            "The calibration of the sampler has not been tested on simulated data. Test it with", "stackcast calibrate"
        )
    try:
        table = read_results(found[-1], KindRow, CALIBRATE_AGAIN)
    except InputError as error:
        return _unreadable("The last calibration", error, "stackcast calibrate")
    rows = [
        [
            r["kind"],
            str(r["quantities"]),
            str(r["outside"]),
            f"{r['expected_outside']:.1f}",
            f"{r['mean_rank']:.3f} ± {r['mean_rank_error']:.3f}",
            f"{r['sd_rank']:.3f} ± {r['sd_rank_error']:.3f}",
        ]
        for r in table.to_dict("records")
    ]
    columns = ("quantities", "how many", "leave the 95 % band", "by chance", "mean rank (0.5)", "spread (1)")
    return Table(
        f"Simulation-based calibration, {int(table['worlds'].max())} data sets", columns, rows, frozenset(range(1, 6))
    )


def _outside(source: Source) -> list[Block]:
    """Return our probabilities beside those of public markets on the same questions."""
    table = beside(read_record(source.folder), source.project, source.run.as_of)
    if table.empty:
        return []
    both = paired(table)
    head = "Questions of ours that a public market asks as well; ours is the neutral answer that stood on its day"
    mean = f"; mean Brier score where both are scored: ours {both['our_score'].mean():.3f}, "
    mean += f"theirs {both['their_score'].mean():.3f}"
    rows: list[list[Cell]] = [
        [
            r["title"],
            r["day"],
            _number(r["ours"], 2),
            _number(r["theirs"], 2),
            _number(r["outcome"], 0),
            _number(r["our_score"], 3),
            _number(r["their_score"], 3),
            Link(r["source_url"], r["market"]),
        ]
        for r in table.to_dict("records")
    ]
    columns = ("question", "day", "ours", "theirs", "came", "Brier, ours", "Brier, theirs", "source")
    return [Table(head + (mean if len(both) else ""), columns, rows, frozenset(range(2, 7)))]


def _number(value: float, digits: int) -> str:
    return "–" if np.isnan(value) else f"{value:.{digits}f}"
