"""New lines of the label table: in their place, all or none."""

import shutil

import pytest

from stackcast.errors import ProblemsFound
from stackcast.observations.labels import PATH, Label, load_labels
from stackcast.observations.relabel import with_labels
from stackcast.project import change_observations
from tests.support import TODAY


def label(model, since="2026-01-01", **cells):
    given = {"model": model, "label": "open", "criterion": "any-weights", "from_date": since}
    return Label.model_validate(given | {"source_url": "https://a.b/c"} | cells)


FRESH = (
    label("zz-9"),
    label("aa-1", note='said "so", twice'),
    label("grok-1", "2023-01-01"),
    label("aa-1", "2025-01-01"),
)


def write(copy, lines):
    return change_observations(copy, lambda folder: with_labels(folder, lines), today=TODAY)


def test_each_line_stands_in_its_place_and_no_other_changes(copy):
    path = copy / "observations" / PATH
    before = path.read_text().splitlines()
    assert write(copy, FRESH) == [path]
    after = path.read_text().splitlines()
    assert [line for line in after if line in set(before)] == before
    assert len(after) == len(before) + 4
    keys = [(x.model, x.from_date) for x in load_labels(copy / "observations").lines]
    assert keys == sorted(keys)
    assert after[1].startswith("aa-1,open,any-weights,2025-01-01,")


def test_the_first_label_of_a_debate_makes_the_table(copy):
    shutil.rmtree(copy / "observations" / PATH.parent)
    assert write(copy, [label("zz-9"), label("aa-1")]) == [copy / "observations" / PATH]
    assert [line.model for line in load_labels(copy / "observations").lines] == ["aa-1", "zz-9"]


@pytest.mark.parametrize("spoil", [lambda text: text.replace("\n", "\r\n"), lambda text: text.removesuffix("\n")])
def test_line_ends_are_kept_and_a_missing_last_one_is_no_trouble(copy, spoil):
    path = copy / "observations" / PATH
    path.write_bytes(spoil(path.read_text()).encode())
    before = len(load_labels(copy / "observations").lines)
    write(copy, FRESH)
    assert len(load_labels(copy / "observations").lines) == before + 4
    data = path.read_bytes()
    assert data.count(b"\r\n") in (0, data.count(b"\n"))


def test_a_line_that_stands_already_is_refused_and_none_is_written(copy):
    path = copy / "observations" / PATH
    before, first = path.read_bytes(), load_labels(copy / "observations").lines[0]
    with pytest.raises(ProblemsFound, match="the same model and date stand already in line 3") as found:
        write(copy, [label("aa-9"), label(first.model, first.from_date)])
    assert found.value.problems[0].path == path
    assert path.read_bytes() == before
