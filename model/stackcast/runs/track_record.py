"""The track record: every published headline with its date, kept for the day it can be scored."""

import csv
import io
from datetime import date
from pathlib import Path

from stackcast.files.atomic import locked, replace_text
from stackcast.posterior.summary import rows_of
from stackcast.runs.folder import Run

FILE = "track-record.csv"
COLUMNS = (
    "published",
    "run",
    "as_of",
    "prior_scenario",
    "kind",
    "name",
    "date",
    "mean",
    "q05",
    "q95",
    "probability",
    "score",
)


def append_headline(folder: Path, run: Run, today: date) -> None:
    """Append a run's questions and its layers at each horizon; a run that stands there already is left alone."""
    path = folder / FILE
    with locked(folder):
        text = path.read_text(encoding="utf-8") if path.exists() else ",".join(COLUMNS) + "\n"
        if any(line.split(",")[1] == run.name for line in text.splitlines()):
            return
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        head = (today.isoformat(), run.name, run.manifest["as_of"], run.manifest["prior_scenario"])
        for row in rows_of(run.table("questions")):
            writer.writerow((*head, "question", row.id, row.period_end, "", "", "", row.probability, ""))
        layers = run.table("layers")
        for row in rows_of(layers[layers["date"].isin(run.horizons.values())]):
            writer.writerow((*head, "layer", row.name, row.date, row.mean, row.q05, row.q95, row.p_open, ""))
        replace_text(path, text + out.getvalue())
