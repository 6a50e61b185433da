"""`stackcast history`: what it prints and refuses; its fits have tests of their own."""

import pytest

from stackcast.cli.app import run
from tests.history.small import write
from tests.past import add_history
from tests.support import TOY, copy_project


@pytest.fixture
def bare(tmp_path):
    return copy_project(tmp_path / "bare", TOY)


@pytest.fixture
def past(tmp_path):
    root = copy_project(tmp_path / "past", TOY)
    write(root / "observations" / "history")
    return root


def contents(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("verb", [[], ["fit"], ["judge"], ["score", "."]], ids=["show", "fit", "judge", "score"])
def test_a_debate_without_earlier_stacks_is_told_so(bare, capsys, verb):
    before = contents(bare)
    assert run(["history", *verb, "--project", str(bare)] if verb else ["history", "--project", str(bare)]) == 2
    assert "this debate has no earlier stacks" in capsys.readouterr().err
    assert contents(bare) == before


def test_stacks_without_a_fit_say_which_command_makes_one(past, capsys):
    assert run(["history", "--project", str(past)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "`stackcast history judge`" in out
    assert "priors/history.yaml is not there: `stackcast history fit` writes it" in out


def test_a_file_of_other_rows_is_told(past, capsys):
    add_history(past)
    assert run(["history", "--project", str(past)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "was fitted to other rows than observations/history/ has now" in out
    assert "Desk work" in out
    assert "3.1 outside" in out


def test_too_few_stacks_are_refused_and_nothing_is_written(past, capsys):
    before = contents(past)
    assert run(["history", "fit", "--project", str(past)]) == 2
    assert "rated stacks have an outcome; a cross-section needs" in capsys.readouterr().err
    assert contents(past) == before


def test_stacks_to_score_need_their_folder_and_valid_lines(past, capsys):
    assert run(["history", "score", str(past / "nowhere"), "--project", str(past)]) == 2
    assert "no such folder; give one with stacks.csv, shares.csv and ratings.csv" in capsys.readouterr().err
    folder = write(past / "unseen")
    (folder / "ratings.csv").write_text((folder / "ratings.csv").read_text().replace("H1", "X9"), encoding="utf-8")
    assert run(["history", "score", str(folder), "--project", str(past)]) == 2
    assert "ratings.csv:2:force" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"stacks\nall\n", b'"open'], ids=["empty", "bytes", "columns", "quote"]
)
def test_a_damaged_table_of_the_judgement_is_named_with_what_makes_it_again(past, capsys, content):
    (past / "priors" / "history").mkdir()
    (past / "priors" / "history" / "stacks.csv").write_bytes(content)
    assert run(["history", "--project", str(past)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "stacks.csv: " in line
    assert "`stackcast history judge` makes it again" in line
