"""The process around a verb: output that closes or is full, interrupts inside compiled code, its end."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast

from stackcast.errors import StackcastError

AGAIN = 0.05
"""Seconds until an interrupt that landed in a callback is raised again."""


class OutputClosed(StackcastError):
    """The reader of the output has gone; there is nobody to tell."""

    exit_status = 128 + signal.SIGPIPE


class OutputFailed(StackcastError):
    """The output cannot be written, as on a full disk."""


class _Guarded:
    """A text stream whose failures are errors of stackcast: libraries that print handle OSError on their own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with self._failures():
            return self._stream.write(text)

    def flush(self) -> None:
        with self._failures():
            self._stream.flush()

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            with suppress(AttributeError, OSError, ValueError):  # what is buffered goes nowhere
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            if isinstance(error, BrokenPipeError):
                raise OutputClosed from None
            raise OutputFailed(f"the output cannot be written ({error.strerror})") from None


@contextmanager
def guarded_output() -> Iterator[None]:
    """Print what the terminal's encoding lacks as question marks, and turn failed writes into errors of stackcast."""
    before = sys.stdout
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # a test's own stream may have no encoding
            cast(Any, stream).reconfigure(errors="replace")
    sys.stdout = cast(TextIO, _Guarded(before))
    try:
        yield
        sys.stdout.flush()
    finally:
        sys.stdout = before


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C end a verb also where it lands in a callback from compiled code, which can raise nothing itself.

    The compiler of Numba calls Python through ctypes, and what is raised there is printed and dropped. An interrupt is
    raised again a moment later, until it lands outside.
    """

    def dropped(unraisable: Any) -> None:
        if unraisable.exc_type is KeyboardInterrupt:
            signal.setitimer(signal.ITIMER_REAL, AGAIN)
        else:
            hook(unraisable)

    def raised_again(*_: object) -> None:
        raise KeyboardInterrupt

    hook, alarm = sys.unraisablehook, signal.signal(signal.SIGALRM, raised_again)
    sys.unraisablehook = dropped
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, alarm)
        sys.unraisablehook = hook


def end(status: int) -> None:
    """End the process at once: after an interrupt, compiled code may be half made, and taking it down may crash."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)
