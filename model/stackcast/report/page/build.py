"""Write the page of a run, and its charts as files beside it."""

from dataclasses import replace
from pathlib import Path

from stackcast.project import Project
from stackcast.report.page.parts import PARTS
from stackcast.report.page.render import png_of, render, svg_of
from stackcast.report.page.section import Chart, Link, Section, Source, Table
from stackcast.runs.contents import PAGE
from stackcast.runs.folder import Run

__all__ = ["FIGURES", "PAGE", "sections_of", "write_page"]

FIGURES = "figures"


def sections_of(run: Run, project: Project, folder: Path) -> tuple[Section, ...]:
    """Return the sections of a run's page.

    Parameters
    ----------
    run
        The run.
    project
        Its project.
    folder
        Folder of the runs: earlier runs, other prior scenarios, backtest and calibration are read from it.
    """
    source = Source(run, project, folder)
    return tuple(_without_empty(section) for part in PARTS if (section := part(source)) is not None)


def _without_empty(section: Section) -> Section:
    """Leave out tables without a row."""
    blocks = tuple(b for b in section.blocks if not (isinstance(b, Table) and not b.rows))
    return replace(section, blocks=blocks)


def write_page(run: Run, project: Project, folder: Path, target: Path) -> None:
    """Write the page, and its charts as SVG and PNG in a folder beside it.

    Raises
    ------
    GateRefused
        When the run failed a gate.
    WriteFailed
        When the disk is full, or may not be written.
    """
    from stackcast.files.atomic import replace_text, require_writable, whole_folder

    require_writable(target.parent)
    sections = sections_of(run.require_passed(), project, folder)
    manifest, debate = run.manifest, run.debate
    essay = debate.essay
    credit = None if essay is None else Link(essay.address, f"{essay.author}, “{essay.title}”, {essay.day}")
    subtitle = f"As of {manifest['as_of']} · prior scenario {manifest['prior_scenario']} · {run.name}"
    text = render(sections, debate.title, subtitle, credit)
    with whole_folder(target.parent / FIGURES, replace=True) as partial:
        for chart in (b for s in sections for b in s.blocks if isinstance(b, Chart)):
            (partial / f"{chart.name}.svg").write_text(svg_of(chart), encoding="utf-8")
            (partial / f"{chart.name}.png").write_bytes(png_of(chart))
    replace_text(target, text)
