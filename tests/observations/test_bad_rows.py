"""Every random way of spoiling a random good row is refused, and the good row itself never is."""

import csv
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from stackcast.observations.schema import COLUMNS, SOURCE
from stackcast.observations.store import read_rows
from tests.observations.test_schema import signal

SHARE, COUNTS = signal(likelihood="share"), signal(likelihood="counts")
FIRST, LAST, LONGEST, LATEST = date(2015, 1, 1), date(2026, 6, 30), 90, 40
"""Of good rows: the first and last day on which a period begins, its days, and days until it is published."""
TODAY = LAST + timedelta(days=LONGEST + LATEST)
DAYS = st.dates(FIRST, LAST)
TEXT = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=20)
CONTROL = st.sampled_from([chr(n) for n in (*range(1, 10), 11, 12, *range(14, 32), 127, 0x202E, 0x2066)])


@st.composite
def good_rows(draw):
    start = draw(DAYS)
    end = start + timedelta(days=draw(st.integers(0, LONGEST)))
    value = draw(st.floats(0.01, 0.99))
    published = end + timedelta(days=draw(st.integers(0, LATEST)))
    given = {
        "id": f"x/{end}@{published}", "period_start": str(start), "period_end": str(end),
        "published": str(published), "value": repr(value),
        "n": str(draw(st.integers(1, 10**6))), "lower": repr(value * draw(st.floats(0.01, 1))),
        "upper": repr(value + (1 - value) * draw(st.floats(0, 0.99))),
        "source_url": "https://a.b/c", "note": draw(TEXT),
    }  # fmt: skip
    return given


def shifted(row, column, days):
    return str(date.fromisoformat(row[column]) + timedelta(days=days))


@st.composite
def spoilt(draw, row):
    """Return the row with one thing wrong."""
    value = float(row["value"])
    ways = {
        "ends before it starts": lambda: {"period_end": shifted(row, "period_start", -draw(st.integers(1, 900)))},
        "from the future": lambda: {"published": str(TODAY + timedelta(days=draw(st.integers(1, 900))))},
        "before its period's end": lambda: {"published": shifted(row, "period_end", -draw(st.integers(1, 90)))},
        "no date": lambda: {draw(st.sampled_from(["period_start", "published"])): draw(TEXT.filter(no_date))},
        "no number": lambda: {"value": draw(TEXT.filter(no_number))},
        "not finite": lambda: {"value": draw(st.sampled_from(["nan", "inf", "-inf"]))},
        "above one": lambda: {"value": repr(draw(st.floats(1.001, 1e9))), "upper": ""},
        "below nothing": lambda: {"value": repr(-draw(st.floats(0.001, 1e9))), "lower": ""},
        "none or all": lambda: {"value": draw(st.sampled_from(["0", "1"])), "lower": "", "upper": ""},
        "no bound": lambda: {"lower": draw(st.sampled_from(["", "0"])), "upper": "1"},
        "in another unit": lambda: {"lower": repr(-draw(st.floats(0.001, 1e9)))},
        "of other days": lambda: {"id": f"x/{row['period_end']}@2014-01-01"},
        "of another signal": lambda: {"id": f"y/{row['period_end']}@{row['published']}"},
        "a bound in another unit": lambda: {"upper": repr(draw(st.floats(1.001, 1e9)))},
        "under its bound": lambda: {"lower": repr(value + draw(st.floats(0.01, 5)))},
        "over its bound": lambda: {"upper": repr(value - draw(st.floats(0.01, 5)))},
        "half a count": lambda: {"numerator": str(draw(st.integers(0, 99)))},
        "more than all": lambda: {"numerator": str(draw(st.integers(11, 99))), "denominator": "10"},
        "another share": lambda: {"numerator": repr(10 * abs(value - 0.5)), "denominator": "10"},
        "of nothing": lambda: {"numerator": "0", "denominator": str(-draw(st.integers(0, 9)))},
        "no respondents": lambda: {"n": str(-draw(st.integers(0, 9)))},
        "no source": lambda: {"source_url": draw(TEXT.filter(lambda t: not SOURCE.match(t)))},
        "no name": lambda: {"id": ""},
        "a control character": lambda: {"note": "a" + draw(CONTROL) + "b"},
        "an empty cell": lambda: {draw(st.sampled_from(["value", "period_end", "published", "source_url"])): ""},
    }
    changed = row | ways[draw(st.sampled_from(sorted(ways)))]()
    return changed if not same_share(changed) else row | {"value": "2"}


def same_share(row):
    """Whether the count that was meant to disagree happens to agree."""
    if not row.get("denominator") or float(row["denominator"]) <= 0:
        return False
    share = float(row["numerator"]) / float(row["denominator"])
    return share <= 1 and abs(share - float(row["value"])) < 0.02


def no_date(text):
    try:
        date.fromisoformat(text.strip())
    except ValueError:
        return not text.strip().lstrip("+-").isdecimal()
    return False


def no_number(text):
    try:
        float(text.replace("_", ""))
    except ValueError:
        return True
    return False


def written(folder, row):
    path = folder / "x.csv"
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle, lineterminator="\n").writerows([COLUMNS, [row.get(c, "") for c in COLUMNS]])
    return path


@given(good_rows())
def test_good_rows_are_good(tmp_path_factory, row):
    assert read_rows(written(tmp_path_factory.mktemp("good"), row), SHARE, today=TODAY)[1] == []


@settings(max_examples=400)
@given(st.data())
def test_spoilt_rows_are_all_refused(tmp_path_factory, data):
    row = data.draw(spoilt(data.draw(good_rows())))
    problems = read_rows(written(tmp_path_factory.mktemp("bad"), row), SHARE, today=TODAY)[1]
    assert problems
    assert all(p.line == 2 and p.column in (*COLUMNS, "row") for p in problems)


@given(st.lists(TEXT, min_size=len(COLUMNS), max_size=len(COLUMNS)))
def test_rows_of_random_text_are_all_refused(tmp_path_factory, cells):
    row = dict(zip(COLUMNS, cells, strict=True))
    assert read_rows(written(tmp_path_factory.mktemp("text"), row), COUNTS, today=TODAY)[1]
