"""A handful of invented stacks: two layers, two raters, two forces."""

import csv

from stackcast.history.schema import (
    RATING_COLUMNS,
    RATINGS,
    SHARE_COLUMNS,
    SHARES,
    STACK_COLUMNS,
    STACKS,
)

CLAIMS, LAYERS = ("H1", "O1"), ("jobs", "days")
STACK = {
    "title": "A category",
    "layer": "jobs",
    "view_year": 2000,
    "kind": "software",
    "service": "no",
    "criterion": "open-licence",
    "outcome_from": 2000,
    "outcome_to": 2010,
    "description": "What it was, and how it was sold.",
}
SHARE = {
    "population": "firms asked",
    "unit": "firms",
    "measure": "use",
    "criterion": "open-licence",
    "source_kind": "survey",
    "source_title": "A survey",
    "source_url": "https://example.org/survey",
    "counted_open": "under an open licence",
}
STACK_LINES = (
    STACK | {"slug": "editors"},
    STACK | {"slug": "mail", "layer": "days", "service": "yes"},
    STACK | {"slug": "phones", "kind": "device", "criterion": "", "outcome_from": "", "outcome_to": ""},
    STACK | {"slug": "ai_today", "view_year": 2023, "criterion": "", "outcome_from": "", "outcome_to": ""},
)
SHARE_LINES = (
    SHARE | {"stack": "editors", "year": 2004, "share": 0.2},
    SHARE | {"stack": "editors", "year": 2008, "share": 0.5, "lower": 0.4, "upper": 0.6, "n": 100},
    SHARE | {"stack": "editors", "year": 2009, "month": 6, "share": 0.6},
    SHARE | {"stack": "editors", "year": 2012, "share": 0.9},
    SHARE | {"stack": "mail", "year": 2009, "share": 0.1, "measure": "attention", "source_kind": "attention"},
    SHARE | {"stack": "phones", "year": 2005, "upper": 0.3},
)
RATING_LINES = tuple(
    {"stack": stack, "rater": rater, "force": force, "rating": rating, "confidence": 2}
    for stack, rating in (("editors", 1), ("mail", -1.5), ("ai_today", 0))
    for rater in ("r1", "r2")
    for force in CLAIMS
)


def write(folder, stacks=STACK_LINES, shares=SHARE_LINES, ratings=RATING_LINES):
    """Write the three tables to a folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = ((STACKS, STACK_COLUMNS, stacks), (SHARES, SHARE_COLUMNS, shares), (RATINGS, RATING_COLUMNS, ratings))
    for name, columns, lines in tables:
        with (folder / name).open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)
    return folder


def changed(lines, place, **cells):
    """Return lines of which one has other cells."""
    return [line | cells if i == place else line for i, line in enumerate(lines)]
