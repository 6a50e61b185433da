"""One plot a file; every plot takes tables."""

from pathlib import Path

from model.project import Project
from model.runs.folder import Run


def draw_all(run: Run, project: Project, folder: Path) -> None:
    """Draw every plot of a run into a folder."""
    folder.mkdir(exist_ok=True)
