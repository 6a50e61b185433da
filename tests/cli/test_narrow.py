"""Every verb that prints does so on a terminal of 20 to 60 columns, and on one that knows ASCII only."""

import io
import sys
from datetime import timedelta

import pytest

from stackcast.cli.app import run
from stackcast.project import Project
from tests.support import TOY, add_tree, canned_run, copy_project, latest_day

DAY = latest_day(TOY / "observations")
OBSERVE = ("observe", "spare-room-rent-ratio", "--period", "2023-10", "--value", "1.4", "--source", "https://a.b/c")
VERBS = (
    ("--help",),
    ("fit", "--help"),
    ("check", "--as-of", str(DAY)),
    ("show",),
    ("runs",),
    ("next",),
    ("why", "--refits", "0"),
    ("whatif", "spare-room-rent-ratio=1.378@2024-03-31", "--no-refit"),
    ("scenario",),
    ("sensitivity",),
    ("score",),
    ("priors", "show"),
    ("plot", "all"),
    OBSERVE,
    ("update", "--dry-run", "--offline", "{root}/priors", "--as-of", str(DAY)),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The toy with a run that has everything, and an earlier one."""
    root = copy_project(tmp_path_factory.mktemp("narrow") / "project", TOY)
    project = Project.load(root, today=DAY)
    canned_run(project, root / "runs", DAY - timedelta(days=200))
    add_tree(project, canned_run(project, root / "runs", DAY, draws=1000, left_out=True))
    return root


@pytest.mark.parametrize(("columns", "encoding"), [(20, "utf-8"), (20, "ascii"), (33, "ascii"), (60, "utf-8")])
def test_it_prints_on_a_narrow_terminal(root, monkeypatch, columns, encoding):
    monkeypatch.setattr("stackcast.project.utc_today", lambda: DAY)
    monkeypatch.setenv("COLUMNS", str(columns))
    for words in VERBS:
        buffer = io.BytesIO()
        said = io.TextIOWrapper(buffer, encoding=encoding, write_through=True)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", said)
            patch.setattr(sys, "stderr", said)
            patch.setattr(sys, "stdin", io.StringIO())
            given = () if "--help" in words else ("--project", str(root))
            status = run([*(word.format(root=root) for word in words), *given])
        text = buffer.getvalue().decode(encoding)
        assert "Traceback" not in text, (words, text[-2000:])
        unasked = words == OBSERVE and status == 2 and "add --yes" in text
        assert status in (0, 3) or unasked, (words, text[-500:])
        assert text.strip(), words
