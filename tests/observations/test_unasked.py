"""An open question whose signal enters no run is an error of questions.yaml; a settled one is history, and skipped."""

import pytest

from stackcast.errors import ProblemsFound
from stackcast.project import Project
from tests.support import TODAY, canned_run

SIGNAL = "fmti-mean-score"
QUESTION = "fmti-2027-below-45"


def left_to_sensitivity_runs(copy):
    """Give the signal another criterion of open than the declared one: only a sensitivity run takes it."""
    path = copy / "observations" / "signals.yaml"
    text = path.read_text(encoding="utf-8")
    assert f"\n  {SIGNAL}:\n" in text
    path.write_text(text.replace(f"\n  {SIGNAL}:\n", f"\n  {SIGNAL}:\n    criterion: unrestricted\n"), encoding="utf-8")


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
