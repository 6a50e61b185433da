"""Text that people edit: UTF-8, or one clear error at the place of the first byte that is not."""

import codecs
import re
import reprlib
from pathlib import Path
from typing import Any

from stackcast.errors import InputError, Problem, ProblemsFound

OTHERS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
"""Byte order marks of encodings that are not read; the longer ones first, since the shorter ones begin them."""
MARK = "\ufeff"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
"""Control characters but for tabs and line ends, and code points that are no characters."""
CURE = "save the file as UTF-8"
LONGEST = 80
"""Characters of a value that an error shows."""


def read_text(path: Path, *, keep_mark: bool = False) -> str:
    """Return a file's text, its line ends as they stand, without its byte order mark.

    Parameters
    ----------
    path
        The file.
    keep_mark
        Return the byte order mark too, for a text that is to be written again.

    Raises
    ------
    InputError
        When there is no such file, or it cannot be read.
    ProblemsFound
        When it is not UTF-8: with line, column and cure.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: the file is missing") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    for mark, name in OTHERS.items():
        if content.startswith(mark):
            raise ProblemsFound([Problem(path, 1, "1", f"the file is {name}; {CURE}")])
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"byte 0x{content[error.start]:02x} is not UTF-8; {CURE}"
        raise _found(path, content[: error.start].decode("utf-8"), message) from None
    if text.count("\0") > len(text) / 4:
        raise ProblemsFound([Problem(path, 1, "1", f"the file seems to be UTF-16 or UTF-32; {CURE}")])
    return text if keep_mark else text.removeprefix(MARK)


def require_plain(path: Path, text: str) -> None:
    """Refuse control characters.

    Raises
    ------
    ProblemsFound
        At the first of them.
    """
    if found := CONTROL.search(text):
        raise _found(path, text[: found.start()], f"{shown(found.group())} is a control character; remove it")


def _found(path: Path, before: str, message: str) -> ProblemsFound:
    """Return a problem behind the text that stands before it."""
    lines = re.split(r"\r\n|\r|\n", before)
    return ProblemsFound([Problem(path, len(lines), str(len(lines[-1]) + 1), message)])


def shown(value: Any) -> str:
    """Return a value as an error shows it: on one line, cut in the middle where it is long."""
    brief = reprlib.Repr(maxstring=LONGEST, maxother=LONGEST, maxlong=LONGEST, maxlevel=2)
    return brief.repr(value)
