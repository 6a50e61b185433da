"""The results of earlier stacks in a project: ``priors/history.yaml``, and the tables of ``priors/history/``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from stackcast.files.atomic import locked, replace_text, replace_together
from stackcast.history.effects import effect_table, fit_effects
from stackcast.history.handover import file_text, handed_over, scales_of
from stackcast.history.judgement import judge_stacks, score_stacks
from stackcast.history.pace import pace_of
from stackcast.history.records import History
from stackcast.history.series_judgement import judge_series
from stackcast.priors.files import HISTORY
from stackcast.priors.history import HistoryFile
from stackcast.priors.load import Priors
from stackcast.progress import Progress, no_progress, within

TABLES = ("effects", "predictions", "stacks", "series")
"""Tables by name: effects before and after, each stack as predicted without itself, both contests."""
FOLDER = Path("priors") / "history"


@dataclass(frozen=True)
class Results:
    """What was found: a table is None until `stackcast history judge` has written it.

    Attributes
    ----------
    effects
        One row a force: interval before and after, and the probability of the debate's sign in a fit with free signs.
    predictions
        One row a stack with an outcome: as predicted from the others, and as it came.
    stacks, series
        The contests of the cross-section and of the series.
    """

    effects: pd.DataFrame | None
    predictions: pd.DataFrame | None
    stacks: pd.DataFrame | None
    series: pd.DataFrame | None


def read_results(root: Path) -> Results:
    """Return the tables of a project, None for each that is not there."""
    paths = {name: root / FOLDER / f"{name}.csv" for name in TABLES}
    return Results(**{name: pd.read_csv(path) if path.is_file() else None for name, path in paths.items()})


def fit_history(
    history: History,
    priors: Priors,
    seed: int,
    *,
    keep_scales: bool = False,
    progress: Progress = no_progress,
) -> HistoryFile:
    """Fit cross-section and series, and return what they say as priors.

    ``keep_scales`` takes the scales of the file that is there: a rating has no say in them.
    """
    effects = fit_effects(history, priors, seed, within(progress, 0.0, 0.3))
    if keep_scales and priors.history is not None:
        scales: Mapping[str, Any] = {name: given.model_dump() for name, given in priors.history.scales.items()}
    else:
        scales = scales_of(pace_of(history, seed, within(progress, 0.3, 1.0)))
    return handed_over(history, effects, scales)


def write_priors(root: Path, made: HistoryFile) -> None:
    """Write ``priors/history.yaml``."""
    with locked(root), locked(root / "priors"):
        replace_text(root / "priors" / HISTORY, file_text(made))


def judge(root: Path, history: History, priors: Priors, seed: int, progress: Progress = no_progress) -> None:
    """Judge cross-section and series on stacks left out, and write the tables."""
    stacks, predictions = judge_stacks(history, priors, seed, within(progress, 0.0, 0.5))
    series = judge_series(history, priors, seed, within(progress, 0.5, 0.95))
    tables = {
        "effects": effect_table(history, priors, seed, within(progress, 0.95, 1.0)),
        "predictions": predictions,
        "stacks": stacks,
        "series": series,
    }
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    texts = {folder / f"{name}.csv": _text(table) for name, table in tables.items()}
    with locked(root), locked(root / "priors"):
        replace_together(root, texts)


def score_unseen(
    history: History, unseen: History, priors: Priors, seed: int, progress: Progress = no_progress
) -> pd.DataFrame:
    """Return the scores of predictions for stacks that the fit has not seen, beside a base rate without ratings."""
    return score_stacks(history, unseen, priors, seed, progress)


def _text(table: pd.DataFrame) -> str:
    return table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
