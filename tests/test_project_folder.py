import errno
import os

import pytest

from stackcast import project_folder
from stackcast.errors import InputError
from stackcast.files import atomic
from stackcast.files.atomic import WriteFailed
from stackcast.project_folder import IGNORED, INPUTS, make_project, require_project, shipped_project
from tests.support import ROOT


@pytest.fixture
def source(tmp_path):
    """A project of three files; what is hidden is a writer's own."""
    root = tmp_path / "source"
    for name, text in {
        "observations/a/b.csv": "id\n",
        "observations/signals.yaml": "x: 1\n",
        "priors/p.yaml": "",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "observations" / ".partial-b.csv-1").write_text("half")
    return root


def contents(folder):
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}


WHOLE = {
    "observations/a/b.csv": "id\n",
    "observations/signals.yaml": "x: 1\n",
    "priors/p.yaml": "",
    ".gitignore": IGNORED,
}


def test_a_checkout_ships_its_own_project():
    assert shipped_project() == ROOT


@pytest.mark.parametrize("name", ["new", "deep/er"])
def test_a_project_is_made_in_a_new_folder(tmp_path, source, name):
    assert make_project(tmp_path / name, source) == {"observations": 2, "priors": 1}
    assert contents(tmp_path / name) == WHOLE


def test_what_a_folder_holds_already_stays(tmp_path, source):
    target = tmp_path / "mine"
    target.mkdir()
    (target / ".gitignore").write_text("secret\n")
    (target / "notes.md").write_text("mine")
    make_project(target, source)
    assert contents(target) == WHOLE | {".gitignore": "secret\n", "notes.md": "mine"}


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize("kind", ["folder", "file"])
def test_a_folder_with_a_part_of_a_project_is_left_alone(tmp_path, source, name, kind):
    target = tmp_path / "mine"
    (target / name).mkdir(parents=True) if kind == "folder" else (target.mkdir(), (target / name).write_text("x"))
    before = sorted(target.rglob("*"))
    with pytest.raises(InputError, match=f"mine/{name}: is there already"):
        make_project(target, source)
    assert sorted(target.rglob("*")) == before


@pytest.mark.parametrize("dangling", [False, True])
def test_a_file_is_no_folder(tmp_path, source, dangling):
    target = tmp_path / "mine"
    if dangling:
        target.symlink_to(tmp_path / "nowhere")
    else:
        target.write_text("x")
    with pytest.raises(InputError, match="is a file"):
        make_project(target, source)
    assert not target.is_dir()


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))])
@pytest.mark.parametrize("step", ["sync", "copy_files", "rename"])
def test_an_interrupt_and_a_full_disk_leave_nothing(tmp_path, source, monkeypatch, there, error, step):
    """At the first file, at the second folder, and when all but one entry has moved to its place."""
    target = tmp_path / "mine"
    if there:
        target.mkdir()
        (target / "notes.md").write_text("mine")
    room = {"sync": atomic, "copy_files": project_folder, "rename": type(target)}[step]
    real, calls, last = getattr(room, step), [], {"sync": 1, "copy_files": 2, "rename": 3 if there else 1}[step]

    def failing(*arguments):
        calls.append(arguments)
        if len(calls) == last:
            raise error
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(room, step, failing)
        with pytest.raises((KeyboardInterrupt, WriteFailed)):
            make_project(target, source)
    assert len(calls) >= last
    assert contents(target) == ({"notes.md": "mine"} if there else {})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine", "source"] if there else ["source"]
    make_project(target, source)
    assert contents(target).items() >= WHOLE.items()


@pytest.mark.parametrize("missing", INPUTS)
def test_half_a_project_is_none(tmp_path, missing):
    for name in INPUTS:
        if name != missing:
            (tmp_path / name).mkdir()
    with pytest.raises(
        InputError, match=f"{missing}: no such folder, so .* is no project; `stackcast init DIR` makes one"
    ):
        require_project(tmp_path)
