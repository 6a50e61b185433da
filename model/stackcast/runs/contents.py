"""What the folder of a run must hold, sealed by its manifest; and what is wrong with one that another hand changed."""

import csv
import hashlib
import json
import os
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from stackcast.errors import InputError
from stackcast.files.text import shown
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
    "forces",
    "houses",
    "last_figures",
    "fitted",
)
POSTERIOR = "posterior.nc"
DRAWS = "draws.nc"
PRECONDITIONER = "metric.npz"
PAGE = "report.html"
FORMAT = 3
"""The version of a run folder's layout; folders of another one are named and not read."""
NAMED = re.compile(r"\d{4}-\d{2}-\d{2}-.+-[0-9a-f]{10}")
"""The names of runs."""
TOLD = ("horizons", "debate", "scales", "weights")
"""Keys of the manifest that reports are made from."""
AGAIN = "`stackcast fit` makes the run again"


class Loose(BaseModel):
    """Content that may have more keys than are read."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Inputs(Loose):
    """What decides a run's numbers."""

    order: Annotated[dict[str, Any], AfterValidator(lambda order: FitSettings.from_json(order) and order)]
    files: dict[str, str]
    code: str


class Seal(Loose):
    """Size in bytes and SHA-256 of a file as it was written."""

    bytes: int
    sha256: str


class Manifest(Loose):
    """The part of ``manifest.json`` that is read again."""

    name: str
    as_of: date
    prior_scenario: str
    seed: int
    horizons: dict[str, date]
    debate: Debate
    scales: dict[str, Scale]
    weights: dict[str, dict[str, float]]
    inputs: Inputs
    started: Annotated[str, AfterValidator(lambda text: date.fromisoformat(text[:10]) and text)]
    finished: str
    contents: dict[str, Seal] = {}


class Gate(Loose):
    """One gate of ``diagnostics.json``."""

    name: str
    value: float | None
    limit: str
    passed: bool
    worst: str = ""


class Diagnostics(Loose):
    """The part of ``diagnostics.json`` that is read again."""

    gates: list[Gate]


def seal(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write a run's manifest, the last of its files, with the size and the hash of every other one."""
    contents = {name: found for name, found in seals(folder).items() if name != MANIFEST}
    contents[MANIFEST] = _seal_of(manifest)
    write_json(folder / MANIFEST, {**manifest, "contents": contents})


def seals(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the size and the hash of every file of a folder."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return {path.name: {"bytes": path.stat().st_size, "sha256": _hash(path.read_bytes())} for path in files}


def write_json(path: Path, content: Any) -> None:
    """Write JSON, keys in their order, never a NaN."""
    path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def read_json(path: Path, again: str = AGAIN) -> dict[str, Any]:
    """Return the object that a JSON file holds; ``again`` is the cure where it holds none.

    Raises
    ------
    InputError
        When the file cannot be read, or holds no object.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: missing; {again}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is cut or no JSON ({error}); {again}") from None
    if not isinstance(found, dict):
        raise InputError(f"{path}: is no JSON object (found {shown(found)}); {again}")
    return found


def candidates(folder: Path) -> list[Path]:
    """Return what in a folder is a run, or has the name of one.

    Raises
    ------
    InputError
        When the folder is a file, or cannot be read.
    """
    if not os.path.lexists(folder):
        return []
    try:
        entries = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError as error:
        raise InputError(f"{folder}: is no folder of runs ({error.strerror or error})") from None
    return sorted(p for p in entries if os.path.lexists(p / MANIFEST) or NAMED.fullmatch(p.name))


def damage(path: Path) -> str:
    """Say in one line why a run's folder cannot be read; empty where it can.

    The tables are held against their hashes, what is larger against its size; its hash is seen to when it is read.
    """
    try:
        manifest = _read_manifest(path)
        if wrong := _other_format(path, manifest):
            return wrong
        sealed = dict(checked(path / MANIFEST, Manifest, manifest).contents)
        told = sealed.pop(MANIFEST, None)
        if told is not None and told.sha256 != _seal_of(manifest)["sha256"]:
            return f"{path}: {MANIFEST} is damaged or changed: it does not say what was written; {AGAIN}"
        checked(path / DIAGNOSTICS, Diagnostics, read_json(path / DIAGNOSTICS))
        for name in (*(f"{table}.csv" for table in TABLES), DRAWS, *sealed):
            require_whole(path / name, sealed.get(name), hashed=name.endswith((".csv", ".json")))
    except InputError as error:
        return str(error)
    return ""


def _read_manifest(path: Path) -> dict[str, Any]:
    if os.path.lexists(path) and not path.is_dir():
        raise InputError(f"{path}: is no folder, and has the name of a run; move it away")
    try:
        return read_json(path / MANIFEST)
    except InputError as error:
        why = str(error).removeprefix(f"{path / MANIFEST}: ")
        raise InputError(f"{path}: {MANIFEST} is not that of a run ({why})") from None


def _seal_of(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the seal of what no other file says."""
    return seal_of({key: manifest[key] for key in TOLD})


def seal_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the size and the hash of what a file tells, without what it says of other files."""
    text = json.dumps(told, sort_keys=True).encode()
    return {"bytes": len(text), "sha256": _hash(text)}


def require_whole(path: Path, sealed: Seal | None, *, hashed: bool = True, again: str = AGAIN) -> None:
    """Refuse a file of a run that is missing, cut or changed.

    Parameters
    ----------
    path
        The file.
    sealed
        As it was written; None for a file that was written later, or by a version that did not say.
    hashed
        Whether its content is looked at, and not its size alone.
    again
        How it is made again.

    Raises
    ------
    InputError
        Naming the file and the cure.
    """
    try:
        if not path.is_file():
            raise InputError(f"{path}: missing; {again}")
        if sealed is not None and path.stat().st_size != sealed.bytes:
            raise InputError(f"{path}: is cut or changed: {path.stat().st_size} bytes, {sealed.bytes} written; {again}")
        if hashed and sealed is not None and _hash(path.read_bytes()) != sealed.sha256:
            raise InputError(f"{path}: is damaged or changed: its content is not what was written; {again}")
        if hashed and sealed is None and path.suffix == ".csv":
            _require_even(path, again)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None


def _require_even(path: Path, again: str) -> None:
    """Refuse a table that does not end in a line end, or whose lines are of different lengths."""
    try:
        text = path.read_text(encoding="utf-8")
        even = len({len(cells) for cells in csv.reader(text.splitlines(), strict=True)}) == 1
    except (ValueError, csv.Error):
        even = False
    if not even or not text.endswith("\n"):
        raise InputError(f"{path}: is cut or no table; {again}")


def _other_format(path: Path, manifest: Mapping[str, Any]) -> str:
    found = manifest.get("format")
    if isinstance(found, bool) or not isinstance(found, int):
        return f"{path}: {MANIFEST} is not that of a run"
    if found > FORMAT:
        return f"{path}: a run of format {found}, of a later stackcast; this one reads format {FORMAT}"
    if found < FORMAT:
        return f"{path}: a run of format {found}, too old to be read (format {FORMAT}); `stackcast fit` makes it again"
    return ""


def checked[Schema: BaseModel](
    path: Path, schema: type[Schema], content: Mapping[str, Any], again: str = AGAIN
) -> Schema:
    """Return what a file holds by its schema; ``again`` is the cure where it does not.

    Raises
    ------
    InputError
        Naming the first key that is wrong.
    """
    try:
        return schema.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(f"{path}: {where}: {first['msg'].removeprefix('Value error, ')}; {again}") from None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
