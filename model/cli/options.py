"""Options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

ProjectOption = Annotated[
    Path, typer.Option("--project", help="Folder with observations/ and priors/.", show_default=".")
]
RunsOption = Annotated[Path | None, typer.Option("--out", help="Folder of the runs; runs/ in the project by default.")]
SchedulerOption = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Dask scheduler such as tcp://host:8786; workers on this machine by default."),
]
WorkersOption = Annotated[
    int | None, typer.Option(min=1, help="Workers on this machine, a core each; as many as it bears by default.")
]
