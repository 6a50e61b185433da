"""`stackcast label`: the debt is listed, gone through on a real terminal, and one name is labelled by flags."""

import io
import json
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time

import pytest

from stackcast.cli.app import run
from stackcast.observations.debt import COLUMNS, PATH
from stackcast.observations.labels import load_labels
from tests.support import CHILD_PATH, ROOT

ROWS = (
    ("openrouter", "x/quokka-9-air", "5e9", "0.2", "tokens", "2026-09-29", "Hugging Face: X/Quokka", "https://a.b/q"),
    ("openrouter", "x/[red]owl", "1e9", "0.04", "tokens", "2026-09-29", "[bold]nothing[/]", ""),
    ("litellm", "quokka-9-air", "2", "0.01", "listings", "2026-06-30", "sold by azure", ""),
    *(("litellm", f"wombat-{n}", "1", "0.005", "listings", "2026-06-30", "", "") for n in range(6)),
)
FLAGS = ["quokka-9-air", "--open", "--source", "https://a.b/c"]


@pytest.fixture
def owing(copy):
    lines = [",".join(COLUMNS), *(",".join(row) for row in ROWS)]
    (copy / "observations" / PATH).write_text("\n".join(lines) + "\n")
    return copy


def label(copy, *arguments):
    return run(["label", *arguments, "--project", str(copy)])


def files(copy):
    return {p: p.read_bytes() for p in (copy / "observations").rglob("*") if p.is_file()}


def new_lines(copy):
    before = {line.model for line in load_labels(ROOT / "observations").lines}
    found = [line for line in load_labels(copy / "observations").lines if line.model not in before]
    return [(line.model, line.label, str(line.from_date), line.source_url) for line in found]


def test_check_prints_the_debt_with_the_names_that_matter_first_and_is_no_error(owing, capsys):
    assert run(["check", "--project", str(owing)]) == 0
    out = capsys.readouterr().out
    assert "Label debt" in out
    assert re.search(r"openrouter +│ 2 +│ 24.0% of tokens +│ 2026-09-29 │ x/quokka-9-air  20.0%", out)
    assert re.search(r"litellm +│ 7 +│ 4.0% of listings", out)
    assert "x/[red]owl  4.0%" in out
    assert "and 2 more" in out
    assert out.index("x/quokka-9-air") < out.index("x/[red]owl") < out.index("wombat-0")


def test_without_debt_check_says_nothing_of_it(copy, capsys):
    (copy / "observations" / PATH).write_text(",".join(COLUMNS) + "\n")
    assert run(["check", "--project", str(copy)]) == 0
    assert "Label debt" not in capsys.readouterr().out
    assert label(copy) == 0
    assert "no name lacks a label" in capsys.readouterr().out


def test_the_list_shows_every_name_and_one_source_alone(owing, capsys):
    assert label(owing, "--list") == 0
    out = capsys.readouterr().out
    assert "[bold]nothing[/]" in out
    assert "wombat-5" in out
    assert label(owing, "openrouter", "--list") == 0
    assert "wombat" not in capsys.readouterr().out


def test_json_gives_the_same(owing, capsys):
    assert label(owing, "--json") == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["source"], first["names"], first["share"]) == ("openrouter", 2, 0.24)
    assert first["unlabelled"][0] == {
        "model": "x/quokka-9-air", "weight": 5e9, "share": 0.2, "measure": "tokens", "seen": "2026-09-29",
        "found": "Hugging Face: X/Quokka", "page": "https://a.b/q",
    }  # fmt: skip
    assert second["names"] == 7


def test_flags_add_one_line_from_the_first_day_it_was_seen_and_say_what_it_does(owing, capsys):
    assert label(owing, *FLAGS, "--note", "MIT, [red]as said[/]", "--yes") == 0
    assert new_lines(owing) == [("quokka-9-air", "open", "2026-06-30", "https://a.b/c")]
    out = capsys.readouterr().out
    assert "MIT, [red]as said[/]" in out
    assert "written: 1 line to" in out
    assert "20.00% of tokens more are open, 0.00% more closed; without a label 24.00% -> 4.00%" in out
    assert "pull again to recount: stackcast pull openrouter" in out
    assert run(["check", "--project", str(owing)]) == 0
    assert "quokka" not in capsys.readouterr().out


def test_a_pattern_by_flags_takes_the_first_day_of_what_it_covers(owing, capsys):
    assert label(owing, "Quokka-9-*", "--closed", "--source", "https://a.b/c", "--yes") == 0
    assert new_lines(owing) == [("quokka-9-*", "closed", "2026-06-30", "https://a.b/c")]
    assert "0.00% of tokens more are open, 20.00% more closed" in capsys.readouterr().out


def test_a_label_from_a_later_day_leaves_the_figures_of_that_file(owing, capsys):
    assert label(owing, *FLAGS, "--from", "2026-10-01", "--yes") == 0
    assert "no name that was seen at the last pulls gets a label" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "there is no terminal to ask on; --list or --json"),
        (FLAGS, "add --yes"),
        ([*FLAGS, "--closed", "--yes"], "--open and --closed: give one of them"),
        (["--open", "--yes"], "missing: NAME, --source URL"),
        ([*FLAGS[:2], "--yes"], "missing: --source URL"),
        ([*FLAGS[:3], "rumour", "--yes"], "source_url: must be an http(s) address"),
        ([*FLAGS, "--from", "soon", "--yes"], "must be a date"),
        ([*FLAGS, "--note", "two\nlines", "--yes"], "note: must not contain line breaks"),
        (["quokka-*", *FLAGS[1:], "--yes"], "names a numbered generation"),
        (["grok-1", "--open", "--source", "https://a.b/c", "--from", "2024-03-17", "--yes"], "already"),
        (["openruter"], "did you mean 'openrouter'"),
        (["quokka-9-air"], "is a name: add --open or --closed"),
        (["openrouter", "--from", "2026-01-01"], "--from: only with --open or --closed"),
    ],
)
def test_what_is_wrong_is_one_message_and_nothing_is_written(owing, capsys, monkeypatch, arguments, words):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    before = files(owing)
    assert label(owing, *arguments) == 2
    err = capsys.readouterr().err
    assert words in err
    assert "Traceback" not in err
    assert files(owing) == before


def test_a_broken_project_is_told_before_anything_is_asked(owing, capsys):
    (owing / "observations" / "retractions.csv").write_text("id\n")
    assert label(owing) == 2
    assert "retractions.csv:1:header" in capsys.readouterr().err


# -------------------------------------------------------------------------------------------- a real terminal
class Session:
    """`stackcast label` in a child process on a pseudo-terminal of its own."""

    def __init__(self, copy):
        self.fd, child = pty.openpty()
        given = os.environ | {"TERM": "xterm", "COLUMNS": "120", "PYTHONPATH": CHILD_PATH}
        command = [sys.executable, "-m", "stackcast", "label", "--project", str(copy)]
        self.process = subprocess.Popen(
            command, stdin=child, stdout=child, stderr=child, env=given, cwd=ROOT, start_new_session=True
        )
        os.close(child)
        self.text = ""

    def until(self, words, seconds=120):
        """Read until the words are there; what was read before them is given up."""
        end = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < end, f"{words!r} did not come: {self.text[-2000:]}"
            if select.select([self.fd], [], [], 0.2)[0]:
                try:
                    self.text += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", os.read(self.fd, 65536).decode())
                except OSError:  # the child has closed its side
                    assert words in self.text, self.text[-2000:]
        before, _, self.text = self.text.partition(words)
        return before

    def key(self, key, seconds=60):
        """Press a key once the child waits for one: what is typed before is thrown away by the terminal."""
        end = time.monotonic() + seconds
        while termios.tcgetattr(self.fd)[3] & termios.ICANON:
            assert time.monotonic() < end, "no key was waited for"
            time.sleep(0.01)
        os.write(self.fd, key.encode())

    def line(self, text=""):
        os.write(self.fd, f"{text}\n".encode())

    def end(self):
        """Wait for the child and return its exit status."""
        try:
            return self.process.wait(60)
        finally:
            self.process.kill()
            os.close(self.fd)


def test_keys_on_a_real_terminal_write_all_lines_at_once(owing):
    before = files(owing)
    session = Session(owing)
    shown = session.until("write and quit")
    assert "Hugging Face: X/Quokka" in shown
    assert "2 listings" in shown
    session.key("o")
    session.until("[https://a.b/q]:")
    session.line()
    session.until("[2026-06-30]:")
    session.line()
    shown = session.until("write and quit")
    assert "[red]owl" in shown
    assert "1 answered" in shown
    session.key("c")
    session.until("(u: back)")
    session.line("https://a.b/owl")
    session.until("[2026-09-29]:")
    session.line("2026-01-01")
    session.until("write and quit")
    assert files(owing) == before, "nothing is written before the end"
    session.key("q")
    session.until("written: 2 lines to")
    session.until("pull again to recount")
    assert session.end() == 0
    assert new_lines(owing) == [
        ("[red]owl", "closed", "2026-01-01", "https://a.b/owl"),
        ("quokka-9-air", "open", "2026-06-30", "https://a.b/q"),
    ]


def test_an_interrupt_writes_nothing(owing):
    before = files(owing)
    session = Session(owing)
    session.until("write and quit")
    session.key("o")
    session.until("[https://a.b/q]:")
    session.line()
    session.until("[2026-06-30]:")
    session.line()
    session.until("write and quit")
    session.key("\x03")
    session.until("nothing was kept")
    assert session.end() == 1
    assert files(owing) == before
