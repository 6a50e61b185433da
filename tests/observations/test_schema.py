"""Every rule has a row that breaks it, and the message names file, line, column and what is allowed."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from stackcast.observations.schema import COLUMNS, Measures, NeutralReading, Observation, Signal, broken_rules
from stackcast.observations.store import read_rows
from tests.support import TODAY

SHARE = {
    "title": "t", "definition": "d", "measures": {"facet": "models.release", "sign": 1}, "role": "secondary",
    "population": "p", "family": "f", "likelihood": "share", "unit": "share",
    "publisher": {"name": "n", "interest": "i"}, "licence": "l", "spacing_days": 90,
}  # fmt: skip
ROW = {
    "id": "x/1", "period_start": "2025-01-01", "period_end": "2025-03-31", "published": "2025-04-10", "value": "0.25",
    "source_url": "https://example.org/a",
}  # fmt: skip


def signal(**changes):
    return Signal.model_validate(SHARE | changes)


def broken(given=None, **changes):
    row = Observation.model_validate(ROW | changes)
    return broken_rules(row, given or signal(), TODAY)


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        (signal(), {}),
        (signal(), {"value": "0.001", "n": "30"}),
        (signal(), {"lower": "0.2", "upper": "0.3"}),
        (signal(per_unit=100), {"value": "25"}),
        (signal(likelihood="counts"), {"numerator": "5", "denominator": "20"}),
        (signal(likelihood="gap"), {"value": "-12", "lower": "-20", "upper": "0"}),
        (signal(likelihood="ratio"), {"value": "7.5"}),
        (signal(projection=True), {"published": "2025-02-01"}),
        (signal(), {"source_url": "pkg:pypi/litellm@1.83.0"}),
    ],
)
def test_good_rows_break_no_rule(given, changes):
    assert broken(given, **changes) == []


COUNTS = {"numerator": "5", "denominator": "20"}


@pytest.mark.parametrize(
    ("given", "changes", "column", "words"),
    [
        (signal(), {"period_start": "2025-04-01"}, "period_end", "before period_start"),
        (signal(), {"published": str(TODAY + timedelta(days=1))}, "published", "future"),
        (signal(), {"published": "2025-03-30"}, "published", "projection: true"),
        (signal(), {"value": "1.2"}, "value", "not a share"),
        (signal(), {"value": "-0.1"}, "value", "not a share"),
        (signal(per_unit=100), {"value": "120"}, "value", "not a share in [0, 100]"),
        (signal(), {"value": "0"}, "value", "logit is infinite"),
        (signal(per_unit=100), {"value": "100"}, "value", "between 0 and 100"),
        (signal(), {"lower": "0"}, "lower", "logit is infinite"),
        (signal(), {"upper": "1"}, "upper", "logit is infinite"),
        (signal(), {"lower": "-3"}, "lower", "not a share"),
        (signal(), {"upper": "60"}, "upper", "not a share"),
        (signal(likelihood="counts"), COUNTS | {"upper": "60"}, "upper", "not a share"),
        (signal(likelihood="ratio"), {"value": "0"}, "value", "positive ratio"),
        (signal(likelihood="ratio"), {"lower": "-1"}, "lower", "positive ratio"),
        (signal(), {"numerator": "5"}, "denominator", "come together"),
        (signal(likelihood="counts"), {}, "numerator", "needs numerator and denominator"),
        (signal(likelihood="counts"), COUNTS | {"denominator": "0"}, "denominator", "must be positive"),
        (signal(likelihood="counts"), COUNTS | {"numerator": "-5"}, "numerator", "must not be negative"),
        (signal(likelihood="counts"), COUNTS | {"numerator": "25"}, "numerator", "exceeds denominator"),
        (signal(likelihood="counts"), COUNTS | {"value": "0.3"}, "value", "disagrees with 5/20"),
        (signal(), {"lower": "0.3"}, "lower", "above the value"),
        (signal(), {"upper": "0.2"}, "upper", "below the value"),
        (signal(likelihood="gap"), {"lower": "0.1"}, "lower", "both bounds or none"),
    ],
)
def test_each_rule_refuses_its_bad_row(given, changes, column, words):
    found = broken(given, **changes)
    assert any(c == column and words in message for c, message in found), found


def test_a_count_of_none_or_all_stands():
    for k in ("0", "20"):
        given = COUNTS | {"numerator": k, "value": str(float(k) / 20), "lower": "0", "upper": "1"}
        assert broken(signal(likelihood="counts"), **given) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"source_url": "a friend told me"},
        {"source_url": "https://nowhere"},
        {"source_url": ""},
        {"value": "nan"},
        {"value": "inf"},
        {"value": "a third"},
        {"period_start": "2025-13-01"},
        {"n": "0"},
        {"id": ""},
        {"note": "bell\x07"},
        {"unknown": "1"},
    ],
)
def test_malformed_cells_are_no_observation(changes):
    with pytest.raises(ValidationError):
        Observation.model_validate(ROW | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"measures": {"sign": 1}},
        {"measures": {"facet": "a", "claim": "b", "sign": 1}},
        {"measures": {"facet": "a", "sign": 0}},
        {"role": "indicator"},
        {"neutral": {"low": 0.1, "high": 0.2, "mass": 0.9, "one_unit": 0.4, "reason": "r"}},
        {"likelihood": "poisson"},
        {"colour": "red"},
    ],
)
def test_inconsistent_definitions_are_refused(changes):
    with pytest.raises(ValidationError):
        signal(**changes)


def test_a_neutral_reading_must_agree_with_its_sign():
    neutral = {"low": 0.1, "high": 0.2, "mass": 0.9, "one_unit": 0.4, "reason": "r"}
    claim = {"claim": "O1", "sign": 1}
    assert signal(role="indicator", measures=claim, neutral=neutral).measures == Measures(claim="O1", sign=1)
    with pytest.raises(ValidationError, match="other side"):
        signal(role="indicator", measures=claim | {"sign": -1}, neutral=neutral)
    with pytest.raises(ValidationError, match="outside the neutral interval"):
        NeutralReading.model_validate(neutral | {"one_unit": 0.15})


def write(path, *rows, header=COLUMNS):
    lines = [",".join(header), *(",".join(row.get(c, "") for c in COLUMNS) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_all_errors_of_a_file_come_at_once_with_line_and_column(tmp_path):
    later = {"period_start": "2025-04-01", "period_end": "2025-06-30", "published": "2025-07-01"}
    path = write(
        tmp_path / "x.csv",
        ROW,
        ROW | later | {"id": "x/2", "value": "1.5"},
        ROW | {"id": "x/3", "source_url": "rumour", "period_start": "yesterday"},
        ROW | later | {"id": "x/1", "published": "2025-07-02"},
        ROW | {"id": "x/5"},
    )
    rows, problems = read_rows(path, signal(), today=TODAY)
    places = {(p.line, p.column) for p in problems}
    assert places == {(3, "value"), (4, "source_url"), (4, "period_start"), (5, "id"), (6, "period")}
    assert rows[0].id == "x/1"
    text = "\n".join(map(str, problems))
    assert f"{path}:3:value: 1.5 is not a share" in text
    assert "'rumour'" in text
    assert "the same id stands already in line 2" in text


def test_a_wrong_header_a_short_row_and_an_empty_file_are_named(tmp_path):
    _, (header,) = read_rows(write(tmp_path / "a.csv", ROW, header=COLUMNS[:-1]), signal(), today=TODAY)
    assert (header.line, header.column) == (1, "header")
    assert "columns must be id,period_start" in header.message
    short = write(tmp_path / "b.csv", ROW)
    short.write_text(short.read_text() + "x/9,2025-01-01\n")
    _, (row,) = read_rows(short, signal(), today=TODAY)
    assert (row.line, row.message) == (3, "2 cells where the header has 12")
    assert read_rows(write(tmp_path / "c.csv"), signal(), today=TODAY) == ([], []), "a new signal has no row yet"
    nothing = tmp_path / "d.csv"
    nothing.write_text("")
    assert read_rows(nothing, signal(), today=TODAY)[1][0].column == "header"


def test_the_clock_decides_what_is_in_the_future(tmp_path):
    path = write(tmp_path / "x.csv", ROW)
    assert read_rows(path, signal(), today=date(2025, 4, 10))[1] == []
    assert "future" in read_rows(path, signal(), today=date(2025, 4, 9))[1][0].message
