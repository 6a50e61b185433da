"""Writes that are whole or not there: a folder appears by one rename, a file by one replace, several by a journal."""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackcast.errors import StackcastError

if TYPE_CHECKING:
    import xarray as xr

PARTIAL = ".partial-"
JOURNAL = ".journal.json"


class WriteFailed(StackcastError, OSError):
    """The disk would not take what was to be written; nothing was left behind."""


def whole_folder(target: Path, *, instead: Path | None = None) -> AbstractContextManager[Path]:
    """Give a folder to fill that becomes ``target`` at the end, or vanishes on any error.

    What stands at ``target`` already, and is not empty, is an error; or it is kept as ``instead``, where that is given.

    Raises
    ------
    WriteFailed
        When the disk is full, or may not be written.
    """

    def finish(partial: Path) -> None:
        if instead is not None and os.path.lexists(target):
            shutil.rmtree(instead, ignore_errors=True)
            target.rename(instead)
        partial.rename(target)

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
    partial = place / f"{PARTIAL}{target.name}-{os.getpid()}"
    try:
        place.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
        yield partial
        for path in sorted(partial.rglob("*")):
            if path.is_file():
                sync(path)
        finish(partial)
        sync(place)
    except OSError as error:
        raise WriteFailed(f"{target}: cannot be written ({error.strerror or error}); nothing was kept") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


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


def replace_text(path: Path, text: str) -> None:
    """Replace a text file in one step."""
    replace_bytes(path, text.encode())


def replace_bytes(path: Path, content: bytes) -> None:
    """Replace a file in one step."""
    partial = path.with_name(f"{PARTIAL}{path.name}-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        sync(partial)
        partial.replace(path)
        sync(path.parent)
    except OSError as error:
        raise WriteFailed(f"{path}: cannot be written ({error.strerror or error}); nothing was changed") from error
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def locked(folder: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold a folder's lock: one writer, or any number of readers (``shared``).

    The system lets go of it when the process ends, however it ends. What a killed :func:`replace_together` had decided
    is carried out first, so nobody sees half of it.

    Raises
    ------
    WriteFailed
        When an interrupted change cannot be finished.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        while (folder / JOURNAL).exists():
            fcntl.flock(handle, fcntl.LOCK_EX)
            _finish(folder)
            fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def replace_together(folder: Path, texts: Mapping[Path, str | None]) -> None:
    """Replace several files of a folder as one step. The caller holds the lock.

    A text of None removes its file, and a folder in ``folder`` that has none left.

    The journal's appearance decides: before it nothing has changed, after it the next holder of the lock finishes.
    """
    for place in {folder, *(path.parent for path in texts)}:
        for stray in place.glob(f"{PARTIAL}*"):  # a killed writer's
            if stray.is_file():
                stray.unlink()
    journal = {path.relative_to(folder).as_posix(): text for path, text in texts.items()}
    replace_text(folder / JOURNAL, json.dumps(journal))
    _finish(folder)


def _finish(folder: Path) -> None:
    path = folder / JOURNAL
    if not path.exists():
        return
    for name, text in _journal(path).items():
        if not (folder / name).resolve().is_relative_to(folder.resolve()):
            raise WriteFailed(f"{path}: names a file outside the folder ({name}); remove it by hand")
        if text is None:
            (folder / name).unlink(missing_ok=True)
            with suppress(OSError):
                (folder / name).parent.rmdir()
        else:
            replace_text(folder / name, text)
    path.unlink()
    sync(folder)


def _journal(path: Path) -> dict[str, str | None]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WriteFailed(f"{path}: cannot be read ({error}); look at what it was to change, and remove it") from None
    if not isinstance(found, dict) or not all(text is None or isinstance(text, str) for text in found.values()):
        raise WriteFailed(f"{path}: is no list of changes; look at what it was to change, and remove it")
    return found


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
