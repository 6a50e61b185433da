"""``stackcast init``: a new project, and what to do with it."""

from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The project's folder; made where there is none.")],
    blank: Annotated[
        bool, typer.Option("--blank", help="Begin another debate: a small invented one, to be written over.")
    ] = False,
) -> None:
    """Make a project: observations/, priors/ and a .gitignore, all of it or nothing.

    Without --blank it is a copy of the debate that stackcast is shipped with. A folder that holds a project or a part
    of one is left as it is.

    [dim]Examples: stackcast init ai-stack;  stackcast init my-debate --blank[/dim]
    """
    from stackcast.project_folder import BLANK, make_project, shipped_project

    written = make_project(folder, BLANK if blank else shipped_project())
    for name, files in written.items():
        typer.echo(f"written: {files} files in {folder / name}")
    if blank:
        typer.echo("All in them is invented, as an example: write your debate over it, as the comments say.")
    typer.echo("next:")
    if folder.resolve() != Path.cwd():
        typer.echo(f"  cd {folder}")
    typer.echo("  stackcast check   reads every file, and lists what is wrong, stale or missing")
    typer.echo("  stackcast fit     makes the forecast and its page; the first fit takes minutes")
