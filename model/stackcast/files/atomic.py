"""Writes that are whole or not there: a folder appears by one rename, a file by one replace, several by a journal."""

import fcntl
import json
import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackcast.errors import StackcastError
from stackcast.files.kept import kept

if TYPE_CHECKING:
    import xarray as xr

PARTIAL = ".partial-"
JOURNAL = ".journal.json"
YOUNG = 60.0
"""Seconds in which a partial file or folder may still be without its maker's lock."""
PATIENCE = 0.5
"""Seconds of waiting for a lock before it is said."""

logger = logging.getLogger(__name__)


class WriteFailed(StackcastError, OSError):
    """The disk would not take what was to be written; nothing was left behind."""


class AlreadyThere(WriteFailed):
    """Another process wrote the same folder first; its own stays."""


def whole_folder(target: Path, *, replace: bool = False) -> AbstractContextManager[Path]:
    """Give a folder to fill that becomes ``target`` at the end, or vanishes on any error.

    With ``replace``, a folder that stands there is dropped once the new one is whole.

    Raises
    ------
    AlreadyThere
        When there is such a folder by then, and ``replace`` is off.
    WriteFailed
        When the disk is full, or may not be written.
    """

    def finish(partial: Path) -> None:
        if replace and target.exists():
            old = target.with_name(f"{partial.name}-old")
            try:
                target.rename(old)
                with kept.putting(partial, target, [target]):
                    partial.rename(target)
            except BaseException:
                if old.exists() and not target.exists():
                    old.rename(target)
                raise
            shutil.rmtree(old, ignore_errors=True)
            return
        try:
            with kept.putting(partial, target, [target]):
                partial.rename(target)
        except OSError:
            if target.is_dir():
                raise AlreadyThere(f"{target}: was written by another process meanwhile, and stays") from None
            raise

    return _filled(target, target.parent, finish)


def whole_entries(folder: Path) -> AbstractContextManager[Path]:
    """Give a folder to fill whose entries move into an existing ``folder`` at the end, all or, on any error, none.

    Raises
    ------
    WriteFailed
        When the disk is full, may not be written, or ``folder`` has an entry of that name that is not empty.
    """
    return _filled(folder, folder, lambda partial: _move_entries(partial, folder))


@contextmanager
def _filled(target: Path, place: Path, finish: Callable[[Path], object]) -> Iterator[Path]:
    partial = _partial(place, target.name)
    made = None
    try:
        place.mkdir(parents=True, exist_ok=True)
        sweep(place)
        partial.mkdir()
        made = _hold(partial)
        yield partial
        for path in sorted(partial.rglob("*")):
            if path.is_file():
                sync(path)
        finish(partial)
        _settle(target.parent)
    except AlreadyThere:
        raise
    except OSError as error:
        raise WriteFailed(f"{target}: cannot be written ({error.strerror or error}); nothing was kept") from error
    finally:
        kept.forget(partial)
        if made is not None:
            shutil.rmtree(partial, ignore_errors=True)
            os.close(made)


def _settle(folder: Path) -> None:
    """Ask the disk to keep a folder's entries."""
    with suppress(OSError):
        sync(folder)


def _partial(place: Path, name: str) -> Path:
    """Return a hidden name in a folder that no other process has, in whatever container it runs."""
    return place / f"{PARTIAL}{name}-{secrets.token_hex(6)}"


def _hold(path: Path) -> int:
    """Lock a partial file or folder for as long as its maker lives; return the handle."""
    handle = os.open(path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return handle


def sweep(place: Path) -> None:
    """Remove what killed processes left in a folder: partial files and folders that nobody holds, a minute old."""
    for stray in place.glob(f"{PARTIAL}*"):
        with suppress(OSError):
            if stray.is_symlink() or time.time() - stray.stat().st_mtime < YOUNG:
                continue
            handle = os.open(stray, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if stray.is_dir():
                    shutil.rmtree(stray, ignore_errors=True)
                else:
                    stray.unlink()
            finally:
                os.close(handle)


def require_writable(folder: Path) -> None:
    """Refuse a folder that may not be written, or made, before any work is done for it.

    Raises
    ------
    WriteFailed
        Naming the folder that refuses.
    """
    there = next(path for path in (folder, *folder.absolute().parents) if os.path.lexists(path))
    if not there.is_dir():
        raise WriteFailed(f"{there}: is a file, where a folder is needed; move it away, or give another folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise WriteFailed(f"{there}: may not be written; give another folder, or change its permissions")


def _move_entries(source: Path, target: Path) -> None:
    names = [path.name for path in source.iterdir()]
    try:
        for name in names:
            (source / name).rename(target / name)
    except BaseException:
        for name in names:
            if not (source / name).exists():
                (target / name).rename(source / name)
        raise
    kept.add([target])


def replace_text(path: Path, text: str) -> None:
    """Replace a text file in one step."""
    replace_bytes(path, text.encode())


def replace_bytes(path: Path, content: bytes, stays: Iterable[Path] | None = None) -> None:
    """Replace a file in one step.

    Parameters
    ----------
    path, content
        The file, and what it is to hold.
    stays
        What is decided by it; the file itself by default.

    Raises
    ------
    WriteFailed
        When the disk is full, or may not be written.
    """
    partial = _partial(path.parent, path.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("xb") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            handle.write(content)
            handle.flush()
            sync(partial)
            with kept.putting(partial, path, [path] if stays is None else stays):
                partial.replace(path)
    except OSError as error:
        raise WriteFailed(f"{path}: cannot be written ({error.strerror or error}); nothing was changed") from error
    finally:
        with suppress(OSError):  # where nothing may be written, nothing is there to remove
            partial.unlink(missing_ok=True)
    _settle(path.parent)


@contextmanager
def locked(folder: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold a folder's lock: one writer, or any number of readers (``shared``).

    The system lets go of it when the process ends, however it ends. What a killed :func:`replace_together` had decided
    is carried out first, so nobody sees half of it. Waiting for another process is said.

    Raises
    ------
    WriteFailed
        When an interrupted change cannot be finished.
    """
    handle = os.open(folder, os.O_RDONLY)
    mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        _lock(handle, mode, folder)
        while (folder / JOURNAL).exists():
            _lock(handle, fcntl.LOCK_EX, folder)
            _finish(folder)
            _lock(handle, mode, folder)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, mode: int, folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            return fcntl.flock(handle, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
    logger.warning("waiting for another stackcast that is writing %s", folder)
    return fcntl.flock(handle, mode)


def replace_together(folder: Path, texts: Mapping[Path, str | None]) -> None:
    """Replace several files of a folder as one step. The caller holds the lock.

    A text of None removes its file, and a folder in ``folder`` that has none left.

    The journal's appearance decides: before it nothing has changed, after it the next holder of the lock finishes.
    """
    for place in {folder, *(path.parent for path in texts if path.parent.is_dir())}:
        sweep(place)
    journal = {path.relative_to(folder).as_posix(): text for path, text in texts.items()}
    # from here on the change is decided, whoever carries it out
    replace_bytes(folder / JOURNAL, json.dumps(journal).encode(), stays=list(texts))
    _finish(folder)


def _finish(folder: Path) -> None:
    path = folder / JOURNAL
    if not path.exists():
        return
    changes = _journal(path)
    try:
        for target, content in changes.items():
            if content is None:
                target.unlink(missing_ok=True)
                with suppress(OSError):
                    target.parent.rmdir()
            else:
                replace_bytes(target, content)
        path.unlink()
    except OSError as error:
        raise WriteFailed(f"{path}: what it decides cannot be carried out yet: {error}") from error
    sync(folder)


def _journal(path: Path) -> dict[Path, bytes | None]:
    """Read a journal: the new content of each file that changes, or None."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or not all(text is None or isinstance(text, str) for text in found.values()):
            raise TypeError("it must hold the new text of each file")
        return {_inside(path.parent, name): None if text is None else text.encode() for name, text in found.items()}
    except (OSError, TypeError, ValueError, RecursionError) as error:
        cure = "look at what it was to change, and remove it by hand"
        raise WriteFailed(f"{path}: is no list of changes ({error}); {cure}") from None


def _inside(folder: Path, name: str) -> Path:
    """Return the path of a file in a folder; refuse what lies elsewhere, and folders."""
    path, home = (folder / name).resolve(), folder.resolve()
    if path == home or not path.is_relative_to(home):
        raise ValueError(f"it names a file outside the folder, {name!r}")
    if path.is_dir():
        raise ValueError(f"it names the folder {name!r}")
    return folder / name


def write_netcdf(data: "xr.Dataset | xr.DataTree", path: Path, encoding: Any = None) -> None:
    """Write NetCDF, built in memory: HDF5 itself crashes the process at exit after a full disk."""
    path.write_bytes(bytes(data.to_netcdf(None, engine="h5netcdf", encoding=encoding)))


def sync(path: Path) -> None:
    """Make the disk keep a file or a folder's entries."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
