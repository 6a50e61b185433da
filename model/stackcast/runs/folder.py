"""A run folder: its name, its files, and the access to their content."""

import json
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
from stackcast.priors.schema import Scale
from stackcast.settings import FitSettings

if TYPE_CHECKING:
    import xarray as xr

    from stackcast.project import Project
    from stackcast.runs.context import Context
    from stackcast.runs.draws import Draws

MANIFEST = "manifest.json"
DIAGNOSTICS = "diagnostics.json"
TABLES = (
    "facets",
    "layers",
    "claims",
    "signals",
    "questions",
    "contrasts",
    "pulls",
    "houses",
    "last_figures",
    "fitted",
)
POSTERIOR = "posterior.nc"
DRAWS = "draws.nc"
PRECONDITIONER = "metric.npz"
FORMAT = 2
"""The version of a run folder's layout; folders of another one are named and not read."""
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
        return dict(json.loads((self.path / MANIFEST).read_text(encoding="utf-8")))

    @cached_property
    def diagnostics(self) -> dict[str, Any]:
        """Gates, and each attempt at sampling."""
        return dict(json.loads((self.path / DIAGNOSTICS).read_text(encoding="utf-8")))

    @cached_property
    def settings(self) -> FitSettings:
        """What the run was asked for."""
        return FitSettings.from_json(self.manifest["inputs"]["order"])

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

        return read_tree(self.file(POSTERIOR), *names)

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
        data = read_draws(self.file(DRAWS))
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
        return pd.read_csv(self.file(f"{name}.csv"), keep_default_na=False, na_values=[""])

    def file(self, name: str) -> Path:
        """Return the path of a file of the run, or refuse where it is missing."""
        path = self.path / name
        if not path.is_file():
            raise InputError(f"{path}: missing; `stackcast fit` makes the run again")
        return path

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


def list_runs(folder: Path) -> list[Run]:
    """Return the finished runs of a folder, the one made first first; those of another format are skipped."""
    runs = (Run(path.parent) for path in _manifests(folder) if not other_format(path.parent))
    return sorted(runs, key=lambda r: (r.manifest["finished"], r.name))


def skipped_runs(folder: Path) -> list[str]:
    """Return a line for each run of a folder that is of another format: which, and why it is not read."""
    return [line for path in _manifests(folder) if (line := other_format(path.parent))]


def other_format(path: Path) -> str:
    """Say why a run folder is not read: it is of another format; empty where it is of this one."""
    try:
        found = json.loads((path / MANIFEST).read_text(encoding="utf-8"))["format"]
    except (ValueError, TypeError, KeyError):
        return f"{path}: {MANIFEST} is not that of a run"
    if found == FORMAT:
        return ""
    if isinstance(found, int) and found > FORMAT:
        return f"{path}: a run of format {found}, of a later stackcast; this one reads format {FORMAT}"
    return f"{path}: a run of format {found}, too old to be read (format {FORMAT}); `stackcast fit` makes it again"


def _manifests(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob(f"*/{MANIFEST}") if not p.parent.name.startswith("."))


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
    runs = list_runs(folder)
    if name is None:
        if not runs:
            old = len(skipped_runs(folder))
            skipped = f"no run of format {FORMAT}, and {old} of another" if old else "no run yet"
            raise InputError(f"{folder}: {skipped}; make one with `stackcast fit`")
        return max(runs, key=_rank)
    if (Path(name) / MANIFEST).is_file():
        return _readable(Path(name))
    paths = [path.parent for path in _manifests(folder)]
    matches = [p for p in paths if p.name == str(name)] or [p for p in paths if p.name.startswith(str(name))]
    matches = [p for p in matches if not other_format(p)] or matches
    if len(matches) == 1:
        return _readable(matches[0])
    if matches:
        raise InputError(f"{name!r} fits {len(matches)} runs: {', '.join(p.name for p in matches)}")
    raise InputError(f"no run {name!r} in {folder}{did_you_mean(str(name), [r.name for r in runs])}")


def _rank(run: Run) -> tuple[bool, bool, str, str]:
    return run.passed, run.declared, run.manifest["as_of"], run.manifest["finished"]


def _readable(path: Path) -> Run:
    if wrong := other_format(path):
        raise InputError(wrong)
    return Run(path)


def latest_passed(folder: Path) -> Run | None:
    """Return the latest headline (as :func:`load_run`), or None when no run has passed."""
    return max((run for run in list_runs(folder) if run.passed), key=_rank, default=None)


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


def write_json(path: Path, content: Any) -> None:
    """Write JSON, keys in their order, never a NaN."""
    path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")
