"""Fetch the due sources concurrently, and read them one by one; a failure stops no other source."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Literal

from stackcast.errors import StackcastError
from stackcast.observations.write import with_rows
from stackcast.progress import Progress
from stackcast.project import Project
from stackcast.sources.base import Context
from stackcast.sources.payload import Payload
from stackcast.sources.payloads import SINCE, Origin, fetch_or_read
from stackcast.sources.pull import Pulled, pull_source
from stackcast.sources.recorded import NotRecorded, record
from stackcast.update.due import DueSource

Outcome = Literal["pulled", "not due", "not recorded", "failed"]


@dataclass(frozen=True)
class Gathered:
    """The result of one source.

    Attributes
    ----------
    due
        The source, and why it was asked or not.
    outcome
        Whether it was pulled, not due, not recorded, or failed.
    pulled
        Its rows beside the store, where it was pulled.
    trouble
        Why it failed, or is not recorded: one line.
    """

    due: DueSource
    outcome: Outcome
    pulled: Pulled | None = None
    trouble: str = ""

    @property
    def name(self) -> str:
        """The source's name."""
        return self.due.source.name


def gather(
    sources: Sequence[DueSource],
    origin: Origin,
    project: Project,
    context: Context,
    progress: Progress,
    keep: Path | None = None,
) -> tuple[Gathered, ...]:
    """Fetch or read every source that is due.

    Parameters
    ----------
    sources
        Every source, due or not.
    origin
        Where files come from.
    project, context
        The project, and the context in which files are read.
    progress
        Called with the share of the work done and a word on it.
    keep
        A folder that stores what was fetched (:func:`stackcast.sources.recorded.record`).

    Raises
    ------
    WriteFailed
        When a file cannot be written to ``keep``.
    """
    files = {one.source.name: _begin(one, origin, context) for one in sources if one.due}
    found = []
    for done, one in enumerate(sources):
        progress(done / len(sources), one.source.name)
        if not one.due:
            found.append(Gathered(one, "not due"))
            continue
        found.append(_gather(one, files[one.source.name], project, context, keep))
    return tuple(found)


def _begin(one: DueSource, origin: Origin, context: Context) -> Future[list[Payload]]:
    """Fetch beside the others, in a thread that does not hold up the end of the process."""
    promise = Future[list[Payload]]()

    def run() -> None:
        try:
            promise.set_result(fetch_or_read(one.source, origin, one.since, context))
        except BaseException as error:
            promise.set_exception(error)

    Thread(target=run, daemon=True).start()
    return promise


def _gather(
    one: DueSource, files: Future[list[Payload]], project: Project, context: Context, keep: Path | None
) -> Gathered:
    try:
        payloads = files.result()
    except NotRecorded as why:
        return Gathered(one, "not recorded", trouble=_line(str(why)))
    except StackcastError as why:
        return Gathered(one, "failed", trouble=_line(str(why)))
    if keep is not None:
        record(keep, one.source.name, payloads, context.today)
    try:
        pulled = pull_source(one.source, payloads, project, context, SINCE)
        with_rows(project.root / "observations", project.observations.signals, pulled.rows, today=context.today)
    except StackcastError as why:
        return Gathered(one, "failed", trouble=_line(str(why)))
    except Exception as error:  # a form that its adapter does not foresee must not stop the other sources
        return Gathered(one, "failed", trouble=_line(f"cannot be read ({type(error).__name__}: {error})"))
    return Gathered(one, "pulled", pulled)


def _line(text: str) -> str:
    return " ".join(text.split())
