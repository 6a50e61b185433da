"""A batch beside the store: what is new, what revises, what is there already, and what contradicts."""

from datetime import date

import pytest

from model.observations.incoming import compare
from model.observations.schema import Observation, Retired
from model.observations.store import as_frame
from tests.observations.test_schema import signal

SIGNALS = {"share": signal(likelihood="share"), "counts": signal(likelihood="counts")}
EARLY = date(2000, 1, 1)


def row(value, published, end="2026-03-31", **more):
    given = {"period_start": "2026-01-01", "period_end": end, "published": published, "source_url": "https://a.b/c"}
    return Observation.model_validate({"id": f"x@{end}@{published}", "value": value} | given | more)


def store(*rows, slug="share", retracted=()):
    return as_frame([{"signal": slug, **r.model_dump()} for r in rows], dict(retracted))


THERE = store(row(0.30, "2026-04-01"), row(0.35, "2026-06-01"))


@pytest.mark.parametrize(
    ("given", "kind", "before"),
    [
        (row(0.4, "2026-08-01", end="2026-06-30"), "new", None),
        (row(0.4, "2026-08-01"), "revision", 0.35),
        (row(0.3503, "2026-08-01"), "unchanged", 0.35),
        (row(0.35, "2026-08-01", lower=0.3), "revision", 0.35),
        (row(0.4, "2026-06-01"), "conflict", 0.35),
        (row(0.35, "2026-06-01"), "unchanged", 0.35),
        (row(0.33, "2026-05-01"), "revision", 0.30),
        (row(0.2, "2026-03-31"), "earlier vintage", None),
    ],
)
def test_each_kind(given, kind, before):
    (found,) = compare([("share", given)], THERE, SIGNALS, EARLY)
    assert (found.kind, found.before) == (kind, before)


def test_counts_are_the_same_only_exactly():
    there = store(row(0.5, "2026-04-01", numerator=100, denominator=200), slug="counts")
    same = row(0.5, "2026-05-01", numerator=100, denominator=200)
    other = row(0.5, "2026-05-01", numerator=200, denominator=400)
    assert [i.kind for i in compare([("counts", same), ("counts", other)], there, SIGNALS, EARLY)] == [
        "unchanged",
        "revision",
    ]


def test_what_is_passed_over():
    fresh = row(0.4, "2026-08-01")
    assert compare([("share", fresh)], THERE, SIGNALS, date(2026, 4, 1)) == []
    assert compare([("unheard-of", fresh)], THERE, SIGNALS, EARLY) == []
    gone = {"share": SIGNALS["share"].model_copy(update={"retired": Retired(day=date(2026, 7, 1), why="w")})}
    assert compare([("share", fresh)], THERE, gone, EARLY) == []
    assert len(compare([("share", row(0.4, "2026-06-30"))], THERE, gone, EARLY)) == 1


def test_a_retracted_row_is_not_there():
    taken_back = store(row(0.35, "2026-06-01"), retracted={"x@2026-03-31@2026-06-01": date(2026, 6, 2)})
    assert compare([("share", row(0.4, "2026-08-01"))], taken_back, SIGNALS, EARLY)[0].kind == "new"
