"""Writes that are whole or not there: a folder appears by one rename, a line by one replace."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from model.errors import StackcastError

if TYPE_CHECKING:
    import xarray as xr

PARTIAL = ".partial-"


class WriteFailed(StackcastError, OSError):
    """The disk would not take what was to be written; nothing was left behind."""


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Give a folder to fill that becomes ``target`` at the end, or vanishes on any error.

    Raises
    ------
    WriteFailed
        When the disk is full, or may not be written.
    """
    partial = target.parent / f"{PARTIAL}{target.name}-{os.getpid()}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
        yield partial
        for path in sorted(partial.rglob("*")):
            if path.is_file():
                sync(path)
        partial.rename(target)
        sync(target.parent)
    except OSError as error:
        raise WriteFailed(f"{target}: cannot be written ({error.strerror or error}); nothing was kept") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def replace_text(path: Path, text: str) -> None:
    """Replace a text file in one step."""
    partial = path.with_name(f"{PARTIAL}{path.name}-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        sync(partial)
        partial.replace(path)
    except OSError as error:
        raise WriteFailed(f"{path}: cannot be written ({error.strerror or error}); nothing was changed") from error
    finally:
        partial.unlink(missing_ok=True)


def write_netcdf(data: "xr.Dataset | xr.DataTree", path: Path) -> None:
    """Write NetCDF, built in memory: HDF5 itself crashes the process at exit after a full disk."""
    path.write_bytes(bytes(data.to_netcdf(None, engine="h5netcdf")))


def sync(path: Path) -> None:
    """Make the disk keep a file or a folder's entries."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
