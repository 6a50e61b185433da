"""Interrupts of a verb at a named moment: each stage that it tells, and each change of a file, before and after."""

import fcntl
import os
import re
from contextlib import contextmanager
from pathlib import Path

from stackcast.files.atomic import PARTIAL

CHANGES = ("mkdir", "rename", "replace", "unlink", "write_text", "write_bytes")
"""Methods of ``Path`` that change the disk."""
CHANCE = re.compile(r"[0-9a-f]{8,}")


class Moments:
    """The moments of a verb by their names, in order; at the first of one name it is interrupted.

    Attributes
    ----------
    names
        Those that were reached.
    at
        The name of the moment of the interrupt; None never interrupts.
    """

    def __init__(self, root, at=None):
        self.root, self.at, self.names, self.fired = root, at, [], False

    def __call__(self, name):
        self.names.append(name)
        if name == self.at and not self.fired:
            self.fired = True
            raise KeyboardInterrupt

    def of_file(self, path):
        """Return the name of a file in the project, without what is left to chance in it; None of others.

        Files of one kind in a folder that is not yet whole have one name.
        """
        path = Path(path).absolute()
        if not path.is_relative_to(self.root):
            return None
        if path.parent.name.startswith(PARTIAL):
            path = path.with_stem("*")
        return CHANCE.sub("*", path.relative_to(self.root).as_posix())


def watch(put, moments):
    """Let the moments be reached; ``put`` is monkeypatch's ``setattr``."""

    @contextmanager
    def told(title):
        yield lambda _, word: moments(f"{title}: {word}")

    put("stackcast.cli.progress.progress_bar", told)
    for name in CHANGES:
        put(Path, name, _watched(getattr(Path, name), name, moments))


def _watched(change, name, moments):
    def changed(path, *given, **more):
        file = moments.of_file(path)
        if file:
            moments(f"before {name} {file}")
        done = change(path, *given, **more)
        if file:
            moments(f"after {name} {file}")
        return done

    return changed


def is_free(folder):
    """Say whether nobody holds the lock of a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True
