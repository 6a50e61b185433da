"""Probabilities of public markets and tournaments: scored beside ours on the same question."""

import datetime
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from stackcast.errors import Problem
from stackcast.files.cells import Day, Number
from stackcast.files.documents import Strict, did_you_mean
from stackcast.files.tables import Line, read_table
from stackcast.observations.events import WebLink
from stackcast.observations.schema import OneLine, Question, Slug

FILE = "markets.csv"
COLUMNS = (
    "day", "market", "asked", "outcome", "probability", "volume", "closes", "question", "source_url", "note",
)  # fmt: skip
YES = "yes"
Words = Annotated[OneLine, StringConstraints(min_length=1)]


class Market(Strict):
    """One line of ``markets.csv``: the probability of one outcome on a day.

    ``asked`` is the question as asked there and ``volume`` the stake in the source's own words. ``question`` is the id
    of our question where both always resolve alike, and empty where they are only related.
    """

    day: Day
    market: Words
    asked: Words
    outcome: Words
    probability: Annotated[Number, Field(ge=0, le=1)]
    volume: OneLine = ""
    closes: Day
    question: Slug | None = None
    source_url: WebLink
    note: OneLine = ""


def read_markets(
    folder: Path, questions: Mapping[str, Question], today: datetime.date
) -> tuple[tuple[Market, ...], list[Problem]]:
    """Read ``observations/markets.csv``: its valid lines by day, and what is wrong with the others.

    A project without the file has no markets.
    """
    path = folder / FILE
    lines, problems = read_table(path, COLUMNS, Market) if os.path.lexists(path) else ([], [])
    seen: dict[tuple[object, ...], int] = {}
    for line in lines:
        key = (line.row.day, line.row.market, line.row.asked, line.row.outcome)
        problems += [Problem(path, line.number, *broken) for broken in _broken(line, questions, today)]
        if key in seen:
            message = f"the same day, market, question and outcome stand already in line {seen[key]}"
            problems.append(Problem(path, line.number, "outcome", message))
        seen.setdefault(key, line.number)
    return tuple(sorted((line.row for line in lines), key=lambda m: (m.day, m.market, m.asked, m.outcome))), problems


def _broken(line: Line[Market], questions: Mapping[str, Question], today: datetime.date) -> list[tuple[str, str]]:
    row, broken = line.row, []
    if row.day > today:
        broken.append(("day", f"{row.day} lies in the future (today is {today})"))
    if row.day > row.closes:
        broken.append(("day", f"{row.day} lies after the market closed ({row.closes})"))
    if row.question is None:
        return broken
    ours = questions.get(row.question)
    if ours is None:
        broken.append(("question", f"unknown question {row.question!r}{did_you_mean(row.question, questions)}"))
    elif row.day > ours.closes:
        broken.append(("day", f"{row.day} lies after our question closed ({ours.closes}): it foretells nothing"))
    if row.outcome != YES:
        broken.append(("outcome", f"a probability beside our question is that of {YES!r} (found {row.outcome!r})"))
    return broken
