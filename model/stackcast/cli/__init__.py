"""The command line: thin, every verb is one call of a Python function."""

import sys
from signal import SIG_DFL, SIGINT, default_int_handler, getsignal
from signal import signal as handle


def main() -> None:
    """Run ``stackcast``; an interrupt that comes while it is loaded ends it without a word."""
    heard = getsignal(SIGINT)
    if heard is default_int_handler:
        handle(SIGINT, SIG_DFL)
    from stackcast.cli.app import run

    handle(SIGINT, heard)
    sys.exit(run())
