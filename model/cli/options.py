"""Options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

ProjectOption = Annotated[
    Path, typer.Option("--project", help="Folder with observations/ and priors/.", show_default=".")
]
RunsOption = Annotated[Path | None, typer.Option("--out", help="Folder of the runs; runs/ in the project by default.")]
