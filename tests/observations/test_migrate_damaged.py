"""`stackcast migrate` on files that are damaged: one error that names the file, and nothing written."""

import shutil
from pathlib import Path

import pytest

from stackcast.errors import InputError
from stackcast.project import Project, migrate
from tests.support import TOY

ROWS = "observations/days.home/time-diary-home-days.csv"
SIGNALS = "observations/signals.yaml"


def damaged(tmp_path: Path, name: str, content: bytes) -> Path:
    root = tmp_path / "toy"
    shutil.copytree(TOY, root)
    (root / name).write_bytes(content)
    return root


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (ROWS, b"signal,\xbe\n"),
        (ROWS, b""),
        (ROWS, "signal,period\n".encode("utf-16")),
        (SIGNALS, b"format: 3\nsignals:\n  town-count: {title: Bottles}\n"),
        (SIGNALS, b"format: 3\nsignals: [a, b]\n"),
        (SIGNALS, b"format: 3\nsignals:\n  town-count: 7\n"),
        (SIGNALS, b"format: 3\nsignals: &a [*a]\n"),
    ],
    ids=["bytes", "empty", "utf-16", "no measures", "a list", "a number", "itself"],
)
def test_a_damaged_file_is_named_and_nothing_is_written(tmp_path, name, content):
    root = damaged(tmp_path, name, content)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match=Path(name).name):
        migrate(root)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_a_label_with_too_few_cells_is_named_by_its_line(tmp_path):
    root = damaged(tmp_path, SIGNALS, b"format: 1\nsignals: {}\n")
    (root / "observations/questions.yaml").unlink(missing_ok=True)
    (root / "observations/labels").mkdir(exist_ok=True)
    (root / "observations/labels/models.csv").write_text("name,criterion\na,b\n")
    with pytest.raises(InputError, match=r"labels.*:2:1: 2 cells, and a label has"):
        migrate(root)


def test_a_text_of_a_book_s_length_is_refused(tmp_path):
    root = damaged(tmp_path, SIGNALS, (TOY / SIGNALS).read_bytes())
    text = (root / SIGNALS).read_text()
    (root / SIGNALS).write_text(text.replace("title: ", "title: " + "long " * 10_000, 1))
    with pytest.raises(InputError, match=r"signals.yaml:\d+:\d+: .*at most 20000"):
        Project.load(root)
