"""Options that several verbs share, and how their text is read."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from stackcast.errors import InputError
from stackcast.project_folder import project_above, require_project


def _in_project(context: typer.Context, project: Path) -> Path:
    """Return the project that a folder lies in; refuse where there is none, unless --out names the runs."""
    if context.resilient_parsing:
        return project
    found = project_above(project)
    if context.params.get("out") is None:
        require_project(found)
    return found


ProjectOption = Annotated[
    Path,
    typer.Option(
        "--project",
        help="Folder with observations/ and priors/, or one inside it.",
        show_default=".",
        callback=_in_project,
    ),
]
RunsOption = Annotated[Path | None, typer.Option("--out", help="Folder of the runs; runs/ in the project by default.")]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="DATE", help="Date up to which knowledge counts, such as 2026-05-31; today by default."
    ),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Dask scheduler such as tcp://host:8786; workers on this machine by default."),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(min=1, help="Workers on this machine, a core each; by default limited by memory."),
]


def parse_day(text: str | None, today: date) -> date:
    """Read an as-of date; it may not lie in the future."""
    if text is None:
        return today
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise InputError(f"--as-of {text!r}: must be a date such as 2026-05-31") from None
    if day > today:
        raise InputError(f"--as-of {text}: lies in the future (today is {today})")
    return day


def parse_weights(text: str) -> tuple[tuple[str, float], ...]:
    """Read ``name=weight,name=weight``."""
    pairs = []
    for part in filter(None, text.split(",")):
        name, _, weight = part.partition("=")
        try:
            pairs.append((name.strip(), float(weight)))
        except ValueError:
            raise InputError(f"--weights {part!r}: must be a name and a number, such as models.spend=2") from None
    return tuple(sorted(pairs))
