"""A progress line with the time left: on a terminal only, on stderr, quiet otherwise."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stackcast.progress import no_progress


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[float, str], None]]:
    """Give a function of the share done and a word on it that keeps one line up to date."""
    if not sys.stderr.isatty():
        yield no_progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda share, word: bar.update(task, completed=share, description=f"{title}: {word}")
