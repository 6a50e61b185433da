"""The command line: thin, every verb is one call of a Python function."""

import sys


def main() -> None:
    """Run ``stackcast``."""
    from stackcast.cli.app import run

    sys.exit(run())
