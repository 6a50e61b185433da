"""Events are dated, sourced and aimed at what the priors know; a wrong line is told by file, line and column."""

import csv
from datetime import timedelta

import pytest

from stackcast.errors import ProblemsFound
from stackcast.observations.events import COLUMNS, FILE, HEADLINES, Event
from stackcast.project import Project
from tests.support import TODAY

GOOD = {
    "date": "2025-01-20",
    "title": "A model is opened",
    "claims": "O3;C1.hosting",
    "layer": "models",
    "headline": "",
    "source_url": "https://example.org/a",
    "note": "",
}


def write(copy, *lines):
    with (copy / "observations" / FILE).open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(GOOD | line for line in lines)


def load(copy):
    return Project.load(copy, today=TODAY)


def said(copy, *lines):
    write(copy, *lines)
    with pytest.raises(ProblemsFound) as found:
        load(copy)
    return str(found.value)


def test_the_shipped_events_are_sourced_and_bear_on_what_there_is(project):
    events, priors = project.observations.events, project.priors
    assert len(events) >= 40
    assert [e.date for e in events] == sorted(e.date for e in events)
    assert {e.layer for e in events} <= set(priors.layers.layers)
    assert {c for e in events for c in e.claims} <= set(priors.factors)
    assert all(e.source_url.startswith("http") for e in events)


def test_a_good_line_is_read(copy):
    write(copy, {})
    (event,) = load(copy).observations.events
    assert event == Event.model_validate({k: v for k, v in GOOD.items() if v})
    assert event.claims == ("O3", "C1.hosting")


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ({"claims": "O33"}, "claims", "unknown claim 'O33'; did you mean 'O3'?"),
        ({"claims": "C1"}, "claims", "unknown claim 'C1'"),
        ({"claims": "O3;O3"}, "claims", "the same claim stands twice"),
        ({"claims": ""}, "claims", "must not be empty"),
        ({"layer": "model"}, "layer", "unknown layer 'model'; did you mean 'models'?"),
        ({"date": (TODAY + timedelta(1)).isoformat()}, "date", "lies in the future"),
        ({"date": "yesterday"}, "date", "found 'yesterday'"),
        ({"source_url": "excerpt 538"}, "source_url", "must be an http(s) address"),
        ({"source_url": "pkg:pypi/litellm@1.0.0"}, "source_url", "must be an http(s) address"),
        ({"source_url": "javascript:alert(1)"}, "source_url", "must be an http(s) address"),
        ({"title": "a\u202eb"}, "title", "control characters"),
        ({"title": "x" * 200}, "title", "at most"),
        ({"headline": "perhaps"}, "headline", "found 'perhaps'"),
    ],
)
def test_a_wrong_cell_is_told_with_its_place(copy, line, column, words):
    message = said(copy, {}, {"title": "Another"} | line)
    assert f"{FILE}:3:{column}: " in message
    assert words in message


def test_the_same_date_and_title_stand_once(copy):
    message = said(copy, {}, {"layer": "middleware"})
    assert f"{FILE}:3:title: the same date and title stand already in line 2" in message


def test_a_layer_has_no_more_headlines_than_a_plot_has_room_for(copy):
    many = [{"title": f"Event {i}", "headline": "yes"} for i in range(HEADLINES + 1)]
    assert f"{FILE}:{HEADLINES + 2}:headline: layer 'models' has {HEADLINES} headlines already" in said(copy, *many)
    write(copy, *many[:-1], many[-1] | {"layer": "middleware"})
    assert len(load(copy).observations.events) == HEADLINES + 1


def test_another_header_is_refused(copy):
    (copy / "observations" / FILE).write_text("date,what\n2025-01-20,x\n", encoding="utf-8")
    with pytest.raises(ProblemsFound, match=f"{FILE}:1:header: columns must be date,title"):
        load(copy)


def test_a_project_without_the_file_has_no_events(copy):
    (copy / "observations" / FILE).unlink()
    assert load(copy).observations.events == ()


def test_no_event_is_an_input_of_a_run(copy):
    before = load(copy).files
    write(copy, {})
    after = load(copy)
    assert after.files == before
    assert not any("events" in name or "markets" in name for name in before)
    assert "observations/questions.yaml" in before
