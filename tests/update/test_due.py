"""A source is due when a period of one of its signals has passed since the latest, or when it has no figure."""

from datetime import timedelta

import pytest

from stackcast.observations.schema import Retired
from stackcast.observations.store import Observations
from stackcast.sources.base import Reading, Source
from stackcast.sources.payloads import SINCE
from stackcast.update.due import due_sources
from tests.observations.test_incoming import row, store
from tests.observations.test_schema import signal

LAST = row(0.3, "2026-04-01").period_end
SPACING = signal(likelihood="share").spacing_days
NEXT = LAST + timedelta(days=SPACING)


def source(*signals):
    return Source("source", "A source", signals, lambda *_: [], lambda *_: Reading([]))


def observations(rows=None, **signals):
    given = {name: signal(likelihood="share") for name in ("share", "other")} | signals
    return Observations(given, store(row(0.3, "2026-04-01")) if rows is None else rows, ())


def due(observed, today, *signals, everything=False):
    (found,) = due_sources([source(*signals)], observed, today, everything=everything)
    return found


@pytest.mark.parametrize(("days", "expected"), [(0, False), (1, True), (400, True)])
def test_it_is_due_once_the_next_period_is_over(days, expected):
    found = due(observations(), NEXT + timedelta(days=days), "share")
    assert found.due is expected
    assert found.since == LAST
    assert ("a period has passed" if expected else f"ends about {NEXT}") in found.why


def test_without_a_figure_it_is_due_from_the_beginning():
    found = due(observations(), LAST, "other")
    assert (found.due, found.why, found.since) == (True, "never pulled", SINCE)
    found = due(observations(), LAST, "share", "other")
    assert (found.due, found.why, found.since) == (True, "other has no figure yet", SINCE)


def test_a_row_that_was_taken_back_is_no_figure():
    back = store(row(0.3, "2026-04-01"), retracted={row(0.3, "2026-04-01").id: LAST})
    assert due(observations(rows=back), LAST, "share").why == "never pulled"


def test_the_signal_furthest_behind_decides():
    earlier = row(0.3, "2026-01-10", end="2025-12-31", period_start="2025-10-01")
    rows = store(row(0.3, "2026-04-01"), earlier.model_copy(update={"id": "y"}))
    rows.loc[rows["period_end"] < "2026-01-01", "signal"] = "other"
    found = due(observations(rows=rows), NEXT, "share", "other")
    assert (found.due, found.since) == (True, earlier.period_end)
    assert found.why.startswith("other ends on 2025-12-31")


def test_nobody_waits_for_retired_or_unknown_signals():
    gone = signal(likelihood="share").model_copy(update={"retired": Retired(day=LAST, why="w")})
    late = NEXT + timedelta(days=1)
    assert not due(observations(share=gone), late, "share", everything=True).due
    assert due(observations(share=gone), late, "share", "unheard-of").why == "none of its signals is in use"
    assert due(observations(share=gone), late, "share", "other").why == "never pulled"


def test_all_takes_what_is_not_due_and_says_so():
    found = due(observations(), LAST, "share", everything=True)
    assert found.due
    assert found.why.startswith("asked for with --all; the next period")
