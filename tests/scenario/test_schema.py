"""Scenario files: a project's own are found by name, and what is wrong is named with its line."""

import shutil
from dataclasses import replace
from datetime import date

import pytest

from stackcast.cli.app import run as command
from stackcast.errors import InputError
from stackcast.scenario.schema import declared, read_scenarios
from tests.toy import TODAY

NOW, END = date(2023, 12, 31), date(2025, 12, 31)
TEXT = """format: 1
scenarios:
  - name: mine
    title: Mine
    rationale: Because.
    do:
      - {what: O1, from: 2024-04-01, set: 1}
"""


@pytest.fixture
def own(copy):
    """A copy of the project with two scenario files, and no other."""
    folder = copy / "priors" / "interventions"
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "first.yaml").write_text(TEXT)
    (folder / "second.yaml").write_text(TEXT.replace("name: mine", "name: yours"))
    return copy


def test_a_project_s_own_files_are_found_by_name(project, own):
    given = replace(project, root=own)
    assert list(declared(own)) == ["first", "second"]
    assert [one.name for one in read_scenarios(None, given, NOW, END)] == ["mine", "yours"]
    assert [one.name for one in read_scenarios("second", given, NOW, END)] == ["yours"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("O1", "O9", ":7:10: unknown claim or facet 'O9'; valid are"),
        ("2024-04-01", "2023-11-01", ":7:20: 2023-11-01 is not after 2023-12-31"),
        ("2024-04-01", "2026-01-01", "beyond the horizon"),
        ("set: 1", "set: 1, shift: 1", "must have either `set` or `shift`"),
        ("set: 1", "to: 2024-03-31, set: 1", "`to` lies before `from`"),
        ("what: O1, ", "what: days.home, ", "1 is not a share between 0 and 1"),
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


def test_an_unknown_file_is_one_error(capsys, runs_folder, own):
    shared = ["--run", f"{TODAY}-neutral", "--out", str(runs_folder), "--project", str(own)]
    assert command(["scenario", "secnd", *shared]) == 2
    assert "did you mean 'second'" in capsys.readouterr().err
