"""Scenario files: the shipped ones hold, and what is wrong is named with its line."""

from datetime import date

import pytest

from stackcast.cli.app import run as command
from stackcast.errors import InputError
from stackcast.scenario.schema import declared, read_scenarios

NOW, END = date(2026, 12, 31), date(2030, 12, 31)
TEXT = """format: 1
scenarios:
  - name: mine
    title: Mine
    rationale: Because.
    do:
      - {what: O1, from: 2027-01-01, set: 1}
"""


def test_the_project_s_own_files_hold(project):
    assert "essay" in declared(project.root)
    every = read_scenarios(None, project, NOW, END)
    assert len(every) >= 5
    assert all(one.rationale for one in every)
    assert {one.name for one in read_scenarios("essay", project, NOW, END)} <= {one.name for one in every}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("O1", "O9", ":7:10: unknown claim or facet 'O9'; valid are"),
        ("2027-01-01", "2026-11-01", ":7:20: 2026-11-01 is not after 2026-12-31"),
        ("2027-01-01", "2032-01-01", "beyond the horizon"),
        ("set: 1", "set: 1, shift: 1", "must have either `set` or `shift`"),
        ("set: 1", "to: 2026-12-31, set: 1", "`to` lies before `from`"),
        ("what: O1, ", "what: models.release, ", "1 is not a share between 0 and 1"),
        ("rationale", "reason", "unknown key 'reason'"),
        ("format: 1", "format: 2", "format"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(old, new, words, project, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT.replace(old, new))
    with pytest.raises(InputError) as caught:
        read_scenarios(str(path), project, NOW, END)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_two_of_one_name(project, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT + TEXT.partition("scenarios:\n")[2])
    with pytest.raises(InputError, match=r":8:5: another scenario has the name 'mine' too"):
        read_scenarios(str(path), project, NOW, END)


def test_an_unknown_file_is_one_error(capsys, runs_folder):
    from tests.support import ROOT, TODAY

    shared = ["--run", f"{TODAY}-neutral", "--out", str(runs_folder), "--project", str(ROOT)]
    assert command(["scenario", "esay", *shared]) == 2
    assert "did you mean 'essay'" in capsys.readouterr().err
