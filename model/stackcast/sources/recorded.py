"""A folder of source files as their publishers served them, written and read by this module.

``FOLDER/<source>/`` holds the files. The day of a file is what it says itself; else a date that its name begins with
(``2026-11-20-rankings.csv``); else a folder that is named by a date (``FOLDER/<source>/2026-11-20/rankings.csv``).
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from stackcast.errors import InputError, StackcastError
from stackcast.files.atomic import replace_bytes
from stackcast.sources.payload import Payload

LIMIT = 256 * 2**20
"""Largest file that is read, bytes."""
DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?=$|[-_. ])")
LONGEST_NAME = 120


class NotRecorded(StackcastError):
    """A folder of recorded sources holds nothing of this one by that day."""


def recorded(folder: Path, source: str, today: date) -> list[Payload]:
    """Read the recorded files of a source, the oldest first; a file dated after ``today`` is not read.

    Raises
    ------
    NotRecorded
        When there is nothing.
    InputError
        When a file cannot be read, or the date in its name is none.
    """
    home = folder / source
    dated = [(_day(path, home), path) for path in _files(home)]
    known = sorted((day or date.min, path, day) for day, path in dated if day is None or day <= today)
    if not known:
        raise NotRecorded(f"nothing in {home} by {today}" if dated else f"no file in {home}")
    return [read_file(path, day) for _, path, day in known]


def record(folder: Path, source: str, payloads: Sequence[Payload], today: date) -> list[Path]:
    """Keep files so that :func:`recorded` finds them again, each whole or not at all.

    A file that is there already, byte for byte, is left alone.
    """
    kept = []
    for payload in payloads:
        names = _names(str(payload.published or today), _plain(payload.origin))
        paths = (folder / source / name for name in names)
        path = next(p for p in paths if not p.exists() or p.read_bytes() == payload.data)
        if not path.exists():
            replace_bytes(path, payload.data)
        kept.append(path)
    return kept


def read_file(path: Path, published: date | None) -> Payload:
    """Read a file that was saved.

    Raises
    ------
    InputError
        When it is not there, is too large or cannot be read.
    """
    try:
        if path.stat().st_size > LIMIT:
            raise InputError(f"{path}: larger than {LIMIT} bytes")
        return Payload(path.read_bytes(), str(path), published)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None


def _files(home: Path) -> list[Path]:
    found = (path for path in home.rglob("*") if path.is_file())
    return sorted(p for p in found if not any(part.startswith(".") for part in p.relative_to(home).parts))


def _day(path: Path, home: Path) -> date | None:
    """Return the date at the beginning of the file's name, or of the nearest folder that has one."""
    for part in reversed(path.relative_to(home).parts):
        found = DAY.match(part)
        if found:
            try:
                return date.fromisoformat(found[0])
            except ValueError:
                raise InputError(f"{path}: {found[0]!r} is no date") from None
    return None


def _plain(origin: str) -> str:
    """Return the last part of an address without its query, which may hold a key, as a file's name."""
    last = urlsplit(origin).path.rstrip("/").rsplit("/", 1)[-1]
    return re.sub(r"[^A-Za-z0-9._-]+", "-", last).strip("-.")[:LONGEST_NAME] or "file"


def _names(day: str, plain: str) -> Iterator[str]:
    yield f"{day}-{plain}"
    yield from (f"{day}-{number}-{plain}" for number in count(2))
