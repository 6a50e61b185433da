"""Evaluation: the backtest, unseen outcomes first, every published run, and the calibration."""

import logging
import os
from pathlib import Path

import numpy as np
import pandas as pd

from stackcast.errors import InputError
from stackcast.evaluate.backtest import FULL
from stackcast.evaluate.outside import beside, paired
from stackcast.evaluate.published import published_runs
from stackcast.evaluate.results import KindRow, SkillRow, read_results, whole_result
from stackcast.evaluate.score import LOCAL_LEVEL, YARDSTICKS
from stackcast.evaluate.skill import HORIZONS
from stackcast.priors.debate import SEEN, UNSEEN
from stackcast.report.console.backtest import LEAD, log_gain, relative_interval
from stackcast.report.marks import Row
from stackcast.report.page import charts
from stackcast.report.page.section import Block, Cell, Chart, Link, Missing, Picture, Prose, Section, Source, Table
from stackcast.report.record_words import COLUMNS, MEANS, published_row, seen_sentences
from stackcast.runs.track_record import read_record

LOG = logging.getLogger(__name__)
SKILL, PICTURE = "skill.csv", "calibration.svg"
BACKTEST_AGAIN, CALIBRATE_AGAIN = (f"`stackcast {verb}` makes it again" for verb in ("backtest", "calibrate"))
SETS = ("overall", "facets", "claims", *HORIZONS)


def section(source: Source) -> Section:
    """Return the backtest's skill beside baselines, coverage, and the last calibration."""
    finding, blocks = _backtest(source.folder / "backtest")
    more = (*_seen(source), *_published(source), _calibration(source), *_outside(source))
    return Section("record", "How good such forecasts have been", finding, (*blocks, *more))


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
    compared = table.groupby("name")["rival"].agg(lambda rivals: set(LEAD) <= set(rivals))
    apart = [name for kind in (UNSEEN, SEEN) for name in table.loc[table["kind"] == kind, "name"].unique()]
    sets = [s for s in (*apart, *SETS) if compared.get(s, False)]
    finding = " ".join(_verdict(table, name) for name in _lead_sets(table)) or "Not known: nothing was compared."
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


def _lead_sets(table: pd.DataFrame) -> list[str]:
    """Return the sets that the finding names: all unseen and all seen outcomes, or else those of facets."""
    whole = table[table["name"].str.endswith(": overall")]
    apart = [name for kind in (UNSEEN, SEEN) for name in whole.loc[whole["kind"] == kind, "name"].unique()[:1]]
    return apart or [name for name in ("facets", "overall") if name in set(table["name"])][:1]


def _verdict(table: pd.DataFrame, name: str) -> str:
    """Say how the model did on a set of outcomes beside both yardsticks."""
    mine = {str(row["rival"]): row for row in table[table["name"] == name].to_dict("records")}
    first = next(iter(mine.values()))
    beside = [f"{_word(mine[y])} {y.replace('_', ' ')} {_relative(mine[y])}" for y in YARDSTICKS if y in mine]
    which = name.removesuffix(": overall")
    said = ", and ".join(beside)
    return (
        f"Over {first['n']:.0f} past forecasts ({which}) the model {said} by relative CRPS; "
        f"its 90 % intervals held {first['in_90']:.0%}."
    )


def _word(row: Row) -> str:
    if np.isnan(row["low"]):
        return "was beside"
    return "beat" if row["high"] < 1 else "lost to" if row["low"] > 1 else "could not be told from"


def _relative(row: Row) -> str:
    """Write a relative CRPS with its interval, where it has one."""
    ratio = f"{row['relative_crps']:.2f}"
    return f"({ratio})" if np.isnan(row["low"]) else f"({ratio}, {row['low']:.2f} to {row['high']:.2f})"


def _table(table: pd.DataFrame, sets: list[str]) -> Table:
    rows = []
    for name in sets:
        mine = table[table["name"] == name].set_index("rival")
        cells = [relative_interval(mine.loc[rival].to_dict()) for rival in LEAD]
        first = mine.iloc[0]
        held = (f"{first[c]:.2f}" for c in ("in_50", "in_80", "in_90"))
        gained = log_gain(mine.loc[LOCAL_LEVEL].to_dict()) if "log_score" in mine else ""
        rows.append([name, f"{first['n']:.0f}", *cells, gained, *held])
    columns = ("observations", "n", *LEAD, "log score over local_level", "in 50 %", "in 80 %", "in 90 %")
    caption = (
        "Relative CRPS (below 1 beats the baseline); log score, mean and median (above 0 beats it); and coverage. "
        "Unseen outcomes first"
    )
    return Table(caption, columns, rows, frozenset(range(1, len(columns))))


def _seen(source: Source) -> list[Block]:
    """Say which outcomes those who chose had seen, where the debate declares it."""
    evaluation = source.project.priors.debate.evaluation
    return [Prose(" ".join(seen_sentences(evaluation)))] if evaluation is not None else []


def _published(source: Source) -> list[Block]:
    """Return the score of every published run, and what changed since."""
    table = published_runs(read_record(source.folder), source.project)
    if table.empty:
        return []
    rows: list[list[Cell]] = [list(published_row(row)) for row in table.to_dict("records")]
    return [Table(f"Every published run. {MEANS}", COLUMNS, rows, frozenset({2, 3, 4}))]


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
