"""From a reading to the lines of unlabelled.csv: what a publisher says is kept as one plain line, or refused."""

from datetime import date

import pytest

from stackcast.errors import InputError
from stackcast.observations.debt import PATH, load_unlabelled
from stackcast.sources.base import Reading, Unlabelled
from stackcast.sources.unlabelled import LONGEST, debt_lines, keep_unlabelled
from tests.sources.support import TODAY

SEEN = date(2026, 9, 29)


def reading(seen=SEEN, whole=400.0, **names):
    return Reading([], {name.replace("_", "-"): one for name, one in names.items()}, "tokens", whole=whole, seen=seen)


def test_the_share_is_of_the_sources_whole_weight():
    (line,) = debt_lines("openrouter", reading(a_1=Unlabelled(100.0, "MIT", "https://a.b/c")), today=TODAY)
    assert (line.source, line.model, line.weight, line.share) == ("openrouter", "a-1", 100.0, 0.25)
    assert (line.measure, line.seen, line.found, line.page) == ("tokens", SEEN, "MIT", "https://a.b/c")


def test_what_is_found_is_cut_to_one_plain_line_and_a_page_that_is_no_link_is_dropped():
    hostile = Unlabelled(1.0, "a\nb\x1b[31m  c\u202e" + "x" * 500, "javascript:alert(1)")
    (line,) = debt_lines("s", reading(a_1=hostile), today=TODAY)
    assert line.found.startswith("a b [31m c x")
    assert (len(line.found), line.page) == (LONGEST, "")


def test_a_name_that_is_no_line_is_refused():
    with pytest.raises(InputError, match=r"s: unlabelled .a.nb.: model: must not contain line breaks") as found:
        debt_lines("s", Reading([], {"a\nb": Unlabelled(1.0)}, whole=1.0, seen=SEEN), today=TODAY)
    assert "\n" not in str(found.value)


def test_a_file_of_tomorrow_was_seen_today():
    (line,) = debt_lines("s", reading(date(2027, 1, 1), a_1=Unlabelled(1.0)), today=TODAY)
    assert line.seen == TODAY


def test_a_reading_that_leaves_the_day_or_the_whole_out_is_an_error_of_its_adapter():
    for given in ({"seen": None}, {"whole": 0.0}):
        with pytest.raises(ValueError, match="need the day of their file"):
            reading(a_1=Unlabelled(1.0), **given)


def test_it_is_written_once(tmp_path):
    (tmp_path / PATH.parent).mkdir()
    lines = debt_lines("s", reading(a_1=Unlabelled(1.0)), today=TODAY)
    assert keep_unlabelled(tmp_path, "s", lines, SEEN, today=TODAY) == tmp_path / PATH
    assert keep_unlabelled(tmp_path, "s", lines, SEEN, today=TODAY) is None
    assert load_unlabelled(tmp_path, today=TODAY) == tuple(lines)
