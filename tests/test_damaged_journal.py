"""A journal of changes that no killed command can have left: named, and nothing is changed by its word."""

import json

import pytest

from stackcast.cli.app import run
from stackcast.files.atomic import JOURNAL
from tests.fuzz.harness import contents
from tests.support import MINIMAL, copy_project, latest_day

DAY = latest_day(MINIMAL / "observations")
FILE = "shops.bottles/town-count.csv"
OBSERVE = (
    "observe",
    "town-count",
    "--period",
    "2023-08",
    "--count",
    "43/100",
    "--source",
    "https://example.org/a",
    "--yes",
)
FOREIGN = [
    None, 3, "x", [], [FILE], {FILE: 3}, {FILE: ["x"]}, {"../priors/claims.yaml": "x"}, {"/etc/hostname": "x"},
    {"a\0b": "x"}, {FILE: "\ud800"}, {"": "x"}, {".": None}, {"shops.bottles": None}, {f"{FILE}/inside": "x"},
    {"x" * 300: "x"}, {"signals.yaml": None, "../x": None},
]  # fmt: skip
CONTENTS = [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"a": "b"', *(json.dumps(one).encode() for one in FOREIGN)]


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr("stackcast.project.utc_today", lambda: DAY)
    return copy_project(tmp_path / "project", MINIMAL)


@pytest.mark.parametrize("content", CONTENTS, ids=range(len(CONTENTS)))
@pytest.mark.parametrize("words", [("check", "--as-of", str(DAY)), OBSERVE], ids=lambda words: words[0])
def test_it_is_named_and_changes_nothing(root, capsys, words, content):
    (root / "observations" / JOURNAL).write_bytes(content)
    before = contents(root)
    assert run([*words, "--project", str(root)]) == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said, said
    assert said.startswith(str(root / "observations"))
    assert JOURNAL in said
    assert len(said.splitlines()) == 1
    assert contents(root) == before


def test_a_folder_in_its_place_is_named(root, capsys):
    (root / "observations" / JOURNAL).mkdir()
    assert run(["check", "--as-of", str(DAY), "--project", str(root)]) == 1
    said = capsys.readouterr().err
    assert JOURNAL in said
    assert "Traceback" not in said


def test_a_whole_one_is_carried_out_by_the_next_command(root, capsys):
    text = (root / "observations" / FILE).read_text()
    (root / "observations" / JOURNAL).write_text(json.dumps({FILE: text.rsplit("\n", 2)[0] + "\n"}))
    assert run(["check", "--as-of", str(DAY), "--project", str(root)]) == 0
    assert not (root / "observations" / JOURNAL).exists()
    assert len((root / "observations" / FILE).read_text().splitlines()) == len(text.splitlines()) - 1
