"""The process around a verb: output that closes or is full, interrupts inside compiled code, its end."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast

from stackcast.errors import StackcastError

AGAIN, LATER = 0.05, 0.5
"""Seconds until an interrupt is raised again: one that landed in a callback, and one that may have been caught."""


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
    """Let Ctrl-C end a verb wherever it lands.

    What is raised in a callback from compiled code is printed and dropped (Numba's compiler calls Python through
    ctypes), and some libraries catch everything while they are imported. So an interrupt is raised again, a moment
    later, until it has left the verb; not while something is handling it, which may be clearing up.
    """

    def pressed(*_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, LATER)
        raise KeyboardInterrupt

    def dropped(unraisable: Any) -> None:
        if unraisable.exc_type is KeyboardInterrupt:
            signal.setitimer(signal.ITIMER_REAL, AGAIN)
        else:
            hook(unraisable)

    def raised_again(*_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, LATER)
        if not _handled(sys.exception()):
            raise KeyboardInterrupt

    hook, alarm = sys.unraisablehook, signal.signal(signal.SIGALRM, raised_again)
    interrupt = signal.getsignal(signal.SIGINT)
    if interrupt is signal.default_int_handler:  # a shell's background job ignores interrupts, and shall
        signal.signal(signal.SIGINT, pressed)
    sys.unraisablehook = dropped
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, alarm)
        signal.signal(signal.SIGINT, interrupt)
        sys.unraisablehook = hook


def _handled(error: BaseException | None) -> bool:
    """Whether an error that is being handled is an interrupt, or came while one was."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


def end(status: int) -> None:
    """End the process at once: after an interrupt, compiled code may be half made, and taking it down may crash."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)
