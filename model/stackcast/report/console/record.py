"""The track record on the terminal: what resolved now, every published run, and others' answers beside ours."""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

import pandas as pd
from rich.markup import escape
from rich.table import Table

from stackcast.observations.schema import Question
from stackcast.report.console.forecast import terminal
from stackcast.report.record_words import COLUMNS, MEANS, published_row
from stackcast.report.wording import chance


def print_record(
    due: pd.DataFrame,
    published: pd.DataFrame,
    outside: pd.DataFrame,
    waiting: Sequence[Question],
    scored: int,
    mean: float | None,
) -> None:
    """Print what resolved now, the published runs, outside probabilities, and what waits to be settled by hand.

    Parameters
    ----------
    due
        The probabilities scored now.
    published
        Of :func:`stackcast.evaluate.published.published_runs`.
    outside
        Of :func:`stackcast.evaluate.outside.beside`.
    waiting
        Questions that closed without a value.
    scored, mean
        How many probabilities are scored in all, and the mean Brier score of a question.
    """
    console = terminal()

    def say(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    for row in due.to_dict("records"):
        said = f"said {chance(row['probability'])}, came {row['outcome']:.0f}, Brier {row['score']:.3f}"
        say(f"{row['name']}: {said}")
    if len(published):
        table = Table(*COLUMNS, title="Published runs", caption=MEANS, title_justify="left", caption_justify="left")
        for row in published.to_dict("records"):
            table.add_row(*map(escape, published_row(row)))
        console.print(table)
    for row in outside.to_dict("records"):
        say(_beside(row))
    for question in waiting:
        say(f"{question.id}: closed without a value; settle it in questions.yaml by: {question.if_unpublished}")
    word = f"mean Brier score of a question {mean:.3f}" if mean is not None else "nothing has resolved yet"
    say(f"{len(due)} scored now, {scored} in all; {word}")


def _beside(row: Mapping[Any, Any]) -> str:
    """Say in one line what we and a public market gave to a question on a day, and how both fared."""
    ours = "we had no answer" if isnan(row["ours"]) else f"we said {chance(row['ours'])} (on {row['our_day']})"
    head = f"{row['question']}: {row['market']} said {chance(row['theirs'])} on {row['day']}, {ours}"
    if isnan(row["outcome"]):
        return f"{head}; not resolved"
    mine = "" if isnan(row["our_score"]) else f", ours {row['our_score']:.3f}"
    return f"{head}; came {row['outcome']:.0f}, Brier theirs {row['their_score']:.3f}{mine}"
