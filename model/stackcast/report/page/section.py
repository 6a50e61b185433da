"""The building blocks of the page: sections with charts, tables and prose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from stackcast.explain.prior_scenarios import convergence, opposed
from stackcast.explain.related import earlier_runs, newest_like
from stackcast.forecast.openness import STACK
from stackcast.priors.debate import Debate
from stackcast.project import Project
from stackcast.runs.folder import Run


@dataclass(frozen=True)
class Link:
    """A cell that leads to a source; a URL that is not of the web is shown as text."""

    url: str
    text: str

    @property
    def safe(self) -> bool:
        """Whether it may be a link."""
        return self.url.startswith(("https://", "http://"))


@dataclass(frozen=True)
class Chance:
    """A probability, drawn as a bar beside its number."""

    value: float


@dataclass(frozen=True)
class Noted:
    """A cell with quiet lines under it."""

    text: str
    notes: tuple[str, ...]


Cell = str | Link | Chance | Noted


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes
    ----------
    caption
        What it holds.
    columns
        Headers.
    rows
        Cells; the first of each row is its header.
    numeric
        Places of the columns that are aligned to the right.
    folded
        Whether it is shown only when opened.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numeric: frozenset[int] = frozenset()
    folded: bool = False
    kind: str = "table"


@dataclass(frozen=True)
class Control:
    """A control of a chart: sets one of its parameters.

    Attributes
    ----------
    parameter
        Name of the parameter.
    label
        What it chooses.
    options
        Values and their words; the first is set at the start.
    slider
        Whether the options are places on a slider, in order; the last is set at the start.
    """

    parameter: str
    label: str
    options: Sequence[tuple[str, str]]
    slider: bool = False


@dataclass(frozen=True)
class Chart:
    """A chart of Vega-Lite with its controls.

    Attributes
    ----------
    name
        Name of its files.
    alt
        What it shows, in a sentence.
    spec
        Vega-Lite specification.
    controls
        Controls above it.
    """

    name: str
    alt: str
    spec: Mapping[str, Any]
    controls: Sequence[Control] = ()
    kind: str = "chart"


@dataclass(frozen=True)
class Picture:
    """A static plot that exists as SVG."""

    path: Path
    alt: str
    kind: str = "picture"


@dataclass(frozen=True)
class Prose:
    """A paragraph."""

    text: str
    kind: str = "prose"


@dataclass(frozen=True)
class Missing:
    """A part that has no result yet, and the command that makes it."""

    text: str
    command: str
    kind: str = "missing"


Block = Table | Chart | Picture | Prose | Missing


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes
    ----------
    name
        Anchor.
    title
        What it answers.
    finding
        The answer in a sentence.
    blocks
        What shows it.
    """

    name: str
    title: str
    finding: str
    blocks: tuple[Block, ...] = field(default=())


@dataclass(frozen=True)
class Source:
    """The data of the sections: a run, its project, and related runs."""

    run: Run
    project: Project
    folder: Path

    @cached_property
    def siblings(self) -> list[Run]:
        """Passed runs with the same settings, one an as-of date, up to its own; the last is this run."""
        return earlier_runs(self.run, self.folder)

    @property
    def debate(self) -> Debate:
        """The debate as declared when the run was made."""
        return self.run.debate

    @property
    def whole(self) -> str:
        """The quantity that the page explains: the whole at the last horizon."""
        return f"{STACK}@{self.horizons['far']}"

    @property
    def opposed(self) -> tuple[str, str] | None:
        """The two prior scenarios that are compared, if so many are declared."""
        return opposed(list(self.project.priors.prior_scenarios))

    @cached_property
    def convergence(self) -> Any:
        """Table of their convergence, or None where one has no passed run at the same as-of date."""
        asked = [replace(self.run.settings, prior_scenario=name) for name in self.opposed or ()]
        found = [newest_like(settings, self.folder) for settings in asked]
        runs = [run for run in found if run is not None]
        return convergence(*runs) if len(runs) == 2 else None

    @property
    def horizons(self) -> dict[str, str]:
        """Dates of the headline by word: now, near, far."""
        return self.run.horizons
