"""Every rule has a row that breaks it, and the message names file, line, column and what is allowed."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from stackcast.observations.schema import (
    COLUMNS,
    FORMAT,
    Measures,
    NeutralReading,
    Observation,
    Signal,
    SignalFile,
    broken_rules,
)
from stackcast.observations.store import read_rows
from tests.support import TODAY

SHARE = {
    "title": "t", "definition": "d", "measures": {"facet": "models.release", "sign": 1}, "role": "secondary",
    "population": "p", "family": "f", "likelihood": "share", "unit": "share",
    "publisher": {"name": "n", "interest": "i"}, "licence": "l", "spacing_days": 90,
}  # fmt: skip
ROW = {
    "id": "x/2025-03-31@2025-04-10", "period_start": "2025-01-01", "period_end": "2025-03-31",
    "published": "2025-04-10", "value": "0.25",
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
        (signal(), {"value": "0", "upper": "0.005"}),
        (signal(), {"value": "0", "lower": "0", "upper": "0.005"}),
        (signal(), {"value": "1", "lower": "0.9", "upper": "1"}),
        (signal(per_unit=100), {"value": "18", "lower": "15", "upper": "100"}),
        (signal(), {"value": "0.18", "lower": "0", "upper": "0.3"}),
        (signal(likelihood="ratio"), {"value": "0", "upper": "0.2"}),
        (signal(likelihood="ratio"), {"value": "2", "lower": "0", "upper": "3"}),
        (signal(likelihood="counts", per_unit=100), {"value": "25", "numerator": "5", "denominator": "20"}),
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
        (signal(), {"value": "0"}, "value", "give upper, the most that it may stand for"),
        (signal(per_unit=100), {"value": "100"}, "value", "give lower, the least that it may stand for"),
        (signal(), {"value": "0", "lower": "0", "upper": "0"}, "value", "give upper"),
        (signal(), {"value": "1", "lower": "1"}, "value", "give lower"),
        (signal(), {"value": "0", "upper": "1"}, "value", "give upper"),
        (signal(), {"lower": "0"}, "lower", "bounds nothing"),
        (signal(), {"upper": "1"}, "upper", "bounds nothing"),
        (signal(), {"lower": "0", "upper": "1"}, "lower", "bounds nothing"),
        (signal(likelihood="ratio"), {"lower": "0"}, "lower", "bounds nothing"),
        (signal(likelihood="ratio", per_unit=1e300), {"value": "1e-300"}, "value", "give upper"),
        (signal(likelihood="gap", per_unit=100), {"value": "100001"}, "value", "more than 1000 steps of 100"),
        (signal(likelihood="gap"), {"value": "1", "lower": "-1e9", "upper": "5"}, "lower", "look at its unit"),
        (signal(likelihood="counts"), COUNTS | {"lower": "0.1"}, "lower", "both bounds or none"),
        (signal(likelihood="counts"), {"numerator": "2.5", "denominator": "10"}, "numerator", "not a whole number"),
        (signal(likelihood="counts"), {"numerator": "5e9", "denominator": "2e10"}, "denominator", "more than 1e+09"),
        (signal(), {"lower": "-3"}, "lower", "not a share"),
        (signal(), {"upper": "60"}, "upper", "not a share"),
        (signal(likelihood="counts"), COUNTS | {"upper": "60"}, "upper", "not a share"),
        (signal(likelihood="ratio"), {"value": "0"}, "value", "give upper"),
        (signal(likelihood="ratio"), {"lower": "-1"}, "lower", "not a ratio above 0"),
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
        {"n": "0.5"},
        {"period_start": "0"},
        {"period_start": "86400"},
        {"period_start": "1735689600"},
        {"period_start": "2025-01-01T00:00:00"},
        {"period_start": "1500-01-01"},
        {"period_start": "1989-12-31"},
        {"published": "0001-01-01"},
        {"period_end": "9999-12-31"},
        {"value": "0.18_3576"},
        {"value": "0x1p-2"},
        {"value": "١"},
        {"value": True},
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
        ROW | later | {"id": "x/2025-06-30@2025-07-01", "value": "1.5"},
        ROW | {"id": "x/3", "source_url": "rumour", "period_start": "yesterday"},
        ROW | later | {"id": "x/2025-06-30@2025-07-01", "value": "0.3"},
        ROW | {"id": "x/5"},
    )
    rows, problems = read_rows(path, signal(), today=TODAY)
    places = {(p.line, p.column) for p in problems}
    assert places == {
        (3, "value"),
        (4, "source_url"),
        (4, "period_start"),
        (5, "id"),
        (5, "period"),
        (6, "id"),
        (6, "period"),
    }
    assert rows[0].id == ROW["id"]
    text = "\n".join(map(str, problems))
    assert f"{path}:3:value: 1.5 is not a share" in text
    assert "'rumour'" in text
    assert "the same id stands already in line 3" in text


def test_a_wrong_header_a_short_row_and_an_empty_file_are_named(tmp_path):
    _, (header,) = read_rows(write(tmp_path / "x.csv", ROW, header=COLUMNS[:-1]), signal(), today=TODAY)
    assert (header.line, header.column) == (1, "header")
    assert "columns must be id,period_start" in header.message
    short = write(tmp_path / "x.csv", ROW)
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


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("rumour", "'rumour' must be 'x/2025-03-31@2025-04-10'"),
        ("y/2025-03-31@2025-04-10", "must be"),
        ("x/2025-03-30@2025-04-10", "must be"),
        ("x/2025-03-31@2025-04-11", "must be"),
        ("x/2025-03-31@2025-04-10.1", "must be"),
        ("x/2025-03-31@2025-04-10.x", "must be"),
    ],
)
def test_an_id_is_that_of_its_signal_period_and_publication(tmp_path, given, words):
    [problem] = read_rows(write(tmp_path / "x.csv", ROW | {"id": given}), signal(), today=TODAY)[1]
    assert (problem.line, problem.column) == (2, "id")
    assert words in problem.message


def test_an_id_may_have_a_number_or_a_former_name(tmp_path):
    numbered, renamed = ROW | {"id": ROW["id"] + ".2"}, ROW | {"id": "old/2025-03-31@2025-04-10"}
    assert read_rows(write(tmp_path / "x.csv", numbered), signal(), today=TODAY)[1] == []
    assert read_rows(write(tmp_path / "x.csv", renamed), signal(former_names=["old"]), today=TODAY)[1] == []


def test_no_two_signals_ever_have_one_name():
    both = {"a": signal(former_names=["b"]), "b": signal()}
    with pytest.raises(ValidationError, match="ids are not unique: b"):
        SignalFile(format=FORMAT, signals=both)
