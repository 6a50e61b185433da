"""The protocol by which long work reports its progress."""

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Called with the share of the work that is done, 0 to 1, and a word on what is under way."""


def no_progress(share: float, word: str) -> None:
    """Show nothing."""


def within(progress: Progress, begin: float, end: float) -> Progress:
    """Return the progress of a part of the work, which runs from ``begin`` to ``end`` of the whole."""

    def part(share: float, word: str) -> None:
        progress(begin + (end - begin) * share, word)

    return part
