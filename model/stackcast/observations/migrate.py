"""Bring ``observations/`` from an older format to this one, in one step.

Format 2 adds ``retractions.csv`` and holds labels under bare names in lower case, where they can be patterns. Format 3
calls a signal beside a facet's reference secondary, and no longer a source. In every format a row whose id is not that
of its signal, period and publication gets this id, and its retraction with it.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from stackcast.errors import InputError, Problem, ProblemsFound
from stackcast.files.edits import Edits
from stackcast.files.text import read_text
from stackcast.files.yaml_text import load_yaml
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
        return int(_content(path, read_text(path))["format"])
    except (TypeError, KeyError, ValueError):
        raise InputError(f"{path}: cannot be read, or has no number after 'format:'") from None


def _to_2(folder: Path, texts: Texts) -> Texts:
    changed: Texts = {}
    for path in _formatted(folder):
        lines = (texts.get(path) or read_text(path)).splitlines(keepends=True)
        changed[path] = "".join("format: 2\n" if line.startswith("format:") else line for line in lines)
    if not (folder / RETRACTIONS).exists():
        changed[folder / RETRACTIONS] = ",".join(RETRACTION_COLUMNS) + "\n"
    path = folder / LABELS
    if not path.exists():
        return changed
    head, *rows = _cells(path) or [[]]
    for line, row in enumerate(rows, 2):
        if len(row) != len(LABEL_COLUMNS):
            message = f"{len(row)} cells, and a label has {len(LABEL_COLUMNS)}: {','.join(LABEL_COLUMNS)}"
            raise ProblemsFound([Problem(path, line, "1", message)])
    earliest: dict[tuple[str, str], list[str]] = {}
    for row in sorted(rows, key=lambda r: r[LABEL_COLUMNS.index("from_date")]):
        name = bare(row[0])
        earliest.setdefault((name, row[1]), [name, *row[1:]])
    return changed | {path: _text([list(head or LABEL_COLUMNS), *sorted(earliest.values())])}


def _to_3(folder: Path, texts: Texts) -> Texts:
    changed: Texts = {}
    for path in _formatted(folder):
        edits = Edits(texts.get(path) or read_text(path))
        for slug, signal, _ in _measuring({"signals": edits.value("signals")}):
            if signal.get("role") == "source":
                edits.put(("signals", slug, "role"), "secondary")
        edits.put(("format",), "3")
        changed[path] = edits.text()
    return changed


def _with_own_ids(folder: Path, texts: Texts) -> Texts:
    """Return the tables of rows, and the retractions, in which an id changes."""
    place = folder / DEFINITIONS
    changed: Texts = {}
    new: dict[str, str] = {}
    for slug, signal, target in _measuring(_content(place, texts.get(place) or read_text(place))):
        path = folder / target / f"{slug}.csv"
        if path.exists() and (text := _renamed_rows(path, (slug, *signal.get("former_names", ())), new)):
            changed[path] = text
    path = folder / RETRACTIONS
    lines = _cells(path) if path.exists() else []
    if any(cells and cells[0] in new for cells in lines):
        changed[path] = _text([[new.get(cells[0], cells[0]), *cells[1:]] if cells else cells for cells in lines])
    return changed


def _content(path: Path, text: str) -> Any:
    return load_yaml(path, text)[1]


def _measuring(definitions: Any) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Give each signal that says what it measures; what the others lack is told when the result is validated."""
    signals = definitions.get("signals") if isinstance(definitions, dict) else None
    for slug, signal in (signals if isinstance(signals, dict) else {}).items():
        measured = signal.get("measures") if isinstance(signal, dict) else None
        target = (measured.get("facet") or measured.get("claim")) if isinstance(measured, dict) else None
        if isinstance(slug, str) and isinstance(target, str):
            yield slug, signal, target


def _renamed_rows(path: Path, names: tuple[str, ...], new: dict[str, str]) -> str | None:
    """Return the text of a table with an own id for each row, or None if all have it; add to ``new`` what changes."""
    head, *rows = _cells(path) or [[]]
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
    return list(csv.reader(io.StringIO(read_text(path), newline="")))


def _text(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


STEPS: dict[int, Callable[[Path, Texts], Texts]] = {1: _to_2, 2: _to_3}
