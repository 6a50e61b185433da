"""One seeded case at a time: damage a file, ask a verb that reads it, judge what came of it, and put all back."""

import contextlib
import io
import re
import shutil
import signal
import sys
import traceback
from dataclasses import dataclass
from fnmatch import fnmatch
from unittest import mock

import numpy as np

import stackcast.inference.retries
import stackcast.inference.sample
import stackcast.project
from stackcast.cli.app import run
from tests.fuzz.mutations import DANGLING, FOLDER, GONE, PLACES, mutate

SECONDS = 10
"""Seconds of processor time that a verb may take, but for those that draw or refit."""
SLOW = {"report": 60, "why": 60, "next": 60, "scenario": 60, "compare": 60, "whatif": 60}
NOT_FINITE = re.compile(r"(?<![\w.\\/-])[-+]?(nan|NaN|inf|Infinity)(?![\w.-])")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Hung(BaseException):
    """A verb took longer than it may."""


class Stopped(BaseException):
    """A fit came as far as its graph."""


@dataclass(frozen=True)
class Outcome:
    """What a case did: its words, and the fault where it is one."""

    seed: int
    what: str
    status: int
    said: str
    fault: str

    def __str__(self):
        return f"seed {self.seed}: {self.what}: {self.fault or 'well'} (status {self.status})\n{self.said[-3000:]}"


def contents(root):
    """Return every file and link of a tree by its path; a link's content is where it leads."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_file():
            found[name] = path.read_bytes()
    return found


def restore(root, before):
    """Make a tree what it was."""
    for name, now in contents(root).items():
        if before.get(name) != now:
            (root / name).unlink()
    for path in sorted(root.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()
    for name, content in before.items():
        if not (root / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)


def put(path, content):
    """Put damage in the place of a file."""
    path.unlink()
    if content == FOLDER:
        path.mkdir()
        (path / "inside.txt").write_text("inside\n", encoding="utf-8")
    elif content == DANGLING:
        path.symlink_to("nowhere")
    elif content != GONE:
        path.write_bytes(content)


def _stop(*_, **__):
    raise Stopped


def _ring(*_):
    raise Hung


@contextlib.contextmanager
def alarm(seconds):
    """Raise :class:`Hung` after so many seconds of processor time, or six times as many of any."""
    signal.signal(signal.SIGPROF, _ring)
    signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 6 * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def ask(words, root, day):
    """Return the exit status of a verb, what it printed, and its errors; sampling never begins."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    with (
        mock.patch.object(stackcast.project, "utc_today", return_value=day),
        mock.patch.object(stackcast.inference.sample, "compile_graph", _stop),
        mock.patch.object(sys, "stdin", io.StringIO()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            with alarm(SLOW.get(words[0], SECONDS)):
                status = run([*words, "--project", str(root)])
        except Stopped:
            status = 0
        except Hung:
            status, _ = -1, traceback.print_exc()
        except Exception:
            status, _ = -2, traceback.print_exc()
    return status, out.getvalue(), err.getvalue()


def fault(verb, name, damaged, status, out, err, before, after):
    """Say what is wrong with an outcome; empty where nothing is."""
    changed = sorted(n for n in {*before, *after} if before.get(n) != after.get(n))
    unasked = [n for n in changed if status not in (0, 1, 3) or not any(fnmatch(n, w) for w in verb.writes)]
    if status == -1:
        return "hangs"
    if status == -2 or "Traceback" in err:
        return "traceback"
    if unasked:
        return f"changed {', '.join(unasked)}"
    if status not in (0, 1, 2) and verb.words[0] != "update":
        return "exit status"
    if status and not err.strip():
        return "no message"
    if CONTROL.search(out) or CONTROL.search(err):
        return "control characters shown"
    if status == 0 and NOT_FINITE.search(out) and not (isinstance(damaged, bytes) and NOT_FINITE.search(str(damaged))):
        return "a number that is not finite"
    if verb.whole and status and name.startswith("runs/"):
        return "one run keeps all from working"
    if status == 2 and len(err) > 20_000:
        return "a message of many pages"
    return ""


def play(debate, seed, only=None, least=0.0):
    """Carry out one case and return its outcome; the project is afterwards what it was.

    Verbs of a weight below ``least`` are left out: the slow ones.
    """
    rng = np.random.default_rng(seed)
    before = contents(debate.root)
    names = [n for n in before if debate.readers(n, least) and (only is None or fnmatch(n, only))]
    name = names[rng.integers(len(names))]
    path, readers = debate.root / name, debate.readers(name, least)
    weights = np.array([verb.weight for verb in readers])
    verb = readers[rng.choice(len(readers), p=weights / weights.sum())]
    kind, damaged = mutate(before[name], path.suffix, rng)
    put(path, damaged)
    spoiled = contents(debate.root)
    try:
        status, out, err = ask(verb.words, debate.root, debate.day)
        wrong = fault(verb, name, damaged, status, out, err, spoiled, contents(debate.root))
        if not wrong and "--yes" in verb.words and status == 0:
            again, _, err = ask(("check", "--as-of", str(debate.day)), debate.root, debate.day)
            # a damaged file that the verb has no use for is still damaged, and check names it
            left = contents(debate.root).get(name) == spoiled.get(name) and path.name in err
            wrong = "what it wrote is not valid" if again and not left else ""
    finally:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        restore(debate.root, before)
    shown = damaged if damaged in PLACES else f"{len(damaged)} bytes"
    return Outcome(seed, f"{name} {kind} ({shown}), {' '.join(verb.words)[:90]}", status, err, wrong)
