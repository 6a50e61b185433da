"""What the tests of an update share: a copy as it stood on a day, a folder of small recorded sources, a canned fit."""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta

from stackcast.observations.labels import PATH as LABELS
from stackcast.observations.labels import load_labels
from stackcast.runs.track_record import append_headline
from stackcast.sources import epoch, openrouter
from tests.sources.support import table
from tests.support import GOOD_GATES, canned_run

THEN, NOW = date(2026, 9, 30), date(2026, 10, 20)
"""The day up to which the copy knows, and the day of the update."""
RANKINGS, NOTABLE = openrouter.SIGNAL, "epoch-notable-open-weights-quarterly"
MODELS = [
    ("a", "A University", "2025-10-10", "", "", "Open weights (unrestricted)", "SOTA"),
    ("b", "A University", "2025-11-10", "", "", "API access", "SOTA"),
]


DATED = ("published", "retracted", "seen", "date", "day")
"""Columns that say since when a line is known."""


def rewind(root, day):
    """Leave out of a copy what was published, taken back, seen or happened after a day; labels stay."""
    for path in (root / "observations").rglob("*.csv"):
        lines = list(csv.DictReader(io.StringIO(path.read_text())))
        column = next((name for name in DATED if lines and name in lines[0]), None)
        if column is None:
            continue
        out = io.StringIO()
        writer = csv.DictWriter(out, lines[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(line for line in lines if line[column] <= day.isoformat())
        path.write_text(out.getvalue())
    return root


def named(root, label):
    """Return a model that the copy's table of labels has as open, or as closed."""
    lines = load_labels(root / "observations").lines
    assert (root / "observations" / LABELS).is_file()
    return next(x.model for x in lines if x.label == label and "*" not in x.model and x.from_date < date(2026, 1, 1))


def rankings(root, first, days, opened=3, closed=1, unlabelled=()):
    """Return OpenRouter's daily table: tokens of an open, a closed and unlabelled models on each day."""
    lines = []
    for n in range(days):
        day = first + timedelta(days=n)
        lines += [(day, named(root, "open"), opened), (day, named(root, "closed"), closed)]
        lines += [(day, name, 1) for name in unlabelled]
    return table(openrouter.COLUMNS, *lines)


def put(folder, path, text):
    """Write a file of a recorded source."""
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def record_all(root, folder):
    """Fill a folder: two sources with news, one that is broken, one of a later day, others not there."""
    put(folder, "openrouter/rankings.csv", rankings(root, date(2026, 9, 1), 30))
    put(folder, "epoch/2026-10-10/notable.csv", table(epoch.COLUMNS, *MODELS))
    put(folder, "eci/2026-10-01-index.csv", "<html>moved</html>")
    put(folder, "vercel/2026-11-15-labs.csv", "date,metric,name,share_percent\n")
    return folder


@dataclass
class CannedFit:
    """Writes a run of the prior's draws, as the pipeline writes one of the posterior's, and counts the calls."""

    gates: tuple = GOOD_GATES
    calls: int = 0

    def __call__(self, project, settings, *, today, out, progress, command):
        self.calls += 1
        day = settings.as_of
        run = canned_run(project, out, day, gates=self.gates, draws=60, finished=f"{day}T12:00:00+00:00")
        if run.passed:
            append_headline(out, run, today)
        return run


def files(root):
    """Return everything under observations/, byte for byte."""
    return {p: p.read_bytes() for p in (root / "observations").rglob("*") if p.is_file()}
