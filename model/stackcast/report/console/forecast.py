"""Terminal output of a run: headline, convergence, runs, priors and scores."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stackcast.forecast.age import FORECAST
from stackcast.forecast.claims import reads
from stackcast.forecast.openness import STACK
from stackcast.posterior.summary import QUANTILES, rows_of
from stackcast.priors.debate import Debate
from stackcast.priors.schema import Scale
from stackcast.report.headline import at
from stackcast.report.marks import (
    CLAIM_THIN_MEANS,
    FORECAST_MEANS,
    PRIOR_ONLY,
    THIN,
    THIN_MEANS,
    figure,
    is_forecast,
    marks,
)
from stackcast.report.over_weights import OVER_WEIGHTS_MEANS, Ranges, over_weights, weighted
from stackcast.report.wording import bare_percent, chance, difference, in_unit
from stackcast.runs.folder import Run

if TYPE_CHECKING:
    from stackcast.evaluate.score import ScoreCard


def print_headline(run: Run) -> None:
    """Print a run's headline, facets before layers."""
    console = terminal()
    horizons, m = run.horizons, run.manifest
    asked = escape(run.debate.question)
    console.print(f"\n[bold]{asked}[/]  as of {m['as_of']}, {m['prior_scenario']} priors, seed {m['seed']}")
    console.print(f"[dim]{escape(str(run.path))}  median, 50 % interval, (90 % interval)[/]")
    facets, layers = run.facets, run.layers
    console.print(_paths(run, "Facets", facets, run.table("last_figures")))
    console.print(_paths(run, "Layers, at the declared weights", layers, over=over_weights(run)))
    console.print(_above_half(run.debate, facets, layers, horizons))
    console.print(_claims(run.claims, horizons["now"], reads(run.debate, history=run.has_history)))
    if len(contrasts := run.contrasts):
        console.print(_contrasts(contrasts, run.debate))
    if len(questions := run.questions):
        console.print(_questions(questions))
    gates = run.diagnostics["gates"]
    console.print(f"[dim]gates: {', '.join(_gate(g) for g in gates)}[/]\n")


def print_convergence(first: Run, second: Run) -> None:
    """Print the convergence of two prior scenarios."""
    from stackcast.explain.prior_scenarios import convergence

    names = [escape(run.manifest["prior_scenario"]) for run in (first, second)]
    table = Table(
        title=f"The prior scenarios {names[0]} and {names[1]}",
        title_justify="left",
        caption="ratio: distance of the posteriors over distance of the priors; 0 settled, 1 not touched",
        caption_justify="left",
    )
    for column in ("quantity", "date", *names, "ratio"):
        table.add_column(column, justify="left" if column == "quantity" else "right")
    for row in rows_of(convergence(first, second)):
        ratio = "-" if row.ratio != row.ratio else f"{row.ratio:.2f}"
        table.add_row(
            escape(first.debate.called(str(row.name))), str(row.date), f"{row.first:.2f}", f"{row.second:.2f}", ratio
        )
    terminal().print(table)


def print_runs(runs: Sequence[Run]) -> None:
    """Print one line a run."""
    table = Table()
    for column in ("run", "as of", "prior_scenario", "gates", "finished"):
        table.add_column(column, overflow="fold")
    for run in runs:
        passed = "passed" if run.passed else "[red]FAILED[/]"
        m = run.manifest
        table.add_row(escape(run.name), m["as_of"], m["prior_scenario"], passed, m["finished"][:16])
    terminal().print(table if runs else "no run yet; make one with `stackcast fit`")


def print_priors(catalogue: pd.DataFrame) -> None:
    """Print every prior with its interval and its reason."""
    console = terminal()
    for group, rows in catalogue.groupby("group", sort=False):
        table = Table(
            "prior",
            "form",
            "low",
            "median",
            "high",
            "why",
            "source",
            title=escape(str(group)),
            title_justify="left",
        )
        for row in rows_of(rows):
            cells = ("" if x != x else f"{x:.3g}" for x in (row.low, row.median, row.high))
            table.add_row(
                escape(str(row.name)),
                str(row.dist),
                *cells,
                escape(str(row.rationale)),
                escape(str(row.source)),
            )
        console.print(table)


def print_score(run: Run, card: "ScoreCard") -> None:
    """Print a score card."""
    from stackcast.evaluate.score import YARDSTICKS

    table = Table(
        title=f"{escape(run.name)} against what was published later",
        title_justify="left",
        caption="relative CRPS, over persistence and over a local level: below 1 beats it",
        caption_justify="left",
    )
    for column in ("", "n", *YARDSTICKS, "in 50 %", "in 80 %", "in 90 %"):
        table.add_column(column, justify="left" if not column else "right")
    for s in (*card.apart, card.overall, card.facets, *card.signals):
        figures = (s.relative_crps, s.relative_crps_local_level, s.coverage_50, s.coverage_80, s.coverage_90)
        table.add_row(escape(s.name), str(s.n), *("-" if x is None else f"{x:.2f}" for x in figures))
    console = terminal()
    console.print(table)
    for line in card.left_out:
        console.print(f"[dim]left out: {escape(line)}[/]")


def terminal() -> Console:
    """Return a console on standard output; where that is no terminal, as wide as COLUMNS says, or of a fixed width."""
    import os
    import sys

    console = Console(file=sys.stdout)
    return console if console.is_terminal or "COLUMNS" in os.environ else Console(file=sys.stdout, width=140)


def _paths(
    run: Run, title: str, table: pd.DataFrame, last: pd.DataFrame | None = None, over: Ranges | None = None
) -> Table:
    """Return a table of paths; facets have the last observation of their reference, layers their range by weights."""
    out = Table(title=title, title_justify="left", caption_justify="left", pad_edge=False)
    out.caption = _explained(table, last, over)
    out.add_column("", overflow="fold")
    days = list(run.horizons.values())
    for day in days:
        out.add_column(day, justify="right")
    figures = {} if last is None else {row["name"]: row for row in last.to_dict("records")}
    if figures:
        out.add_column("last figure", justify="right")
    for name, rows in table.groupby("name", sort=False):
        first, scale = rows.iloc[0], run.scales.get(str(name))
        cells = [_interval(at(rows, day), scale) for day in days]
        if is_forecast(first):
            cells[0] = cells[0].replace("\n", f"\n{FORECAST} ")
        if over:
            cells = [f"{cell}\n{_ends(over[str(name), day])}" for cell, day in zip(cells, days, strict=True)]
        if figures:
            cells.append(_last_figure(figures[name], run.scales))
        said = () if scale is None else (escape(difference(run.debate, scale)),)
        notes = ", ".join(said + marks(first))
        style = "dim" if first["prior_only"] else ("bold" if name == STACK else "")
        out.add_row(f"{escape(run.debate.called(str(name)))}\n{notes}", *cells, style=style)
    return out


def _interval(row: Any, scale: Scale | None) -> str:
    q = {k: bare_percent(row[k]) if scale is None else in_unit(row[k], scale) for k in QUANTILES}
    unit = " %" if scale is None else ""
    return f"{q['q50']}{unit}  {q['q25']} to {q['q75']}\n({q['q05']} to {q['q95']})"


def _ends(ends: tuple[float, float]) -> str:
    return f"{bare_percent(ends[0])} to {bare_percent(ends[1])} by weights"


def _last_figure(row: dict[Any, Any], scales: Mapping[str, Scale]) -> str:
    text = escape(figure(row, scales))
    return text if row["value"] != row["value"] else f"{text}\n{escape(str(row['period_end']))}"


def _explained(table: pd.DataFrame, last: pd.DataFrame | None, over: Ranges | None) -> str:
    """Return the meaning of a table's marks, and secondary signals newer than the reference."""
    lines = [FORECAST_MEANS] if (table["stands_on"] == FORECAST).any() else []
    lines += [OVER_WEIGHTS_MEANS] if over else []
    if last is not None:
        lines += [THIN_MEANS] if table["thin"].any() else []
        newer = last[last["newer_id"].notna()].to_dict("records")
        lines += [f"a source is newer: {r['name']}, {r['newer_signal']}, {r['newer_period_end']}" for r in newer]
    return escape("\n".join(lines))


def _above_half(debate: Debate, facets: pd.DataFrame, layers: pd.DataFrame, horizons: dict[str, str]) -> Table:
    out = Table(
        title=escape(f"P({debate.sides.high.title}) = P({debate.share} > 0.5)"),
        title_justify="left",
        caption="in brackets: with weights drawn around the declared ones, and from all there are",
        caption_justify="left",
    )
    out.add_column("")
    for date in horizons.values():
        out.add_column(str(date), justify="right")
    for table, wide in ((facets, False), (layers, True)):
        for name, rows in table.groupby("name", sort=False):
            if rows["p_high"].isna().all():
                continue
            cells = [at(rows, d) for d in horizons.values()]
            text = [chance(c["p_high"]) + (f" ({weighted(c)})" if wide else "") for c in cells]
            first = rows.iloc[0]
            out.add_row(
                escape(", ".join((debate.called(str(name)), *marks(first)))),
                *text,
                style="dim" if first["prior_only"] else "",
            )
    return out


def _claims(table: pd.DataFrame, now: str, word: str) -> Table:
    out = Table(title=f"Claims, {now}: strength (0 neutral, 1 a prior sd), prior -> posterior", title_justify="left")
    out.caption, out.caption_justify = CLAIM_THIN_MEANS if table["thin"].any() else None, "left"
    for column in ("", "side", "prior 90 %", "posterior 90 %", f"P({word})", ""):
        out.add_column(column)
    for name, rows in table.groupby("name", sort=False):
        r = at(rows, now)
        before = f"{r['prior_q05']:+.1f} to {r['prior_q95']:+.1f}"
        after = f"{r['q50']:+.2f}  ({r['q05']:+.1f} to {r['q95']:+.1f})"
        label = f"  {escape(str(name))}" if "." in str(name) else escape(str(name))
        out.add_row(
            label,
            r["side"],
            before,
            after,
            f"{chance(r['prior_p_operates'])} -> {chance(r['p_operates'])}",
            THIN if r["thin"] else "",
        )
    return out


def _contrasts(table: pd.DataFrame, debate: Debate) -> Table:
    high, low = debate.sides.names
    out = Table(
        "contrast",
        f"{high} side less {low} side, 90 %",
        f"P({high} side stronger) prior -> posterior",
        title="Contrasts",
        title_justify="left",
    )
    for r in rows_of(table):
        out.add_row(
            escape(f"{r.title} ({r.high} v {r.low})"),
            f"{r.q50:+.2f}  ({r.q05:+.1f} to {r.q95:+.1f})",
            f"{chance(r.prior_p_high_side)} -> {chance(r.p_high_side)}",
        )
    return out


def _questions(table: pd.DataFrame) -> Table:
    out = Table("question", "closes", "P(yes)", title="Questions", title_justify="left")
    for r in rows_of(table.sort_values(["closes", "id"])):
        mark = f" [{PRIOR_ONLY}]" if r.prior_only else ""
        out.add_row(escape(str(r.title)) + escape(mark), str(r.closes), chance(r.probability))
    return out


def _gate(gate: dict[str, Any]) -> str:
    value = gate["value"]
    shown = "-" if value is None else f"{value:.4g}"
    return escape(f"{gate['name']} {shown} {'ok' if gate['passed'] else 'FAILED'}")
