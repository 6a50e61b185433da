"""Bring ``observations/`` from an older format to this one, in one step.

Format 2 adds ``retractions.csv`` and holds labels under bare names in lower case, where they can be patterns. Format 3
calls a signal beside a facet's reference secondary, and no longer a source.
"""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import yaml

from stackcast.errors import InputError
from stackcast.files.edits import Edits
from stackcast.observations.labels import COLUMNS as LABEL_COLUMNS
from stackcast.observations.labels import PATH as LABELS
from stackcast.observations.labels import bare
from stackcast.observations.schema import FORMAT, RETRACTION_COLUMNS
from stackcast.observations.store import DEFINITIONS, QUESTIONS, RETRACTIONS

Texts = dict[Path, str | None]


def migrated(folder: Path) -> Texts:
    """Return the files that change; empty when the format is current.

    Raises
    ------
    InputError
        When the format is not a number, or is later than this program's.
    """
    texts: Texts = {}
    version = _version(folder)
    for step in range(version, FORMAT):
        texts |= STEPS[step](folder, texts)
    return texts


def _version(folder: Path) -> int:
    found = {_format_of(path) for path in _formatted(folder)}
    version = min(found)
    if max(found) > FORMAT:
        raise InputError(f"{folder}: format {max(found)} is later than this stackcast's ({FORMAT}); upgrade")
    return version


def _formatted(folder: Path) -> list[Path]:
    """Return the files that state their format; there may be no questions."""
    return [folder / name for name in (DEFINITIONS, QUESTIONS) if name == DEFINITIONS or (folder / name).exists()]


def _format_of(path: Path) -> int:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return int(content["format"])
    except (OSError, yaml.YAMLError, TypeError, KeyError, ValueError):
        raise InputError(f"{path}: cannot be read, or has no number after 'format:'") from None


def _to_2(folder: Path, texts: Texts) -> Texts:
    changed: Texts = {}
    for path in _formatted(folder):
        lines = (texts.get(path) or path.read_text(encoding="utf-8")).splitlines(keepends=True)
        changed[path] = "".join("format: 2\n" if line.startswith("format:") else line for line in lines)
    if not (folder / RETRACTIONS).exists():
        changed[folder / RETRACTIONS] = ",".join(RETRACTION_COLUMNS) + "\n"
    path = folder / LABELS
    if not path.exists():
        return changed
    head, *rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
    earliest: dict[tuple[str, str], list[str]] = {}
    for row in sorted(rows, key=lambda r: r[LABEL_COLUMNS.index("from_date")]):
        name = bare(row[0])
        earliest.setdefault((name, row[1]), [name, *row[1:]])
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([head or LABEL_COLUMNS, *sorted(earliest.values())])
    return changed | {path: out.getvalue()}


def _to_3(folder: Path, texts: Texts) -> Texts:
    changed: Texts = {}
    for path in _formatted(folder):
        edits = Edits(texts.get(path) or path.read_text(encoding="utf-8"))
        for slug, signal in (edits.value("signals") or {}).items():
            if signal.get("role") == "source":
                edits.put(("signals", slug, "role"), "secondary")
        edits.put(("format",), "3")
        changed[path] = edits.text()
    return changed


STEPS: dict[int, Callable[[Path, Texts], Texts]] = {1: _to_2, 2: _to_3}
