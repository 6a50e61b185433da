"""What a process has written for good: what an interrupted command says that it keeps."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Kept:
    """Paths in the order in which they were put in their places."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget what an earlier command wrote."""
        self._paths: list[Path] = []
        self._moving: tuple[Path, int, tuple[Path, ...]] | None = None

    def add(self, paths: Iterable[Path]) -> None:
        """Note what is there for good."""
        self._paths.extend(paths)

    def forget(self, folder: Path) -> None:
        """Forget what was put into a folder that goes, or gets another name."""
        self._paths = [path for path in self._paths if not path.is_relative_to(folder)]

    @contextmanager
    def putting(self, source: Path, target: Path, stays: Iterable[Path]) -> Iterator[None]:
        """Note what stays once ``source`` has become ``target``; so an interrupt right after that is told as well."""
        self._moving = target, source.stat().st_ino, tuple(stays)
        yield
        self.add(self._moving[2])
        self._moving = None

    @contextmanager
    def noting(self, folder: Path) -> Iterator[None]:
        """Note also what other processes put into a folder, such as the workers of a command."""
        before = set(folder.glob("[!.]*"))
        try:
            yield
        finally:
            self.add(sorted({*folder.glob("[!.]*")} - before))

    @property
    def paths(self) -> list[Path]:
        """What is there by now, each path once."""
        found = list(self._paths)
        if self._moving is not None:
            target, number, stays = self._moving
            with suppress(OSError):
                found += stays if target.stat().st_ino == number else ()
        return list(dict.fromkeys(found))


kept = Kept()
"""What this process has written."""
