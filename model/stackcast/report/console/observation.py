"""Terminal output of ``observe``: a row, its forecast, and the moves of the headline."""

from typing import TYPE_CHECKING

import pandas as pd
from rich.markup import escape
from rich.table import Table

from stackcast.forecast.claims import reads
from stackcast.observations.schema import Observation, Signal
from stackcast.posterior.summary import rows_of
from stackcast.report.console.forecast import terminal
from stackcast.report.marks import k_hat_text
from stackcast.report.wording import chance

if TYPE_CHECKING:
    from stackcast.explain.news import News
    from stackcast.runs.folder import Run

LATEST = 4
SEEN = 0.005
"""Smallest move of a probability that is listed."""


def print_observation(
    slug: str,
    signal: Signal,
    rows: pd.DataFrame,
    row: Observation,
    revises: Observation | None,
    run: "Run | None",
    news: "News | None",
    why_not: str = "",
) -> None:
    """Print a row that is about to be written.

    Parameters
    ----------
    slug, signal
        The signal.
    rows
        Its rows so far.
    row, revises
        The row, and the vintage that it revises, if any.
    run, news
        The run that was asked, if there is one, and what the row says to it.
    why_not
        Why the run could not be asked.
    """
    console = terminal()
    console.print(f"\n[bold]{escape(signal.title)}[/]  [dim]{escape(slug)}[/]")
    console.print(escape(signal.definition.strip()))
    direction = "more" if signal.measures.sign > 0 else "less"
    console.print(
        f"[dim]unit: {escape(signal.unit)}; a higher figure speaks for {direction} {signal.measures.target}[/]"
    )
    table = Table("period", "published", "figure", "", title="Latest rows and the new one", title_justify="left")
    for old in rows_of(rows.sort_values(["period_end", "published"]).tail(LATEST)):
        period = f"{old.period_start:%Y-%m-%d} to {old.period_end:%Y-%m-%d}"
        table.add_row(period, f"{old.published:%Y-%m-%d}", f"{old.value:g}", "")
    period = f"{row.period_start} to {row.period_end}"
    word = f"revises {revises.value:g} of {revises.published}; both are kept" if revises else "new"
    table.add_row(period, str(row.published), f"{row.value:g}", word, style="bold")
    console.print(table)
    if why_not:
        console.print(f"[yellow]What it would change cannot be shown: {escape(why_not)}[/]")
    elif run is None:
        console.print("[dim]no run yet, so nothing to compare with; `stackcast fit` makes one[/]")
    elif news is None:
        console.print(f"[dim]{escape(run.name)} does not reach this signal or period, so it expected nothing[/]")
    else:
        _print_news(run, news)


def print_retraction(row: pd.Series, why: str, run: "Run | None", news: "News | None", why_not: str = "") -> None:
    """Print a row that is about to be taken back.

    Parameters
    ----------
    row
        One row of ``Observations.rows``.
    why
        What is wrong with it.
    run, news
        The run that was asked, if there is one, and what the retraction says to it.
    why_not
        Why the run could not be asked.
    """
    console = terminal()
    period = f"{row['period_start']:%Y-%m-%d} to {row['period_end']:%Y-%m-%d}, published {row['published']:%Y-%m-%d}"
    console.print(f"\n[bold]{escape(str(row['id']))}[/]  {row['value']:g}  [dim]{period}[/]")
    console.print(f"taken back: {escape(why)}")
    if why_not:
        console.print(f"[yellow]What it would change cannot be shown: {escape(why_not)}[/]")
    elif run is None:
        console.print("[dim]no run yet, so nothing to compare with; `stackcast fit` makes one[/]")
    elif news is None:
        console.print(f"[dim]{escape(run.name)} did not use this row[/]")
    else:
        _print_moves(run, news)


def _print_news(run: "Run", news: "News") -> None:
    console, e = terminal(), news.expected
    if e:
        console.print(
            f"{escape(run.name)} expected {e['q50']:.3g}  ({e['q25']:.3g} to {e['q75']:.3g}; 90 %: {e['q05']:.3g} to "
            f"{e['q95']:.3g}); it gave {news.pit:.0%} to a smaller figure"
        )
    else:
        console.print(
            f"[dim]{escape(run.name)} hangs too much on the figure that is replaced to say what it expected[/]"
        )
    if news.replaces:
        console.print(f"[dim]taken out first, as the new row replaces it: {escape(', '.join(news.replaces))}[/]")
    _print_moves(run, news)


def _print_moves(run: "Run", news: "News") -> None:
    console = terminal()
    if not news.trusted:
        console.print(
            f"[yellow]How the forecast would move cannot be told by reweighting: Pareto k-hat "
            f"{k_hat_text(news.k_hat)} is over {news.limit:.2f}. Write the row and refit: stackcast fit[/]"
        )
        return
    moved = [move for move in news.moves if move.size >= SEEN and move.clear]
    if not moved:
        console.print("[dim]No probability of the headline would move by more than chance among the kept draws.[/]")
        return
    table = Table("", "date", "before", "after", title="How the headline would move", title_justify="left")
    claim = f"P({{}} {reads(run.debate, history=run.has_history)})"
    words = {"layer": f"P({{}} {run.debate.sides.high.name})", "claim": claim, "question": "{}"}
    for move in moved:
        table.add_row(
            escape(words[move.kind].format(run.debate.called(move.name))),
            move.date,
            chance(move.before),
            chance(move.after),
        )
    console.print(table)
    reach = f"Pareto k-hat {k_hat_text(news.k_hat)}, limit {news.limit:.2f}"
    console.print(
        f"[dim]by reweighting the run's kept draws ({reach}); what moves by no more than chance is left out[/]"
    )
