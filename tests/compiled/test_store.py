import multiprocessing
import os
from pathlib import Path

import pytest

from stackcast.caches import ENVIRONMENT
from stackcast.compiled.store import CodeStore, compile_cache

SIZE, TURNS = 1 << 20, 40


@pytest.fixture
def store(tmp_path):
    return CodeStore(tmp_path / "cache", kept=3)


def test_stored_content_is_read_back(store):
    assert store.get("a") is None
    store.put("a", b"one")
    store.put("a", b"two")
    assert store.get("a") == b"two"
    assert store.get("b") is None
    assert [path.name for path in store.folder.iterdir()] == ["a.code"]


@pytest.mark.parametrize("spoil", [lambda b: b"", lambda b: b[:-1], lambda b: b[:20], lambda b: b[:-1] + b"\0"])
def test_what_is_damaged_counts_as_absent(store, spoil):
    store.put("a", b"content")
    path = store.folder / "a.code"
    path.write_bytes(spoil(path.read_bytes()))
    assert store.get("a") is None
    store.put("a", b"content")
    assert store.get("a") == b"content"


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = CodeStore(tmp_path / "file" / "cache")
    store.put("a", b"content")
    assert store.get("a") is None


def test_the_least_recently_used_are_evicted(store):
    for when, key in enumerate("abc"):
        store.put(key, key.encode())
        os.utime(store.folder / f"{key}.code", (when, when))
    assert store.get("a") == b"a"
    store.put("d", b"d")
    assert [key for key in "abcd" if store.get(key)] == ["a", "c", "d"]


def write(folder: Path, letter: bytes) -> None:
    for _ in range(TURNS):
        CodeStore(folder).put("a", letter * SIZE)


def test_a_reader_sees_one_writers_whole_content(store):
    store.put("a", b"x" * SIZE)
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write, args=(store.folder, letter)) for letter in (b"y", b"z")]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        content = store.get("a")
        assert content is not None
        assert content == content[:1] * SIZE
        seen.add(content[:1])
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert seen & {b"y", b"z"}


def test_the_folder_is_the_users(monkeypatch, tmp_path):
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert compile_cache().folder == tmp_path / "stackcast"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert compile_cache().folder == Path.home() / ".cache" / "stackcast"
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "own"))
    assert compile_cache().folder == tmp_path / "own"
