"""Others' probabilities are dated, sourced, and beside ours only where both ask the same."""

import csv
from datetime import timedelta

import pytest

from stackcast.errors import ProblemsFound
from stackcast.observations.markets import COLUMNS, FILE
from stackcast.project import Project
from tests.support import TODAY

QUESTION = "arena-gap-2026-12-below-40"
GOOD = {
    "day": "2026-06-01",
    "market": "A market",
    "asked": "Will it?",
    "outcome": "yes",
    "probability": "0.4",
    "volume": "",
    "closes": "2026-12-31",
    "question": "",
    "source_url": "https://example.org/m",
    "note": "",
}


def write(copy, *lines):
    with (copy / "observations" / FILE).open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(GOOD | line for line in lines)


def load(copy):
    return Project.load(copy, today=TODAY)


def test_the_shipped_rows_have_a_probability_and_an_address(project):
    markets = project.observations.markets
    assert markets
    assert all(0 <= m.probability <= 1 for m in markets)
    assert all(m.day <= TODAY for m in markets)
    assert all("approximate" in m.note for m in markets if "undated" in m.note)


def test_a_row_may_be_beside_a_question_of_ours_or_related_only(copy):
    write(copy, {"question": QUESTION}, {"asked": "Will something like it?", "outcome": "Google"})
    mapped, related = load(copy).observations.markets
    assert (mapped.question, mapped.probability) == (QUESTION, 0.4)
    assert related.question is None


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ({"question": "arena-gap-2026-12-below-4"}, "question", f"did you mean '{QUESTION}'?"),
        ({"question": QUESTION, "outcome": "no"}, "outcome", "is that of 'yes' (found 'no')"),
        (
            {"question": QUESTION, "day": "2026-11-29", "closes": "2026-11-01"},
            "day",
            "lies after the market closed (2026-11-01)",
        ),
        ({"probability": "1.2"}, "probability", "less than or equal to 1"),
        ({"probability": "-0.1"}, "probability", "greater than or equal to 0"),
        ({"probability": ""}, "probability", "must not be empty"),
        ({"day": (TODAY + timedelta(1)).isoformat()}, "day", "lies in the future"),
        ({"source_url": "the page"}, "source_url", "must be an http(s) address"),
    ],
)
def test_a_wrong_cell_is_told_with_its_place(copy, line, column, words):
    write(copy, {}, {"asked": "Another"} | line)
    with pytest.raises(ProblemsFound) as found:
        load(copy)
    assert f"{FILE}:3:{column}: " in str(found.value)
    assert words in str(found.value)


def test_what_was_said_after_our_question_closed_foretells_nothing(copy):
    write(copy, {"question": QUESTION, "day": "2027-02-01", "closes": "2027-12-31"})
    with pytest.raises(ProblemsFound, match="lies after our question closed"):
        Project.load(copy, today=TODAY.replace(year=TODAY.year + 1))


def test_the_same_quotation_stands_once(copy):
    write(copy, {}, {"probability": "0.5"})
    with pytest.raises(ProblemsFound, match=f"{FILE}:3:outcome: .* stand already in line 2"):
        load(copy)


def test_a_project_without_the_file_knows_of_no_market(copy):
    (copy / "observations" / FILE).unlink()
    assert load(copy).observations.markets == ()
