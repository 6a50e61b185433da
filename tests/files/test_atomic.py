import errno
import fcntl
import json
import os
import subprocess
import sys
import time

import pytest

from stackcast.errors import StackcastError
from stackcast.files.atomic import (
    JOURNAL,
    AlreadyThere,
    WriteFailed,
    locked,
    replace_bytes,
    replace_text,
    replace_together,
    require_writable,
    sweep,
    whole_folder,
)
from tests.support import CHILD_PATH


def test_a_folder_appears_whole(tmp_path):
    target = tmp_path / "runs" / "one"
    with whole_folder(target) as folder:
        (folder / "a.csv").write_text("x")
        assert not target.exists()
    assert (target / "a.csv").read_text() == "x"
    assert [p.name for p in target.parent.iterdir()] == ["one"]


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), RuntimeError("x"), OSError(errno.ENOSPC, "No space left on device")]
)
def test_any_interruption_leaves_nothing(tmp_path, error):
    target = tmp_path / "runs" / "one"
    caught = None
    try:
        with whole_folder(target) as folder:
            (folder / "a.csv").write_text("x")
            raise error
    except (KeyboardInterrupt, RuntimeError, StackcastError) as seen:
        caught = seen
    assert caught is not None
    assert list(target.parent.iterdir()) == []
    if isinstance(error, OSError):
        assert isinstance(caught, WriteFailed)
        assert "No space left on device" in str(caught)
        assert "nothing was kept" in str(caught)


def test_a_text_is_replaced_or_left_alone(tmp_path, monkeypatch):
    path = tmp_path / "record.csv"
    replace_text(path, "one\n")
    monkeypatch.setattr("stackcast.files.atomic.sync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(WriteFailed, match="nothing was changed"):
        replace_text(path, "two\n")
    assert path.read_text() == "one\n"
    assert [p.name for p in tmp_path.iterdir()] == ["record.csv"]


def test_several_files_change_together(tmp_path):
    one, two, three = (tmp_path / name for name in ("a", "sub/b", "c"))
    one.write_text("old")
    three.write_text("old")
    replace_together(tmp_path, {one: "new", two: "new", three: None})
    assert (one.read_text(), two.read_text(), three.exists()) == ("new", "new", False)
    assert not (tmp_path / JOURNAL).exists()


@pytest.mark.parametrize("at", range(5))
def test_a_change_cut_short_is_finished_or_never_was(tmp_path, monkeypatch, at):
    """Power goes off at each replace in turn: the next holder of the lock finds all of it, or nothing."""
    paths = [tmp_path / name for name in "abc"]
    for path in paths:
        path.write_text("old")
    count = 0

    def dying(path, content, stays=None):
        nonlocal count
        if count == at:
            raise KeyboardInterrupt
        count += 1
        replace_bytes(path, content, stays)

    with monkeypatch.context() as patch:
        patch.setattr("stackcast.files.atomic.replace_bytes", dying)
        if at < 4:
            with pytest.raises(KeyboardInterrupt):
                replace_together(tmp_path, dict.fromkeys(paths, "new"))
        else:
            replace_together(tmp_path, dict.fromkeys(paths, "new"))
    with locked(tmp_path, shared=True):
        found = {path.read_text() for path in paths}
    assert found == {"old" if at == 0 else "new"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b", "c"]


def test_a_journal_cannot_reach_outside_its_folder(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / JOURNAL).write_text(json.dumps({"../outside": "x"}))
    with pytest.raises(WriteFailed, match="outside the folder"), locked(inside):
        pass
    assert not (tmp_path / "outside").exists()


def test_a_folder_that_somebody_else_wrote_meanwhile_stays(tmp_path):
    target = tmp_path / "runs" / "one"
    with pytest.raises(AlreadyThere, match="another process"), whole_folder(target):
        replace_text(target / "theirs", "x")
    assert [p.name for p in target.parent.iterdir()] == ["one"]
    assert (target / "theirs").read_text() == "x"


def test_the_old_is_dropped_only_when_the_new_is_whole(tmp_path):
    target = tmp_path / "figures"
    target.mkdir()
    (target / "old").write_text("x")
    with pytest.raises(KeyboardInterrupt), whole_folder(target, replace=True):
        raise KeyboardInterrupt
    assert [p.name for p in target.iterdir()] == ["old"]
    with whole_folder(target, replace=True) as partial:
        (partial / "new").write_text("y")
    assert [p.name for p in target.iterdir()] == ["new"]
    assert [p.name for p in tmp_path.iterdir()] == ["figures"]


def test_writers_of_one_process_number_do_not_meet(tmp_path, monkeypatch):
    """As in two containers: the number of the process is 1 in each."""
    monkeypatch.setattr(os, "getpid", lambda: 1)
    target = tmp_path / "one"
    with whole_folder(target) as first:
        (first / "a").write_text("x")
        with pytest.raises(ZeroDivisionError), whole_folder(target):
            raise ZeroDivisionError
        assert (first / "a").read_text() == "x", "nobody removes what another made"
    assert (target / "a").read_text() == "x"


def test_what_killed_writers_left_is_swept_and_what_lives_is_not(tmp_path):
    dead, young, alive = (tmp_path / f".partial-{name}" for name in ("dead", "young", "alive"))
    old = time.time() - 3600
    for folder in (dead, young, alive):
        folder.mkdir()
        (folder / "a").write_text("x")
    (tmp_path / ".partial-file").write_text("half")
    for path in (dead, alive, tmp_path / ".partial-file"):
        os.utime(path, (old, old))
    handle = os.open(alive, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    sweep(tmp_path)
    os.close(handle)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".partial-alive", ".partial-young"]


def test_a_second_writer_says_that_it_waits(tmp_path, caplog):
    code = f"""
import sys, time
from pathlib import Path
from stackcast.files.atomic import locked
with locked(Path({str(tmp_path)!r})):
    print("held", flush=True)
    time.sleep(1.2)
"""
    environment = os.environ | {"PYTHONPATH": CHILD_PATH}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) as child:
        child.stdout.readline()
        with locked(tmp_path):
            pass
    assert f"waiting for another stackcast that is writing {tmp_path}" in caplog.text


def test_permission_is_asked_before_the_work(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    with pytest.raises(WriteFailed, match="is a file"):
        require_writable(tmp_path / "file" / "runs")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(WriteFailed, match=f"{tmp_path}: may not be written"):
        require_writable(tmp_path / "new" / "runs")


def test_a_refusing_disk_shows_its_own_cause(tmp_path, monkeypatch):
    """What tidies up afterwards fails as well, and hides nothing."""

    def refuse(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    monkeypatch.setattr("pathlib.Path.unlink", refuse)
    with pytest.raises(WriteFailed, match="Read-only file system"):
        replace_text(tmp_path / "a", "x")
