"""Influences on the headline, and the value of the next observations."""

from stackcast.explain.next import next_due, value_of
from stackcast.explain.quantity import quantity_of
from stackcast.explain.refit import Refitter
from stackcast.explain.why import REFUSED, Step, items, ledger, ledger_table, path, refitted_steps, stored_steps
from stackcast.observations.staleness import Stale, stale_signals
from stackcast.report.marks import k_hat_text
from stackcast.report.page import charts
from stackcast.report.page.section import Block, Cell, Chart, Link, Missing, Noted, Section, Source, Table
from stackcast.report.wording import end_of
from stackcast.runs.contents import POSTERIOR
from stackcast.sources import pullers

TITLE = "What pulls it, and what to watch"
SHOWN = 10


def section(source: Source) -> Section:
    """Return the path from the prior, the signals that pull most, and the observations that would say most."""
    quantity = quantity_of(source.run.draws, source.whole)
    way = path(source.whole, _steps(source), source.run)
    signals = source.project.observations.signals
    steps: list[list[Cell]] = [
        [r["step"], str(r["observations"]), f"{r['after']:.3f}", f"{r['change']:+.3f} ± {2 * r['error']:.3f}"]
        for r in way.to_dict("records")
    ]
    start = float(way["before"].iloc[0])
    label = f"the {source.debate.share} of {source.debate.whole} at {end_of(source.horizons['far'])}"
    due = next_due(source.project, pullers(signals), source.run.as_of)
    worth = value_of(quantity, source.run.draws, source.project, due, source.run.settings.seed).head(SHOWN)
    waiting: list[list[Cell]] = [
        [r["title"], r["due"], f"{r['reduction']:.1%} ± {2 * r['error']:.1%}", _how(r["how"])]
        for r in worth.to_dict("records")
    ]
    alt = (
        f"Waterfall of the mean of {label}: from {start:.3f} before any data, step by step with what was "
        f"published by each date, to {quantity.draws.mean():.3f}."
    )
    blocks: list[Block] = [
        Chart("path", alt, charts.waterfall(way, quantity.unit).to_dict()),
        *([Missing("For the steps year by year:", f'stackcast why "{source.whole}"')] if len(way) == 1 else []),
        Table(
            f"From the prior ({start:.3f}) to {label}: the steps add up",
            ("", "figures", "after", "change"),
            steps,
            frozenset({1, 2, 3}),
            folded=True,
        ),
    ]
    blocks.append(_pulls(source) if (source.run.path / POSTERIOR).is_file() else _missing())
    caption = f"The next observation of each signal: share of the variance of {label} that it would take away"
    blocks.append(Table(caption, ("signal", "due", "variance taken away", "where"), waiting, frozenset({2})))
    blocks += _late(source)
    finding = f"The data moved {label} from {start:.2f} to {quantity.draws.mean():.2f}."
    if len(worth):
        best = worth.iloc[0]
        finding += (
            f" The next observation of '{signals[best['signal']].title}', due {best['due']}, would narrow it most: by "
            f"{best['reduction']:.0%} of its variance."
        )
    return Section("watch", TITLE, finding, tuple(blocks))


def _steps(source: Source) -> list[Step]:
    """Return the year ends that were refitted for this run; else the stored runs of earlier dates."""
    steps = refitted_steps(Refitter(source.run, source.project, source.folder), make=False)
    return steps if len(steps) > 1 else stored_steps(source.siblings, source.run)


def _pulls(source: Source) -> Table:
    quantity, signals = quantity_of(source.run.draws, source.whole), source.project.observations.signals
    table = ledger_table(ledger(quantity, source.whole, items(source.run, source.project, "signal"), None, 0))
    shown = table[table["method"] != REFUSED].head(SHOWN)
    rows: list[list[Cell]] = [
        [
            signals[r["name"]].title,
            str(r["observations"]),
            f"{r['influence']:+.4f} ± {2 * r['error']:.4f}",
            k_hat_text(r["k_hat"]),
        ]
        for r in shown.to_dict("records")
    ]
    return Table(
        f"With a signal less without it, in {source.debate.share}; {len(table) - len(shown)} more, of which "
        f"{int((table['method'] == REFUSED).sum())} need a refit: stackcast why --refits N",
        ("signal", "figures", "influence", "k-hat"),
        rows,
        frozenset({1, 2, 3}),
    )


def _missing() -> Missing:
    return Missing(
        "The run's posterior is not beside it, so influences are not known. Make the run again with", "stackcast fit"
    )


def _late(source: Source) -> list[Block]:
    """Return the stale signals as of the run's date: references of facets, and folded the others."""
    stale = stale_signals(source.project.observations, source.run.as_of, pullers(source.project.observations.signals))
    references = [s for s in stale if s.role == "reference"]
    others = [s for s in stale if s.role != "reference"]
    means = "no new period for twice the usual spacing"
    return [
        _stale(f"{len(references)} references of facets are stale at the as-of date: {means}", references, source),
        _stale(f"The {len(others)} other stale signals", others, source, folded=True),
    ]


def _stale(caption: str, stale: list[Stale], source: Source, *, folded: bool = False) -> Table:
    signals = source.project.observations.signals
    rows: list[list[Cell]] = [
        [
            Noted(signals[s.signal].title, (f"{s.role} of {s.target}",)),
            Noted(str(s.due), ("last period to", str(s.period_end))) if s.due else "no figure yet",
            s.publisher,
            s.command,
        ]
        for s in stale
    ]
    return Table(caption, ("signal", "due", "who should have published", "command"), rows, folded=folded)


def _how(text: str) -> Cell:
    return Link(text, "source") if text.startswith("http") else text
