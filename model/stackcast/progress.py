"""The protocol by which long work reports its progress."""

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Called with the share of the work that is done, 0 to 1, and a word on what is under way."""


def no_progress(share: float, word: str) -> None:
    """Show nothing."""
