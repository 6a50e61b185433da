"""Label debt: what the last pulls listed without a label, less what has got one since."""

from datetime import date, timedelta

import pytest

from stackcast.errors import ProblemsFound
from stackcast.files.atomic import locked, replace_together
from stackcast.observations.debt import COLUMNS, PATH, DebtLine, label_debt, load_unlabelled, with_unlabelled
from stackcast.observations.labels import Label, Labels
from stackcast.observations.store import load_observations
from tests.support import TODAY

SEEN = date(2026, 9, 29)


def line(source, model, weight, share, seen=SEEN, **cells):
    return DebtLine(source=source, model=model, weight=weight, share=share, measure="tokens", seen=seen, **cells)


def label(model, kind="open", since=SEEN):
    given = {"model": model, "label": kind, "criterion": "any-weights", "from_date": since}
    return Label.model_validate(given | {"source_url": "https://a.b/c"})


LINES = (
    line("openrouter", "x/stealth", 1e9, 0.05, found="nothing, said", page="https://a.b/stealth"),
    line("openrouter", "y/glm-9-air:free", 3e9, 0.15),
    line("litellm", "glm-9", 2, 0.01),
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / PATH.parent).mkdir()
    write(tmp_path, "openrouter", LINES[:2])
    write(tmp_path, "litellm", LINES[2:])
    return tmp_path


def write(folder, source, lines, seen=SEEN):
    with locked(folder):
        texts = with_unlabelled(folder, source, lines, seen, today=TODAY)
        if texts:
            replace_together(folder, texts)
    return texts


def test_what_is_written_is_read_again_the_heaviest_of_each_source_first(folder):
    assert load_unlabelled(folder, today=TODAY) == (LINES[2], LINES[1], LINES[0])


def test_a_source_replaces_its_own_lines_only(folder):
    fresh = line("litellm", "kimi-9", 1, 0.002, seen=TODAY)
    write(folder, "litellm", [fresh], TODAY)
    assert load_unlabelled(folder, today=TODAY) == (fresh, LINES[1], LINES[0])
    write(folder, "openrouter", [], TODAY)
    assert load_unlabelled(folder, today=TODAY) == (fresh,)


def test_the_same_names_and_older_files_change_nothing(folder):
    before = (folder / PATH).read_bytes()
    assert write(folder, "openrouter", LINES[:2]) == {}
    assert write(folder, "openrouter", [], date(2026, 9, 28)) == {}
    assert (folder / PATH).read_bytes() == before


def test_a_project_without_the_file_owes_nothing_that_is_known(tmp_path):
    assert load_unlabelled(tmp_path, today=TODAY) == ()


def test_the_debt_is_by_source_with_the_greatest_share_first():
    debts = label_debt(LINES, Labels(()))
    assert [(d.source, [x.model for x in d.lines]) for d in debts] == [
        ("openrouter", ["y/glm-9-air:free", "x/stealth"]),
        ("litellm", ["glm-9"]),
    ]
    assert debts[0].share == pytest.approx(0.2)


def test_a_name_with_a_label_by_the_day_it_was_seen_is_no_debt():
    labels = Labels((label("glm-9*"), label("stealth", since=date(2026, 9, 30))))
    (debt,) = label_debt(LINES, labels)
    assert [x.model for x in debt.lines] == ["x/stealth"]


def test_every_wrong_line_is_named_by_every_load(copy):
    rows = [
        "openrouter,x/a,5,0.5,tokens,2026-09-29,,",
        "openrouter,x/a,5,0.5,tokens,2026-09-29,,",
        "Open Router,x/b,0,1.5,tokens,soon,,rumour",
        f"openrouter,x/c,5,0.5,tokens,{TODAY + timedelta(days=1)},,",
        "openrouter,,5,0.5,,2026-09-29",
    ]
    path = copy / "observations" / PATH
    path.write_text("\n".join([",".join(COLUMNS), *rows]) + "\n")
    with pytest.raises(ProblemsFound) as found:
        load_observations(copy / "observations", today=TODAY)
    assert {p.path for p in found.value.problems} == {path}
    assert {(p.line, p.column) for p in found.value.problems} == {
        (3, "model"), (4, "source"), (4, "weight"), (4, "share"), (4, "seen"), (4, "page"), (5, "seen"), (6, "row"),
    }  # fmt: skip
    assert str(path) + ":3:model: the same source and model stand already in line 2" in str(found.value)
