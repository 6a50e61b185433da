from datetime import date

import pytest

from stackcast.errors import InputError
from stackcast.sources import fred
from stackcast.sources.fred import FRED
from stackcast.sources.web import SourceChanged, Web
from tests.observations.test_schema import signal
from tests.sources.server import ok, serving
from tests.sources.support import PUBLISHED, TODAY, by_signal, context, payload, table

MONTHLY, QUARTERLY, LEVEL = "firms-that-pay", "workers-that-use", "index-level"
SIGNALS = {
    MONTHLY: signal(feed={"fred": {"series": "RAMPAIALL", "every": "month", "per": 100}}),
    QUARTERLY: signal(feed={"fred": {"series": "RPSGENAIUSAGESHAREWORK", "every": "quarter", "per": 100}}),
    LEVEL: signal(likelihood="ratio", feed={"fred": {"series": "RAMPAIALL", "every": "month"}}),
    "not-fed": signal(),
    "elsewhere": signal(feed={"pypi": {"over": ["a"], "under": ["b"]}}),
}
HEADER = ("observation_date", "RAMPAIALL")
RAMP = table(HEADER, ("2026-05-01", 53.182), ("2026-06-01", "."), ("2026-07-01", ""), ("2026-08-01", 55.167))
WORK = table(("observation_date", "RPSGENAIUSAGESHAREWORK"), ("2026-04-01", 41.5))


def read(text, origin="saved.csv", published=TODAY, signals=SIGNALS):
    return FRED.read([payload(text, origin, published)], context(signals=signals))


def test_a_printed_number_becomes_the_signals_unit_and_its_month():
    found = read(RAMP)
    first, last = by_signal(found)[MONTHLY]
    assert (first.period_start, first.period_end, first.value) == (date(2026, 5, 1), date(2026, 5, 31), 0.53182)
    assert (last.period_end, last.value, last.published) == (date(2026, 8, 31), 0.55167, TODAY)
    assert (first.source_url, first.note) == ("https://fred.stlouisfed.org/series/RAMPAIALL", "FRED RAMPAIALL")
    assert [row.value for row in by_signal(found)[LEVEL]] == [53.182, 55.167]
    assert set(by_signal(found)) == {MONTHLY, LEVEL}


def test_a_quarter_begins_on_the_printed_day():
    (row,) = by_signal(read(WORK))[QUARTERLY]
    assert (row.period_start, row.period_end, row.value) == (date(2026, 4, 1), date(2026, 6, 30), 0.415)


def test_a_period_that_was_not_over_waits():
    found = read(RAMP, published=date(2026, 8, 30))
    assert [row.period_end for row in by_signal(found)[MONTHLY]] == [date(2026, 5, 31)]
    assert f"{MONTHLY}: 2026-08-31: the period is not over" in found.left_out


def test_it_feeds_the_signals_that_declare_it():
    assert FRED.feeds(SIGNALS) == (MONTHLY, QUARTERLY, LEVEL)
    assert FRED.read([], context()).left_out == ["no signal declares a feed from fred"]


@pytest.mark.parametrize(
    ("text", "origin", "words"),
    [
        (WORK, f"{fred.ADDRESS}?id=RAMPAIALL", "changed the columns: 'RAMPAIALL' is missing"),
        (RAMP.replace("RAMPAIALL", "RAMPAIAL"), "s.csv", "no signal declares the series 'RAMPAIAL'; did you mean"),
        (table(("DATE", "RAMPAIALL"), ("2026-05-01", 5)), "s.csv", "'observation_date' is missing"),
        (table(HEADER, ("soon", 5)), "s.csv", "row 2, observation_date: must be a date"),
        (table(HEADER, ("2026-05-01", "half")), "s.csv", "row 2, RAMPAIALL: must be a number .found 'half'"),
        (table(HEADER), "s.csv", "the table has no rows"),
        ("", "s.csv", "cannot be read as a table|is missing"),
    ],
)
def test_another_series_or_changed_columns_are_one_clear_error(text, origin, words):
    with pytest.raises(InputError, match=words):
        read(text, origin)


def test_a_saved_copy_needs_its_day():
    with pytest.raises(InputError, match="add --published DATE"):
        read(RAMP, published=None)


def asked(mood, signals=SIGNALS):
    with serving({"/graph/fredgraph.csv": mood}) as server:
        web = Web(attempts=1, address=lambda url: url.replace("https://fred.stlouisfed.org", server.base))
        return FRED.fetch(web, date(2018, 1, 1), context(signals=signals))


def by_query(request, n):
    request.answer(200, RAMP if request.path.endswith("id=RAMPAIALL") else WORK, {"Content-Type": "application/csv"})


def test_each_declared_series_is_fetched_once_and_known_from_that_day():
    payloads = asked(by_query)
    assert [p.origin for p in payloads] == [
        f"{fred.ADDRESS}?id={name}" for name in ("RAMPAIALL", "RPSGENAIUSAGESHAREWORK")
    ]
    assert {p.published for p in payloads} == {TODAY}
    assert set(by_signal(FRED.read(payloads, context(signals=SIGNALS)))) == {MONTHLY, QUARTERLY, LEVEL}


def test_a_day_of_the_servers_own_is_no_vintage():
    (payload,) = asked(ok(RAMP, Last_Modified="Thu, 01 Oct 2026 10:00:00 GMT"), {MONTHLY: SIGNALS[MONTHLY]})
    assert payload.published == TODAY != PUBLISHED


def test_the_wrong_series_from_the_server_is_an_error():
    with pytest.raises(InputError, match="id=RPSGENAIUSAGESHAREWORK: the publisher has changed the columns"):
        FRED.read(asked(ok(RAMP)), context(signals=SIGNALS))


def test_another_type_or_size_is_refused(monkeypatch):
    with pytest.raises(SourceChanged, match="text/html where text/csv"):
        asked(ok("<html>", "text/html"))
    monkeypatch.setattr(fred, "LIMIT", 20)
    with pytest.raises(SourceChanged, match="larger than 20 bytes"):
        asked(ok(RAMP))
