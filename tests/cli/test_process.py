"""Around a verb: pipes that close, full disks, poor terminals, interrupts in callbacks, where a project begins."""

import contextlib
import ctypes
import errno
import os
import signal
import subprocess
import sys
import time

import pytest

from stackcast.cli import app as program
from stackcast.cli.app import run
from stackcast.cli.process import OutputClosed, interruptible
from stackcast.errors import Problem, ProblemsFound
from stackcast.files import atomic
from tests.support import CHILD_PATH, MINIMAL, TOY, copy_project


class Failing:
    """A stream that takes nothing."""

    def __init__(self, error):
        self.error = error

    def write(self, text):
        raise self.error if isinstance(text, str) else TypeError("not a text")

    def flush(self):
        pass

    def isatty(self):
        return False


@pytest.mark.parametrize("verb", [["priors", "show"], ["runs"], ["--help"], ["priors", "show", "--json"]])
@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 141, ""),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "the output cannot be written (No space left on device)"),
    ],
    ids=["closed pipe", "full disk"],
)
def test_output_that_fails_is_one_line_or_none(monkeypatch, capsys, verb, error, status, said):
    monkeypatch.setattr("sys.stdout", Failing(error))
    asked = verb if verb == ["--help"] else [*verb, "--project", str(TOY)]
    assert run(asked) == status
    assert capsys.readouterr().err.strip() == said


def test_a_terminal_that_knows_ascii_only_gets_question_marks():
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONPATH": CHILD_PATH, "COLUMNS": "60"}
    done = subprocess.run(
        [sys.executable, "-m", "stackcast", "priors", "show", "--project", str(TOY)],
        capture_output=True, text=True, env=environment, check=True,
    )  # fmt: skip
    assert done.stdout.isascii()
    assert done.stderr == ""


def test_a_project_is_found_from_any_folder_inside_it(tmp_path, monkeypatch, capsys):
    root = copy_project(tmp_path / "päth with späces 漢字 [x]", MINIMAL)
    below = root / "observations" / "sub"
    below.mkdir()
    monkeypatch.chdir(below)
    assert run(["runs"]) == 0
    assert "no run yet" in capsys.readouterr().out
    assert run(["priors", "show", "--json"]) == 0


@pytest.mark.parametrize("verb", [["runs"], ["show"], ["check"], ["fit"], ["next"], ["report"], ["why"], ["score"]])
def test_outside_a_project_every_verb_names_init(tmp_path, monkeypatch, capsys, verb):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").write_text("a file")
    assert run(verb) == 2
    assert "`stackcast init DIR` makes one" in capsys.readouterr().err


def test_an_interrupt_inside_a_callback_is_raised_outside():
    """A callback from compiled code can raise nothing: Python would print the interrupt and go on."""

    def interrupted():
        raise KeyboardInterrupt

    callback = ctypes.CFUNCTYPE(None)(interrupted)
    with pytest.raises(KeyboardInterrupt), interruptible():  # noqa: PT012
        callback()
        time.sleep(2)


def waits(seconds):
    """Wait in steps, as a verb does that goes on."""
    for _ in range(int(seconds / 0.05)):
        time.sleep(0.05)


@pytest.fixture
def ctrl_c():
    """Ctrl-C, heard also where the tests were started in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: os.kill(os.getpid(), signal.SIGINT)
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_that_a_library_catches_is_raised_again(ctrl_c):
    """Some libraries catch everything while they are imported, and the verb would go on to its end."""
    with pytest.raises(KeyboardInterrupt), interruptible():  # noqa: PT012
        with contextlib.suppress(BaseException):
            ctrl_c()
            waits(1)
        waits(5)


def test_an_interrupt_does_not_disturb_what_clears_up_after_it(ctrl_c):
    cleared = []
    with pytest.raises(KeyboardInterrupt), interruptible():  # noqa: PT012
        try:
            ctrl_c()
            waits(1)
        finally:
            waits(1.5)
            cleared.append("all")
    assert cleared == ["all"]
    waits(1)  # and nothing comes after the verb


LOADED = """
import os, signal, sys
from stackcast.cli import main
class Interrupting:
    def find_spec(self, name, *_):
        if name == "stackcast.cli.fit":
            os.kill(os.getpid(), signal.SIGINT)
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupting())
main()
"""


def test_an_interrupt_while_the_command_is_loaded_ends_it_without_a_word():
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, env=os.environ | {"PYTHONPATH": CHILD_PATH}
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_where_interrupts_are_ignored_they_stay_so(ctrl_c):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interruptible():
        ctrl_c()
        waits(1)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_an_interrupted_verb_says_what_stays(tmp_path, monkeypatch, capsys):
    def written_then_interrupted(**_):
        atomic.replace_text(tmp_path / "a.csv", "x")
        raise KeyboardInterrupt

    monkeypatch.setattr("stackcast.runs.folder.list_runs", lambda *_: written_then_interrupted())
    assert run(["runs", "--project", str(TOY)]) == 1
    assert capsys.readouterr().err.strip() == f"interrupted; kept: {tmp_path / 'a.csv'}"


def test_a_fault_shows_its_traceback_and_where_to_report_it(monkeypatch, capsys):
    def faulty(*_):
        raise ZeroDivisionError("at fault")

    monkeypatch.setattr("stackcast.runs.folder.list_runs", faulty)
    assert run(["runs", "--project", str(TOY)]) == 1
    said = capsys.readouterr().err
    assert "ZeroDivisionError: at fault" in said
    assert said.strip().endswith(program.FAULT)


def test_many_problems_are_counted(tmp_path):
    problems = [Problem(tmp_path / f"{i % 3}.csv", i, "value", "is wrong") for i in range(1, 1001)]
    lines = str(ProblemsFound(problems)).splitlines()
    assert len(lines) == 41
    assert lines[-1] == "and 960 more problems; 1000 in 3 files in all"


def test_a_closed_pipe_has_the_status_of_the_signal():
    assert OutputClosed.exit_status == 141
