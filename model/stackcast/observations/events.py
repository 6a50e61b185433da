"""Dated, sourced events that concern claims and a layer: shown on charts, never fitted."""

import datetime
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, field_validator

from stackcast.errors import Problem
from stackcast.files.cells import Day
from stackcast.files.documents import Strict, did_you_mean
from stackcast.files.tables import Line, read_table
from stackcast.observations.schema import OneLine, Slug

FILE = "events.csv"
COLUMNS = ("date", "title", "claims", "layer", "headline", "source_url", "note")
HEADLINES = 6
"""Greatest number of events of one layer on a static plot."""
WEB = re.compile(r"^https?://[^\s/]+\.[^\s]+$")
TITLE = 110


def _web(url: str) -> str:
    if not WEB.match(url):
        raise ValueError("must be an http(s) address")
    return url


WebLink = Annotated[str, AfterValidator(_web)]
Title = Annotated[OneLine, StringConstraints(min_length=1, max_length=TITLE)]


class Event(Strict):
    """One line of ``events.csv``; a date and a title name it.

    ``claims`` holds claims or sub-claims (factors of ``claims.yaml``), ``layer`` a layer of ``layers.yaml``.
    ``headline`` marks the few of a layer that static plots show.
    """

    date: Day
    title: Title
    claims: Annotated[tuple[str, ...], Field(min_length=1)]
    layer: Slug
    headline: Literal["yes", ""] = ""
    source_url: WebLink
    note: OneLine = ""

    @field_validator("claims", mode="before")
    @classmethod
    def _split(cls, cell: Any) -> Any:
        return tuple(part.strip() for part in cell.split(";")) if isinstance(cell, str) else cell

    @field_validator("claims")
    @classmethod
    def _once(cls, claims: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(claims)) < len(claims):
            raise ValueError("the same claim stands twice")
        return claims


def read_events(folder: Path, today: datetime.date) -> tuple[tuple[Event, ...], list[Problem]]:
    """Read ``observations/events.csv``: its valid lines by date, and what is wrong with the others.

    A project without the file has no events.
    """
    path = folder / FILE
    lines, problems = _lines(path)
    seen: dict[tuple[datetime.date, str], int] = {}
    drawn: Counter[str] = Counter()
    for line in lines:
        event, key = line.row, (line.row.date, line.row.title)
        if event.date > today:
            message = f"{event.date} lies in the future (today is {today})"
            problems.append(Problem(path, line.number, "date", message))
        if key in seen:
            message = f"the same date and title stand already in line {seen[key]}"
            problems.append(Problem(path, line.number, "title", message))
        seen.setdefault(key, line.number)
        drawn[event.layer] += event.headline == "yes"
        if event.headline == "yes" and drawn[event.layer] > HEADLINES:
            message = f"layer {event.layer!r} has {HEADLINES} headlines already, the most that a plot can show"
            problems.append(Problem(path, line.number, "headline", message))
    return tuple(sorted((line.row for line in lines), key=lambda e: (e.date, e.title))), problems


def unknown_targets(folder: Path, claims: Iterable[str], layers: Iterable[str]) -> list[Problem]:
    """Return every claim and layer of ``events.csv`` that is not declared."""
    path = folder / FILE
    lines, _ = _lines(path)
    return [problem for line in lines for problem in _unknown(path, line, sorted(claims), sorted(layers))]


def _unknown(path: Path, line: Line[Event], claims: Sequence[str], layers: Sequence[str]) -> Iterable[Problem]:
    for name in line.row.claims:
        if name not in claims:
            yield Problem(path, line.number, "claims", f"unknown claim {name!r}{did_you_mean(name, claims)}")
    if line.row.layer not in layers:
        message = f"unknown layer {line.row.layer!r}{did_you_mean(line.row.layer, layers)}"
        yield Problem(path, line.number, "layer", message)


def _lines(path: Path) -> tuple[list[Line[Event]], list[Problem]]:
    return read_table(path, COLUMNS, Event) if os.path.lexists(path) else ([], [])
