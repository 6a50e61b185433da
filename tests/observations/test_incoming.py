"""A batch beside the store: what is new, what revises, what is there already, and what contradicts."""

from datetime import date, timedelta

import pytest

from stackcast.errors import InputError
from stackcast.observations.incoming import compare
from stackcast.observations.schema import Observation, Retired
from stackcast.observations.store import as_frame
from tests.observations.test_schema import signal

SIGNALS = {"share": signal(likelihood="share"), "counts": signal(likelihood="counts")}
EARLY, TODAY = date(2000, 1, 1), date(2026, 9, 1)
"""Before every row of these tests, and the day on which the last of them was published."""


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
        (row(0.4, "2026-06-01"), "recount", 0.35),
        (row(0.35, "2026-06-01"), "unchanged", 0.35),
        (row(0.33, "2026-05-01"), "revision", 0.30),
        (row(0.2, "2026-03-31"), "earlier vintage", None),
    ],
)
def test_each_kind(given, kind, before):
    (found,) = compare([("share", given)], THERE, SIGNALS, EARLY, TODAY)
    assert (found.kind, found.before) == (kind, before)


def test_counts_are_the_same_only_exactly():
    there = store(row(0.5, "2026-04-01", numerator=100, denominator=200), slug="counts")
    same = row(0.5, "2026-05-01", numerator=100, denominator=200)
    other = row(0.5, "2026-05-01", numerator=200, denominator=400)
    assert [i.kind for i in compare([("counts", same), ("counts", other)], there, SIGNALS, EARLY, TODAY)] == [
        "unchanged",
        "revision",
    ]


def test_what_is_passed_over():
    fresh = row(0.4, "2026-08-01")
    assert compare([("share", fresh)], THERE, SIGNALS, date(2026, 4, 1), TODAY) == []
    assert compare([("unheard-of", fresh)], THERE, SIGNALS, EARLY, TODAY) == []
    gone = {"share": SIGNALS["share"].model_copy(update={"retired": Retired(day=date(2026, 7, 1), why="w")})}
    assert compare([("share", fresh)], THERE, gone, EARLY, TODAY) == []
    assert len(compare([("share", row(0.4, "2026-06-30"))], THERE, gone, EARLY, TODAY)) == 1


def test_a_retracted_row_is_not_there():
    taken_back = store(row(0.35, "2026-06-01"), retracted={"x@2026-03-31@2026-06-01": date(2026, 6, 2)})
    assert compare([("share", row(0.4, "2026-08-01"))], taken_back, SIGNALS, EARLY, TODAY)[0].kind == "new"


def test_a_recount_is_a_vintage_of_today_and_happens_once():
    """Labels change, and the same copy is counted again: nobody knew that before today."""
    (found,) = compare([("share", row(0.4, "2026-04-01", note="n"))], THERE, SIGNALS, EARLY, TODAY)
    assert (found.kind, found.before) == ("recount", 0.35)
    assert (found.row.published, found.row.id) == (TODAY, f"share/2026-03-31@{TODAY}")
    assert found.row.note == "n; counted again; first published 2026-04-01"
    with_it = store(row(0.30, "2026-04-01"), found.row)
    (again,) = compare([("share", row(0.4, "2026-04-01"))], with_it, SIGNALS, EARLY, TODAY)
    assert again.kind == "unchanged"
    with pytest.raises(InputError, match="was written today"):
        compare([("share", row(0.5, "2026-04-01"))], with_it, SIGNALS, EARLY, TODAY)


def snapshot(day, value=0.4):
    return row(value, day, end=day, period_start=day)


def test_a_snapshot_too_near_to_another_says_nothing_new():
    there, usual = store(snapshot("2026-03-31")), SIGNALS["share"].spacing_days
    half = usual // 2 + 1
    days = [date(2026, 3, 31) + timedelta(days=n) for n in (3, half, half + 3, 2 * half, -half)]
    found = compare([("share", snapshot(str(day))) for day in days], there, SIGNALS, EARLY, TODAY)
    assert [i.kind for i in found] == ["too near", "new", "too near", "new", "new"]
    assert [i.writes for i in found] == [False, True, False, True, True]


def window(start, end, value=0.4):
    return row(value, "2026-08-01", end=end, period_start=start)


def test_a_window_that_moves_on_waits_for_half_the_spacing():
    """Of a signal of every 90 days: 30 days that overlap, or that follow too soon, say the same thing again."""
    there = store(window("2026-05-02", "2026-05-31"))
    for start, end, kind in (
        ("2026-05-01", "2026-05-31", "too near"),
        ("2026-05-09", "2026-06-07", "too near"),
        ("2026-06-01", "2026-06-30", "too near"),
        ("2026-06-16", "2026-07-15", "new"),
        ("2026-03-18", "2026-04-16", "new"),
    ):
        assert [i.kind for i in compare([("share", window(start, end))], there, SIGNALS, EARLY, TODAY)] == [kind], end


def test_windows_of_one_batch_are_near_to_each_other():
    batch = [("share", window("2026-05-02", "2026-05-31")), ("share", window("2026-05-09", "2026-06-07"))]
    assert [i.kind for i in compare(batch, store(), SIGNALS, EARLY, TODAY)] == ["new", "too near"]


def test_months_of_a_monthly_signal_and_growing_windows_are_never_too_near():
    monthly = {"share": signal(likelihood="share", spacing_days=30)}
    there = store(window("2026-01-01", "2026-01-31"))
    assert compare([("share", window("2026-02-01", "2026-02-28"))], there, monthly, EARLY, TODAY)[0].kind == "new"
    growing = {"share": signal(likelihood="share", spacing_days=365, window="growing")}
    assert compare([("share", window("2026-01-01", "2026-02-28"))], there, growing, EARLY, TODAY)[0].kind == "new"


def test_of_two_copies_in_one_batch_the_later_revises_the_earlier():
    """Two recorded copies of one table, or the same table twice."""
    copies = [row(0.4, "2026-08-01", end="2026-06-30"), row(0.5, "2026-09-01", end="2026-06-30")]
    found = compare([("share", each) for each in (*copies, copies[1])], THERE, SIGNALS, EARLY, TODAY)
    assert [(i.kind, i.before) for i in found] == [("new", None), ("revision", 0.4), ("unchanged", 0.5)]
