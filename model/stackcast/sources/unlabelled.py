"""Write the unlabelled names of a pull to ``labels/unlabelled.csv``."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from stackcast.errors import InputError
from stackcast.files.atomic import locked, replace_together
from stackcast.files.tables import explained
from stackcast.observations.debt import DebtLine, with_unlabelled
from stackcast.observations.schema import CONTROL, SOURCE
from stackcast.sources.base import MODELS, Reading, significant

LONGEST = 160
"""Number of characters of a publisher's description that are kept."""


def debt_lines(source: str, reading: Reading, *, today: date) -> list[DebtLine]:
    """Return the unlabelled names of a reading as lines of the file; names of labs are left out.

    Raises
    ------
    InputError
        When a name is none that a file can hold, such as one with a line break.
    """
    lines: list[DebtLine] = []
    seen = min(reading.seen or today, today)
    for name, one in reading.unlabelled.items() if reading.labels == MODELS else ():
        cells = {"source": source, "model": name, "measure": reading.measure, "found": _said(one.found)}
        if SOURCE.match(one.page) and not CONTROL.search(one.page):
            cells["page"] = one.page
        share = min(1.0, one.weight / reading.whole)
        given = {"seen": seen, "weight": significant(one.weight), "share": significant(share)}
        try:
            lines.append(DebtLine.model_validate(cells | given))
        except ValidationError as error:
            column, reason = explained(error.errors()[0], cells)
            raise InputError(f"{source}: unlabelled {name[:80]!r}: {column}: {reason}") from None
    return lines


def keep_unlabelled(folder: Path, source: str, fresh: Sequence[DebtLine], seen: date, *, today: date) -> Path | None:
    """Replace a source's unlabelled names, as one step.

    Parameters
    ----------
    folder
        ``observations/``.
    source, fresh
        The source's name, and its lines; none where every name has a label.
    seen
        The day of the files that list them.
    today
        The UTC day that counts as today.

    Returns
    -------
    Path or None
        The file, or None where nothing changes: the same lines, or older files than those of the last pull.

    Raises
    ------
    ProblemsFound
        When the file is wrong already; nothing is written.
    """
    with locked(folder):
        texts = with_unlabelled(folder, source, fresh, min(seen, today), today=today)
        if texts:
            replace_together(folder, texts)
    return next(iter(texts), None)


def _said(text: str) -> str:
    return re.sub(r"\s+", " ", CONTROL.sub(" ", text)).strip()[:LONGEST]
