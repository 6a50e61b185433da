"""Insert lines into ``labels/models.csv``, sorted by name and day."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from stackcast.errors import ProblemsFound
from stackcast.files.tables import Line, line_end, line_of, read_table, whole_lines
from stackcast.observations.labels import COLUMNS, PATH, Label


def with_labels(folder: Path, fresh: Sequence[Label]) -> dict[Path, str | None]:
    """Return the label table with more lines, for :func:`stackcast.project.change_observations`.

    Raises
    ------
    ProblemsFound
        When the table is wrong already.
    """
    path = folder / PATH
    lines, texts = _read(path) if path.parent.is_dir() else ([], [line_of(COLUMNS)])
    end = line_end(texts)
    for label in sorted(fresh, key=_order, reverse=True):
        before = sum(_order(line.row) <= _order(label) for line in lines)
        place = lines[before - 1].number if before else 1
        texts.insert(place, line_of(getattr(label, name) for name in COLUMNS).removesuffix("\n") + end)
    return {path: "".join(texts)}


def _read(path: Path) -> tuple[list[Line[Label]], list[str]]:
    lines, problems = read_table(path, COLUMNS, Label)
    if problems:
        raise ProblemsFound(problems)
    return lines, whole_lines(path)


def _order(label: Label) -> tuple[str, date]:
    return label.model, label.from_date
