"""What an interrupted command says that it keeps is what is there, also in the moment after it was put there."""

import multiprocessing
from pathlib import Path

import pytest

from stackcast.files import atomic
from stackcast.files.atomic import JOURNAL, locked, replace_text, replace_together, whole_folder
from stackcast.files.kept import kept


@pytest.fixture(autouse=True)
def nothing_yet():
    kept.clear()


def interrupted_after(monkeypatch, name, count):
    """Let Ctrl-C come right after so many calls of a method of Path."""
    done, method = [], getattr(Path, name)

    def called(*given):
        result = method(*given)
        done.append(given)
        if len(done) == count:
            raise KeyboardInterrupt
        return result

    monkeypatch.setattr(Path, name, called)


def test_a_file_is_kept_from_its_rename_on(tmp_path, monkeypatch):
    replace_text(tmp_path / "one", "1")
    interrupted_after(monkeypatch, "replace", 1)
    with pytest.raises(KeyboardInterrupt):
        replace_text(tmp_path / "two", "2")
    assert kept.paths == [tmp_path / "one", tmp_path / "two"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_a_new_folder_is_kept_from_its_rename_on(tmp_path, monkeypatch):
    interrupted_after(monkeypatch, "rename", 1)
    with pytest.raises(KeyboardInterrupt), whole_folder(tmp_path / "run") as folder:
        (folder / "a").touch()
    assert kept.paths == [tmp_path / "run"]
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["a"]


@pytest.mark.parametrize(("renames", "there"), [(1, "old"), (2, "new")])
def test_a_folder_that_is_replaced_is_the_old_or_the_new_one(tmp_path, monkeypatch, renames, there):
    target = tmp_path / "figures"
    target.mkdir()
    (target / "old").touch()
    interrupted_after(monkeypatch, "rename", renames)
    with pytest.raises(KeyboardInterrupt), whole_folder(target, replace=True) as folder:
        (folder / "new").touch()
    assert [path.name for path in target.iterdir()] == [there]
    assert kept.paths == ([target] if there == "new" else [])


def test_files_that_change_together_are_kept_from_the_journal_on(tmp_path, monkeypatch):
    texts = {tmp_path / "a": "1", tmp_path / "b": "2"}
    with monkeypatch.context() as patch:
        interrupted_after(patch, "replace", 1)
        with pytest.raises(KeyboardInterrupt), locked(tmp_path):
            replace_together(tmp_path, texts)
    assert (tmp_path / JOURNAL).exists()
    assert kept.paths == list(texts)
    with locked(tmp_path):
        assert [path.read_text() for path in texts] == ["1", "2"]


def test_nothing_is_kept_of_what_could_not_be_written(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic, "sync", full)
    with pytest.raises(atomic.WriteFailed):
        replace_text(tmp_path / "one", "1")
    assert kept.paths == []


def _put_a_run(folder):
    with whole_folder(folder / "run") as partial:
        (partial / "a").touch()


def test_what_workers_put_into_a_folder_is_kept_too(tmp_path):
    (tmp_path / "before").mkdir()
    worker = multiprocessing.get_context("spawn").Process(target=_put_a_run, args=[tmp_path])
    with kept.noting(tmp_path):
        worker.start()
        worker.join()
    assert kept.paths == [tmp_path / "run"]


def test_what_was_put_into_a_folder_that_never_came_is_not_kept(tmp_path):
    def write():
        with whole_folder(tmp_path / "run") as partial:
            replace_text(partial / "plot.svg", "x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert kept.paths == []


def test_of_a_folder_that_came_its_own_name_is_kept(tmp_path):
    with whole_folder(tmp_path / "run") as partial:
        replace_text(partial / "plot.svg", "x")
    assert kept.paths == [tmp_path / "run"]
