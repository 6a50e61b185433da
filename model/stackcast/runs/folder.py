"""A run folder: its name, its files, and the access to their content."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from stackcast.errors import GateRefused, InputError
from stackcast.files.documents import did_you_mean
from stackcast.priors.debate import Debate
from stackcast.priors.files import HISTORY
from stackcast.priors.schema import Scale
from stackcast.runs.contents import (
    AGAIN,
    DIAGNOSTICS,
    DRAWS,
    FORMAT,
    MANIFEST,
    POSTERIOR,
    PRECONDITIONER,
    TABLES,
    Manifest,
    candidates,
    damage,
    read_json,
    require_whole,
    write_json,
)
from stackcast.settings import FitSettings

if TYPE_CHECKING:
    import xarray as xr

    from stackcast.project import Project
    from stackcast.runs.contents import Seal
    from stackcast.runs.context import Context
    from stackcast.runs.draws import Draws

__all__ = [
    "DIAGNOSTICS", "DRAWS", "FORMAT", "MANIFEST", "POSTERIOR", "PRECONDITIONER", "TABLES", "Run", "latest_passed",
    "list_runs", "load_run", "skipped_runs", "write_json", "write_tables",
]  # fmt: skip
UNREADABLE = (OSError, ValueError, KeyError, RuntimeError)
"""What the readers of NetCDF raise of a file that is none."""
LOG = logging.getLogger(__name__)
SKIPPED = 5
"""Runs that cannot be read, of which each is named."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Run:
    """A finished run: files are read when they are asked for, the columns of tables are in ``docs/run-folder.md``."""

    path: Path

    @property
    def name(self) -> str:
        """Folder name: ``<as-of>-<prior scenario>-<hash>``."""
        return self.path.name

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What went in, with which versions, when."""
        return read_json(self.path / MANIFEST)

    @cached_property
    def diagnostics(self) -> dict[str, Any]:
        """Gates, and each attempt at sampling."""
        return read_json(self.path / DIAGNOSTICS)

    @cached_property
    def settings(self) -> FitSettings:
        """What the run was asked for."""
        return FitSettings.from_json(self.manifest["inputs"]["order"])

    @property
    def has_history(self) -> bool:
        """Whether the run stands on what earlier stacks say."""
        return self.settings.history and f"priors/{HISTORY}" in self.manifest["inputs"]["files"]

    @property
    def as_of(self) -> date:
        """Date up to which knowledge counts."""
        return self.settings.as_of

    @property
    def declared(self) -> bool:
        """Whether the run has the neutral priors, and effects, criterion and weights as they are declared."""
        return self.settings.declared(self.debate)

    @cached_property
    def debate(self) -> Debate:
        """The debate as it was declared when the run was made."""
        return Debate.model_validate(self.manifest["debate"])

    @cached_property
    def scales(self) -> dict[str, Scale]:
        """How the values of each gap are printed, by facet."""
        return {name: Scale.model_validate(given) for name, given in self.manifest["scales"].items()}

    @property
    def horizons(self) -> dict[str, str]:
        """Last days of the quarters that reports name: ``now``, ``near`` while it lies ahead, and ``far``."""
        return dict(self.manifest["horizons"])

    @property
    def passed(self) -> bool:
        """Whether every gate holds."""
        return all(gate["passed"] for gate in self.diagnostics["gates"])

    @cached_property
    def posterior(self) -> "xr.DataTree":
        """Draws of parameters, openness, claims and predictive observations with their chains, in ArviZ's groups."""
        return self.groups()

    def groups(self, *names: str) -> "xr.DataTree":
        """Return some groups of :attr:`posterior`, read anew, in less time than all of it takes."""
        from stackcast.posterior.tree import read_tree

        path = self.file(POSTERIOR)
        try:
            return read_tree(path, *names)
        except UNREADABLE as error:
            raise InputError(f"{path}: cannot be read ({error}); {AGAIN}") from None

    @cached_property
    def draws(self) -> "Draws":
        """Thinned draws of every path: facets, layers, claims, answers to questions.

        Raises
        ------
        GateRefused
            When the run failed a gate.
        """
        from stackcast.runs.draws import Draws, read_draws

        self.require_passed()
        path = self.file(DRAWS)
        try:
            data = read_draws(path)
        except UNREADABLE as error:
            raise InputError(f"{path}: cannot be read ({error}); {AGAIN}") from None
        return Draws(data, self.as_of, self.horizons, self.debate, self.scales, self.manifest["weights"])

    @property
    def facets(self) -> pd.DataFrame:
        """Facets by quarter, in the unit of the tables.

        ``name, kind, quarter, date``; ``mean`` and quantiles ``q05`` to ``q95``; ``p_high`` of a share, or
        ``p_not_behind`` of a gap; ``prior_mean`` to ``prior_q95``; ``sd_ratio, prior_only, thin, stands_on``.
        """
        return self.table("facets")

    @property
    def layers(self) -> pd.DataFrame:
        """Layers, and the whole as ``stack``, by quarter: open shares.

        ``name, quarter, date``; ``mean`` and quantiles ``q05`` to ``q95``; ``p_high`` at the run's weights, and over
        others ``p_high_weights, p_high_simplex``; ``prior_mean`` to ``prior_q95``; ``prior_only, stands_on``.
        """
        return self.table("layers")

    @property
    def claims(self) -> pd.DataFrame:
        """Claims and sub-claims by quarter, in prior sds.

        ``name, side, quarter, date``; ``mean`` and quantiles ``q05`` to ``q95``; ``p_operates``; ``prior_mean`` to
        ``prior_q95``, ``prior_p_operates``; ``signals, families, dates, thin``.
        """
        return self.table("claims")

    @property
    def signals(self) -> pd.DataFrame:
        """What sources would publish, by quarter, in the unit of each signal's value column.

        ``name, measures, quarter, date``; ``mean`` and quantiles ``q05`` to ``q95``; ``prior_only``.
        """
        return self.table("signals")

    @property
    def questions(self) -> pd.DataFrame:
        """The questions as they were declared, and how probable each is.

        ``id, title, signal, period_start, period_end, threshold, direction, counts_from, closes, resolution,
        if_unpublished``; ``probability, prior_probability, prior_only``.
        """
        return self.table("questions")

    @property
    def contrasts(self) -> pd.DataFrame:
        """Contrasts at the as-of date: strength of the side ``high`` less that of ``low``, in prior sds.

        ``name, title, high, low``; ``mean`` and quantiles ``q05`` to ``q95``; ``p_high_side, prior_p_high_side``.
        """
        return self.table("contrasts")

    def table(self, name: str) -> pd.DataFrame:
        """Return one of :data:`TABLES`."""
        if name not in TABLES:
            raise InputError(f"no table {name!r} in a run{did_you_mean(name, TABLES)}")
        path = self.file(f"{name}.csv")
        try:
            return pd.read_csv(path, keep_default_na=False, na_values=[""])
        except ValueError as error:
            raise InputError(f"{path}: is no table ({error}); {AGAIN}") from None

    def file(self, name: str) -> Path:
        """Return the path of a file of the run.

        Raises
        ------
        InputError
            When it is missing, or is not as it was written.
        """
        path = self.path / name
        require_whole(path, self._contents.get(name))
        return path

    @cached_property
    def _contents(self) -> "Mapping[str, Seal]":
        return Manifest.model_validate(self.manifest).contents

    def context(self, project: "Project") -> "Context":
        """Return the graph's design and the data known, built again from a project, and trajectories in them.

        Raises
        ------
        GateRefused
            When the run failed a gate.
        InputError
            When the project can no longer be fitted with the run's settings.
        """
        from stackcast.runs.context import Context, observe

        design, observed = observe(project, self.settings)
        posterior = self.groups("posterior")["posterior"].dataset
        return Context(design, observed, self.settings, posterior, self.draws.places)

    def require_unchanged(self, project: "Project") -> "Run":
        """Return this run, or refuse a project that is no longer what it was fitted on.

        Raises
        ------
        InputError
            Naming a file that differs.
        """
        before, now = self.manifest["inputs"]["files"], project.files
        changed = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
        if changed:
            raise InputError(
                f"{changed[0]} has changed since {self.name} was fitted; make a new run with `stackcast fit`"
            )
        return self

    def require_passed(self) -> "Run":
        """Return this run, or refuse to present it as a forecast.

        Raises
        ------
        GateRefused
            Naming every gate that failed.
        """
        if self.passed:
            return self
        failed = "; ".join(
            f"{g['name']} is {g['value']}, must be {g['limit']}" for g in self.diagnostics["gates"] if not g["passed"]
        )
        raise GateRefused(f"{self.name} failed its gates and is no forecast: {failed}")


def list_runs(folder: Path, most: int | None = SKIPPED) -> list[Run]:
    """Return the finished runs of a folder, the one made first first.

    What cannot be read is skipped, and named by the logger of this module: one line each, of the first ``most``.

    Raises
    ------
    InputError
        When the folder is a file, or cannot be read.
    """
    wrong = {path: damage(path) for path in candidates(folder)}
    skipped = list(filter(None, wrong.values()))
    for line in skipped[:most]:
        LOG.warning("skipped: %s", line)
    if skipped[len(skipped[:most]) :]:
        LOG.warning("skipped: %d more in %s; `stackcast runs` names them", len(skipped) - len(skipped[:most]), folder)
    runs = (Run(path) for path, line in wrong.items() if not line)
    return sorted(runs, key=lambda r: (r.manifest["finished"], r.name))


def skipped_runs(folder: Path) -> list[str]:
    """Return a line for each run of a folder that cannot be read: which, and why."""
    return list(filter(None, map(damage, candidates(folder))))


def load_run(name: str | Path | None = None, folder: Path | str = "runs") -> Run:
    """Return a run by its path, its name or the beginning of its name; the latest headline when none is given.

    The latest headline is the run with the latest as-of date, of those that passed their gates, if possible with
    everything as declared (:attr:`Run.declared`).

    Raises
    ------
    InputError
        When there is no such run, more than one, or it is of another format.
    """
    folder = Path(folder)
    if name is None:
        runs = list_runs(folder)
        if not runs:
            skipped = len(candidates(folder))
            said = f"no run that can be read, and {skipped} that cannot" if skipped else "no run yet"
            raise InputError(f"{folder}: {said}; make one with `stackcast fit`")
        return _first_whole(runs) or max(runs, key=_rank)
    paths = candidates(folder)
    matches = [p for p in paths if p.name == str(name)] or [p for p in paths if p.name.startswith(str(name))]
    if not matches and os.path.lexists(Path(name) / MANIFEST):
        matches = [Path(name)]
    matches = [p for p in matches if not damage(p)] or matches
    if len(matches) == 1:
        return _readable(matches[0])
    if matches:
        raise InputError(f"{str(name)!r} fits {len(matches)} runs: {', '.join(p.name for p in matches)}")
    raise InputError(f"no run {str(name)!r} in {folder}{did_you_mean(str(name), [p.name for p in paths])}")


def _rank(run: Run) -> tuple[bool, bool, str, str]:
    return run.passed, run.declared, run.manifest["as_of"], run.manifest["finished"]


def _first_whole(runs: list[Run]) -> Run | None:
    """Return the first by rank whose draws are as they were written; one that has others is named."""
    for run in sorted(runs, key=_rank, reverse=True):
        try:
            run.file(DRAWS)
        except InputError as error:
            LOG.warning("skipped: %s", error)
        else:
            return run
    return None


def _readable(path: Path) -> Run:
    if wrong := damage(path):
        raise InputError(wrong)
    return Run(path)


def latest_passed(folder: Path) -> Run | None:
    """Return the latest headline (as :func:`load_run`), or None when no run has passed."""
    return _first_whole([run for run in list_runs(folder) if run.passed])


def write_tables(folder: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write every table as CSV with a fixed number format, so that equal numbers are equal bytes.

    Text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    for name, table in tables.items():
        texts = table.select_dtypes(exclude=["number", "bool"])
        table = table.assign(**{str(column): texts[column].map(_inert) for column in texts})
        table.to_csv(folder / f"{name}.csv", index=False, float_format="%.6g", lineterminator="\n")


def _inert(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
