"""An open question whose signal enters no run is an error of questions.yaml; a settled one is history, and skipped."""

import pytest

from stackcast.errors import ProblemsFound
from stackcast.project import Project
from tests.support import TOY, canned_run, copy_project
from tests.toy import TODAY

SIGNAL = "attendance-software-share"
QUESTION = "attendance-2024-above-half"
ASKED = f"""
  - id: {QUESTION}
    title: Will half of the firms pay for attendance software in 2024?
    signal: {SIGNAL}
    period_start: 2024-01-01
    period_end: 2024-06-30
    threshold: 0.5
    direction: at-or-above
    closes: 2024-12-31
    resolution: The share of firms in the survey of the first half of 2024, as first published.
    if_unpublished: Void, if the survey has not been printed by the day of closing.
"""


@pytest.fixture
def copy(tmp_path):
    """The invented debate with a question about an indicator."""
    root = copy_project(tmp_path / "project", TOY)
    with (root / "observations" / "questions.yaml").open("a", encoding="utf-8") as handle:
        handle.write(ASKED)
    return root


def left_to_sensitivity_runs(copy):
    """Give the signal another criterion of open than the declared one: only a sensitivity run takes it."""
    path = copy / "observations" / "signals.yaml"
    text = path.read_text(encoding="utf-8")
    assert f"\n  {SIGNAL}:\n" in text
    path.write_text(text.replace(f"\n  {SIGNAL}:\n", f"\n  {SIGNAL}:\n    criterion: full-time\n"), encoding="utf-8")


def without_rows(copy):
    path = next((copy / "observations").glob(f"*/{SIGNAL}.csv"))
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")


def settle(copy):
    path = copy / "observations" / "questions.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f"- id: {QUESTION}\n", f"- id: {QUESTION}\n    settled: void\n"), encoding="utf-8")


@pytest.mark.parametrize("spoil", [left_to_sensitivity_runs, without_rows])
def test_an_open_question_that_nothing_can_answer_is_named_with_its_line(copy, spoil):
    spoil(copy)
    text = (copy / "observations" / "questions.yaml").read_text(encoding="utf-8").splitlines()
    line = 1 + next(i for i, words in enumerate(text) if words.strip() == f"signal: {SIGNAL}")
    with pytest.raises(ProblemsFound) as found:
        Project.load(copy, today=TODAY)
    assert [(p.path.name, p.line) for p in found.value.problems] == [("questions.yaml", line)]
    assert f"signal '{SIGNAL}' enters no run" in str(found.value)


@pytest.mark.parametrize("spoil", [left_to_sensitivity_runs, without_rows])
def test_a_settled_one_is_skipped_by_every_run(copy, tmp_path, spoil):
    spoil(copy)
    settle(copy)
    project = Project.load(copy, today=TODAY)
    run = canned_run(project, tmp_path, TODAY, draws=20)
    asked = set(run.table("questions")["id"])
    assert QUESTION not in asked
    assert asked == {q.id for q in project.observations.questions if q.settled is None}
