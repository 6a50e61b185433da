"""Bring ``observations/`` from an older format to this one, in one step.

Format 2 adds ``retractions.csv`` and holds labels under bare names in lower case, where they can be patterns. Format 3
calls a signal beside a facet's reference secondary, and no longer a source. In every format a row whose id is not that
of its signal, period and publication gets this id, and its retraction with it.
"""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import yaml

from stackcast.errors import InputError
from stackcast.files.edits import Edits
from stackcast.observations.labels import COLUMNS as LABEL_COLUMNS
from stackcast.observations.labels import PATH as LABELS
from stackcast.observations.labels import bare
from stackcast.observations.schema import COLUMNS, FORMAT, NUMBERED, RETRACTION_COLUMNS
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
    return texts | _with_own_ids(folder, texts)


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
    head, *rows = _cells(path)
    earliest: dict[tuple[str, str], list[str]] = {}
    for row in sorted(rows, key=lambda r: r[LABEL_COLUMNS.index("from_date")]):
        name = bare(row[0])
        earliest.setdefault((name, row[1]), [name, *row[1:]])
    return changed | {path: _text([list(head or LABEL_COLUMNS), *sorted(earliest.values())])}


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


def _with_own_ids(folder: Path, texts: Texts) -> Texts:
    """Return the tables of rows, and the retractions, in which an id changes."""
    definitions = yaml.safe_load(texts.get(folder / DEFINITIONS) or (folder / DEFINITIONS).read_text(encoding="utf-8"))
    changed: Texts = {}
    new: dict[str, str] = {}
    for slug, signal in (definitions["signals"] or {}).items():
        measured = signal["measures"]
        path = folder / (measured.get("facet") or measured.get("claim")) / f"{slug}.csv"
        if path.exists() and (text := _renamed_rows(path, (slug, *signal.get("former_names", ())), new)):
            changed[path] = text
    path = folder / RETRACTIONS
    lines = _cells(path) if path.exists() else []
    if any(cells and cells[0] in new for cells in lines):
        changed[path] = _text([[new.get(cells[0], cells[0]), *cells[1:]] if cells else cells for cells in lines])
    return changed


def _renamed_rows(path: Path, names: tuple[str, ...], new: dict[str, str]) -> str | None:
    """Return the text of a table with an own id for each row, or None if all have it; add to ``new`` what changes."""
    head, *rows = _cells(path)
    if tuple(head) != COLUMNS:
        return None
    taken: set[str] = set()
    changed = False
    for cells in rows:
        if len(cells) != len(COLUMNS):
            continue
        stems = [f"{name}/{cells[2]}@{cells[3]}" for name in names]
        own = any(re.fullmatch(f"{re.escape(stem)}({NUMBERED})?", cells[0]) for stem in stems)
        if not own or cells[0] in taken:
            free = (stems[0], *(f"{stems[0]}.{n}" for n in range(2, len(rows) + 3)))
            given = {other[0] for other in rows}
            renamed = next(name for name in free if name not in given | taken)
            new.setdefault(cells[0], renamed)
            cells[0], changed = renamed, True
        taken.add(cells[0])
    return _text([head, *rows]) if changed else None


def _cells(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def _text(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


STEPS: dict[int, Callable[[Path, Texts], Texts]] = {1: _to_2, 2: _to_3}
