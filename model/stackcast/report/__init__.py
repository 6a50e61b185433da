"""Terminal tables, plots and the page of a run; from Python, every plot and chart by its name."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackcast.report.plots import plots_of

if TYPE_CHECKING:
    from stackcast.project import Project
    from stackcast.runs.folder import Run

__all__ = ["charts_of", "plots_of"]


def charts_of(run: "Run", project: "Project", folder: Path) -> dict[str, Any]:
    """Return the page's charts by name, as Altair's own objects.

    Parameters
    ----------
    run, project
        A run and its project.
    folder
        Folder of the runs: earlier runs and the backtest are read from it.
    """
    import altair

    from stackcast.report.page.build import sections_of
    from stackcast.report.page.section import Chart

    charts = [b for section in sections_of(run, project, folder) for b in section.blocks if isinstance(b, Chart)]
    return {chart.name: altair.Chart.from_dict(dict(chart.spec)) for chart in charts}
