"""A run folder: its name, its files, and how it is read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from stackcast.errors import GateRefused, InputError
from stackcast.files.documents import did_you_mean
from stackcast.priors.debate import Debate
from stackcast.priors.schema import Scale
from stackcast.settings import FitSettings

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
FORMAT = 1
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Run:
    """A finished run; tables are read when they are asked for."""

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
        """Gates, and each rung of the ladder that was climbed."""
        return dict(json.loads((self.path / DIAGNOSTICS).read_text(encoding="utf-8")))

    @property
    def passed(self) -> bool:
        """Whether every gate holds."""
        return all(gate["passed"] for gate in self.diagnostics["gates"])

    @property
    def declared(self) -> bool:
        """Whether the run has the neutral priors, and effects, criterion and weights as they are declared."""
        return FitSettings.from_json(self.manifest["inputs"]["order"]).declared(self.debate)

    @cached_property
    def debate(self) -> Debate:
        """The debate as it was declared when the run was made."""
        return Debate.model_validate(self._described("debate"))

    @cached_property
    def scales(self) -> dict[str, Scale]:
        """How the values of each gap are printed, by facet."""
        return {name: Scale.model_validate(given) for name, given in self._described("scales").items()}

    @property
    def horizons(self) -> dict[str, str]:
        """Last days of the quarters that reports name: ``now``, ``near`` while it lies ahead, and ``far``."""
        return dict(self._described("horizons"))

    def _described(self, key: str) -> dict[str, Any]:
        if key not in self.manifest:
            raise InputError(f"{self.path / MANIFEST}: no {key!r}: an earlier stackcast made this run; fit it again")
        return dict(self.manifest[key])

    def table(self, name: str) -> pd.DataFrame:
        """Return one of :data:`TABLES`."""
        if name not in TABLES:
            raise InputError(f"no table {name!r} in a run{did_you_mean(name, TABLES)}")
        path = self.path / f"{name}.csv"
        if not path.is_file():
            raise InputError(f"{path}: missing; a run of an earlier stackcast has none, `stackcast fit` makes it again")
        return pd.read_csv(path, keep_default_na=False, na_values=[""])

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
    """Return the finished runs of a folder, the one made first first."""
    found = [Run(p.parent) for p in folder.glob(f"*/{MANIFEST}") if not p.parent.name.startswith(".")]
    return sorted((r for r in found if "debate" in r.manifest), key=lambda r: (r.manifest["finished"], r.name))


def load_run(name: str | Path | None = None, folder: Path | str = "runs") -> Run:
    """Return a run by its path, its name or the beginning of its name; the latest headline when none is given.

    The latest headline is the run with the latest as-of date, of those that passed their gates, if possible with
    everything as declared (:attr:`Run.declared`).

    Raises
    ------
    InputError
        When there is no such run, or more than one.
    """
    folder = Path(folder)
    runs = list_runs(folder) if folder.is_dir() else []
    if name is None:
        if not runs:
            raise InputError(f"{folder}: no run yet; make one with `stackcast fit`")
        return max(runs, key=lambda r: (r.passed, r.declared, r.manifest["as_of"], r.manifest["finished"]))
    if (Path(name) / MANIFEST).is_file():
        return Run(Path(name))
    matches = [r for r in runs if r.name == str(name)] or [r for r in runs if r.name.startswith(str(name))]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise InputError(f"{name!r} fits {len(matches)} runs: {', '.join(r.name for r in matches)}")
    raise InputError(f"no run {name!r} in {folder}{did_you_mean(str(name), [r.name for r in runs])}")


def latest_passed(folder: Path) -> Run | None:
    """Return the latest headline (as :func:`load_run`), or None when no run has passed."""
    if not folder.is_dir() or not any(run.passed for run in list_runs(folder)):
        return None
    return load_run(folder=folder)


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
