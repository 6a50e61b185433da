import errno
import json

import pytest

from stackcast.errors import StackcastError
from stackcast.files.atomic import JOURNAL, WriteFailed, locked, replace_text, replace_together, whole_folder


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

    def dying(path, text):
        nonlocal count
        if count == at:
            raise KeyboardInterrupt
        count += 1
        replace_text(path, text)

    with monkeypatch.context() as patch:
        patch.setattr("stackcast.files.atomic.replace_text", dying)
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
