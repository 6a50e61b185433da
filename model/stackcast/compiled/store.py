"""Compiled code on disk: one file a key, written whole; the least recently used are evicted."""

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from stackcast.caches import cache_folder
from stackcast.files.atomic import WriteFailed, replace_bytes

KEPT = 24
"""Number of files kept, of some 7 MB each."""
SUFFIX = ".code"
CHECK = hashlib.sha256().digest_size


@dataclass(frozen=True)
class CodeStore:
    """A folder of compiled code.

    Attributes
    ----------
    folder
        Where the files are. If it cannot be written or read, nothing is kept and nothing fails.
    kept
        Number of files kept.
    """

    folder: Path
    kept: int = KEPT

    def get(self, key: str) -> bytes | None:
        """Return the content of a key; None where it is absent or damaged."""
        path = self._path(key)
        try:
            whole = path.read_bytes()
        except OSError:
            return None
        check, content = whole[:CHECK], whole[CHECK:]
        if hashlib.sha256(content).digest() != check:
            return None
        with suppress(OSError):
            os.utime(path)
        return content

    def put(self, key: str, content: bytes) -> None:
        """Store the content, and evict the least recently used."""
        with suppress(WriteFailed, OSError):
            replace_bytes(self._path(key), hashlib.sha256(content).digest() + content)
            self._prune()

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{SUFFIX}"

    def _prune(self) -> None:
        by_use = sorted(self.folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in by_use[self.kept :]:
            path.unlink(missing_ok=True)


def compile_cache() -> CodeStore:
    """Return the store of this user."""
    return CodeStore(cache_folder())
