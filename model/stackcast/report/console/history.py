"""What earlier stacks say, on the terminal."""

import pandas as pd
from rich.markup import escape
from rich.table import Table
from scipy.special import expit

from stackcast.history.handover import size_interval
from stackcast.history.records import History
from stackcast.history.results import Results
from stackcast.history.score import Score
from stackcast.priors.history import HistoryFile
from stackcast.priors.load import Priors
from stackcast.priors.resting import resting_interval
from stackcast.report.console.forecast import terminal
from stackcast.report.history_words import doubts, finding
from stackcast.report.wording import percent

NO_PRIORS = (
    "priors/history.yaml is not there: `stackcast history fit` writes it, and no fit uses earlier stacks before."
)
STACKS = ["stacks", "split", "entrant", "n", "crps", "crps_z", "in_50", "in_90"]
SERIES = ["group", "forecaster", "n", "crps", "low", "high", "in_90"]
SHOWN = ["share", "low_90", "low_50", "median", "high_50", "high_90", "crps"]
STALE = "priors/history.yaml was fitted to other rows than observations/history/ has now: run `stackcast history fit`."


def print_history(priors: Priors, history: History, results: Results) -> None:
    """Print a sentence, the effects, the categories, and how well predictions did."""
    console = terminal()
    console.print(escape(finding(results)))
    if priors.history is None:
        console.print(f"[yellow]{NO_PRIORS}[/]")
    else:
        if priors.history.inputs != history.digest:
            console.print(f"[yellow]{STALE}[/]")
        console.print(_effects(priors, priors.history))
        console.print(_categories(priors, priors.history))
    if results.stacks is not None:
        console.print(escape(doubts(results)))
    for title, table, columns in (
        ("Stacks left out: CRPS over that of a base rate by layer", results.stacks, STACKS),
        ("Series of stacks left out: CRPS over that of persistence", results.series, SERIES),
    ):
        if table is not None:
            rivals = table[(table["crps"] != 1.0) & table["crps"].notna()]
            console.print(_frame(title, rivals[columns]))


def print_changed(before: Priors, made: HistoryFile) -> None:
    """Print each effect's size and each facet's resting point, before and now."""
    console = terminal()
    console.print(_effects(before, made))
    table = Table(
        "facet", "before", "now", title="Resting point, before the data: median and 90 %", title_justify="left"
    )
    after = before.with_history(made)
    for name in before.share_facets():
        table.add_row(escape(before.facets[name].title), _rest(before, name), _rest(after, name))
    console.print(table)
    console.print("priors/history.yaml is written; `stackcast fit` begins with it")


def print_scores(found: Score) -> None:
    """Print the predictions of stacks that no fit has seen, and how they scored."""
    console = terminal()
    console.print(_frame("As predicted from the ratings, and as it came (shares)", found.stacks[SHOWN].reset_index()))
    console.print(_frame("Scores beside a base rate without ratings", found.summary.reset_index()))


def _effects(priors: Priors, history: HistoryFile) -> Table:
    table = Table("force", "", "size", "90 %", title="Effect of one sd of a force, logit", title_justify="left")
    sizes = history.effects
    for force, mean, sd in zip(sizes.forces, sizes.log_mean, sizes.log_sd, strict=True):
        low, middle, high = size_interval(mean, sd)
        claim = priors.claims[force]
        way = "+" if priors.debate.sides.sign(claim.side) > 0 else "-"
        table.add_row(force, escape(claim.title), f"{way}{middle:.2f}", f"{low:.2f} to {high:.2f}")
    return table


def _categories(priors: Priors, history: HistoryFile) -> Table:
    table = Table("facet", "category", "distance", "rests at, before the data", title_justify="left")
    table.title = "Today's categories; outside: farther from the middle than every earlier stack"
    for name in priors.share_facets():
        category = history.categories.get(priors.facets[name].category or "")
        unlike = "" if category is None else f"{category.distance:.1f}" + (" outside" if category.outside else "")
        title = "the wide class" if category is None else category.title
        table.add_row(escape(priors.facets[name].title), escape(title), unlike, _rest(priors, name))
    return table


def _rest(priors: Priors, facet: str) -> str:
    low, middle, high = (percent(float(expit(x))) for x in resting_interval(priors, facet))
    return f"{middle} ({low} to {high})"


def _frame(title: str, table: pd.DataFrame) -> Table:
    """Return a table of scores as it is stored, numbers with two decimals."""
    out = Table(title=title, title_justify="left")
    for column in table.columns:
        numeric = pd.api.types.is_numeric_dtype(table[column])
        out.add_column(escape(str(column).replace("_", " ")), justify="right" if numeric else "left")
    for row in table.itertuples(index=False):
        out.add_row(*(_cell(value) for value in row))
    return out


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.3g}"
    return escape(str(value))
