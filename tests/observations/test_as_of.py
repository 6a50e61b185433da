"""What was known at a date, as properties over made-up histories of vintages."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackcast.observations.as_of import as_of, first_vintages
from tests.observations.test_schema import signal

SIGNALS = {"fixed": signal(), "grows": signal(window="growing")}
START = date(2024, 1, 1)
PERIOD = ["signal", "period_start", "period_end"]


@st.composite
def histories(draw):
    drawn = draw(
        st.lists(
            st.tuples(
                st.sampled_from(sorted(SIGNALS)), st.integers(0, 3), st.integers(0, 6), st.integers(0, 200),
                st.floats(0, 1), st.one_of(st.none(), st.integers(0, 300)),
            ),
            min_size=1, max_size=25, unique_by=lambda x: x[:4],
        )
    )  # fmt: skip
    return frame(drawn)


def frame(drawn):
    rows = []
    for i, (slug, start, length, wait, value, *more) in enumerate(drawn):
        begin = START + timedelta(days=90 * start)
        end = begin + timedelta(days=30 * length)
        published = end + timedelta(days=wait)
        stood = more[0] if more else None
        retracted = None if stood is None else published + timedelta(days=stood)
        rows.append((f"{i:03d}", slug, begin, end, published, value, retracted))
    table = pd.DataFrame(rows, columns=["id", *PERIOD, "published", "value", "retracted"])
    for column in ("period_start", "period_end", "published", "retracted"):
        table[column] = pd.to_datetime(table[column])
    return table


DAYS = st.integers(0, 900).map(lambda n: START + timedelta(days=n))


@given(histories(), DAYS)
def test_never_a_row_from_the_future(rows, day):
    known = as_of(rows, day, SIGNALS)
    assert (known["published"] <= pd.Timestamp(day)).all()
    assert set(known["id"]) <= set(rows["id"])


@given(histories(), DAYS, st.integers(0, 400))
def test_what_is_known_stays_known_until_it_is_superseded_or_taken_back(rows, day, later):
    before, moment = as_of(rows, day, SIGNALS), day + timedelta(days=later)
    after = as_of(rows, moment, SIGNALS)
    for row in before.itertuples():
        same = after[(after["signal"] == row.signal) & (after["period_start"] == row.period_start)]
        if row.signal == "fixed":
            same = same[same["period_end"] == row.period_end]
        assert len(same) <= 1
        if not row.retracted <= pd.Timestamp(moment):
            assert len(same) == 1
            assert same["published"].iloc[0] >= row.published


@given(histories(), DAYS)
def test_a_retraction_counts_from_its_day_and_never_before(rows, day):
    known = as_of(rows, day, SIGNALS)
    assert not (known["retracted"] <= pd.Timestamp(day)).any()
    later = rows["retracted"] > pd.Timestamp(day)
    without = rows.assign(retracted=rows["retracted"].mask(later))
    pd.testing.assert_frame_equal(
        as_of(without, day, SIGNALS).drop(columns="retracted"), known.drop(columns="retracted")
    )


def test_an_earlier_vintage_counts_again_when_the_later_is_taken_back():
    rows = frame([("fixed", 0, 1, 5, 0.1), ("fixed", 0, 1, 15, 0.9, 10)])
    values = [as_of(rows, START + timedelta(days=30 + n), SIGNALS)["value"].tolist() for n in (4, 5, 15, 24, 25)]
    assert values == [[], [0.1], [0.9], [0.9], [0.1]]


@given(histories(), DAYS, st.data())
def test_a_later_vintage_never_changes_an_earlier_as_of(rows, day, data):
    known = as_of(rows, day, SIGNALS)
    which = data.draw(st.integers(0, len(rows) - 1))
    revision = rows.iloc[[which]].assign(
        id="new", published=pd.Timestamp(day + timedelta(days=data.draw(st.integers(1, 50)))), value=9.0
    )
    again = as_of(pd.concat([revision, rows], ignore_index=True), day, SIGNALS)
    pd.testing.assert_frame_equal(known, again, check_dtype=False)


@given(histories(), DAYS)
def test_one_row_a_period_and_one_a_growing_window(rows, day):
    known = as_of(rows, day, SIGNALS)
    assert not known.duplicated(PERIOD).any()
    grows = known[known["signal"] == "grows"]
    assert not grows.duplicated(["signal", "period_start"]).any()


@given(histories(), DAYS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, day, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = rows.iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(as_of(rows, day, SIGNALS), as_of(shuffled, day, SIGNALS))


@given(histories())
def test_first_vintages_are_first(rows):
    first = first_vintages(rows)
    assert not first.duplicated(PERIOD).any()
    least = rows.groupby(PERIOD)["published"].min()
    assert (first.set_index(PERIOD)["published"].sort_index() == least.sort_index()).all()


def test_a_year_to_date_replaces_its_shorter_self_when_it_is_published():
    rows = frame([("grows", 0, 1, 5, 0.1), ("grows", 0, 3, 5, 0.2), ("grows", 0, 5, 5, 0.3)])
    for n, before, value in ((1, [], 0.1), (3, [0.1], 0.2), (5, [0.2], 0.3)):
        day = START + timedelta(days=30 * n + 5)
        assert as_of(rows, day, SIGNALS)["value"].tolist() == [value]
        assert as_of(rows, day - timedelta(days=1), SIGNALS)["value"].tolist() == before


def test_the_latest_vintage_wins_on_the_shipped_data(project, rows):
    day = date(2026, 5, 31)
    known = as_of(rows, day, project.observations.signals)
    mine = rows[(rows["signal"] == "epoch-notable-open-weights-quarterly") & (rows["published"] <= pd.Timestamp(day))]
    latest = mine.groupby(["period_start", "period_end"])["published"].max()
    got = known[known["signal"] == "epoch-notable-open-weights-quarterly"].set_index(["period_start", "period_end"])
    assert len(mine) > len(got) > 10
    assert (got["published"].sort_index() == latest.sort_index()).all()


@pytest.mark.parametrize("days", [0, 30, 365])
def test_a_periods_end_is_not_its_publication(days):
    rows = frame([("fixed", 0, 1, days, 0.4)])
    published = rows["published"].iloc[0].date()
    assert len(as_of(rows, published, SIGNALS)) == 1
    assert as_of(rows, published - timedelta(days=1), SIGNALS).empty
