"""The results of earlier stacks in a project: ``priors/history.yaml``, and the tables of ``priors/history/``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from stackcast.compiled.pymc_model import Effort
from stackcast.errors import InputError
from stackcast.files.atomic import locked, replace_text, replace_together
from stackcast.files.text import shown
from stackcast.history.contest import QUICK, leave_one_out
from stackcast.history.cross_section import Beliefs, CrossSection, compile_cross_section
from stackcast.history.effects import Effects, effects
from stackcast.history.evidence import Evidence, Rated, read_evidence
from stackcast.history.handover import file_text, handed_over, scales_of, size_interval
from stackcast.history.pace import pace_of
from stackcast.history.prediction import predict
from stackcast.history.ratings import force_signs, standardised
from stackcast.history.records import History
from stackcast.history.score import LEVELS, Score, score
from stackcast.priors.files import HISTORY
from stackcast.priors.history import HistoryFile
from stackcast.priors.load import Priors
from stackcast.progress import Progress, no_progress, within

TABLES = {
    "effects": ("force", "prior_q05", "prior_q50", "prior_q95", "q05", "q50", "q95", "p_other_sign"),
    "predictions": ("title", "layer", "q05", "q25", "q50", "q75", "q95", "outcome"),
    "stacks": ("stacks", "split", "entrant", "n", "crps", "crps_z", "in_50", "in_90"),
    "series": ("group", "forecaster", "n", "crps", "low", "high", "in_90"),
}
"""Tables by name, with the columns that reports read: effects before and after, each stack as predicted without itself,
both contests."""
FOLDER = Path("priors") / "history"
AGAIN = "`stackcast history judge` makes it again"
FULL = Effort(chains=4, draws=1000, tune=500, target_accept=0.9)
"""The effort of a fit that is handed over."""
HALF_NORMAL = (0.0627, 0.674, 1.96)
"""Quantiles 0.05, 0.5 and 0.95 of a standard half-normal variable."""


@dataclass(frozen=True)
class Results:
    """What was found: a table is None until `stackcast history judge` has written it.

    Attributes
    ----------
    effects
        One row a force: interval before and after, and the probability of the other sign in a fit with free signs.
    predictions
        One row a stack with an outcome: as predicted from the others, and as it came.
    stacks, series
        The contests of the cross-section and of the series.
    """

    effects: pd.DataFrame | None
    predictions: pd.DataFrame | None
    stacks: pd.DataFrame | None
    series: pd.DataFrame | None


def rated(history: History, priors: Priors) -> Rated:
    """Read the stacks of a project as the cross-section does."""
    return Rated.of(history, force_signs(priors, history), priors.layers.layers)


def section_of(evidence: Evidence, *, free_signs: bool = False) -> CrossSection:
    """Compile the cross-section of the stacks that have an outcome."""
    return compile_cross_section(evidence.with_outcome(), Beliefs(free_signs=free_signs))


def read_results(root: Path) -> Results:
    """Return the tables of a project, None for each that is not there.

    Raises
    ------
    InputError
        When one cannot be read, or lacks a column or every line.
    """
    return Results(**{name: _read(root / FOLDER / f"{name}.csv", columns) for name, columns in TABLES.items()})


def _read(path: Path, columns: Sequence[str]) -> pd.DataFrame | None:
    if not path.exists():
        return None
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:  # what pandas raises of a file that is no table are ValueErrors
        raise InputError(f"{path}: is no table ({shown(str(error))}); {AGAIN}") from None
    missing = [name for name in columns if name not in table]
    if missing or table.empty:
        raise InputError(f"{path}: lacks {', '.join(missing) or 'every line'}; {AGAIN}")
    return table


def fit_effects(history: History, priors: Priors, seed: int, progress: Progress = no_progress) -> Effects:
    """Fit the cross-section with the debate's signs, with free ones and without ratings."""
    progress(0.0, "compiling the cross-section of earlier stacks")
    read = rated(history, priors)
    section, free = section_of(read.evidence), section_of(read.evidence, free_signs=True)
    progress(0.6, "sampling the cross-section of earlier stacks")
    return effects(section, free, read.evidence, read.table, seed, FULL)


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
    found = fit_effects(history, priors, seed, within(progress, 0.0, 0.3))
    if keep_scales and priors.history is not None:
        scales: Mapping[str, Any] = {name: given.model_dump() for name, given in priors.history.scales.items()}
    else:
        scales = scales_of(pace_of(history, seed, within(progress, 0.3, 1.0)))
    named = dict.fromkeys(facet.category for facet in priors.facets.values() if facet.category is not None)
    return handed_over(history, found, scales, [name for name in named if name in found.ratings.index])


def write_priors(root: Path, made: HistoryFile) -> None:
    """Write ``priors/history.yaml``."""
    with locked(root), locked(root / "priors"):
        replace_text(root / "priors" / HISTORY, file_text(made))


def write_tables(root: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write tables of ``priors/history/``, together."""
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    texts = {folder / f"{name}.csv": _text(table) for name, table in tables.items()}
    with locked(root), locked(root / "priors"):
        replace_together(root, texts)


def effect_table(found: Effects, scale: float = Beliefs().effect) -> pd.DataFrame:
    """Return one row a force: ``force``, quantiles of its size before and after, ``p_other_sign`` with free signs."""
    before = {f"prior_{name}": scale * q for name, q in zip(("q05", "q50", "q95"), HALF_NORMAL, strict=True)}
    sd = np.sqrt(np.diag(found.log_size_covariance))
    sizes = [size_interval(m, s) for m, s in zip(found.log_size_mean, sd, strict=True)]
    return pd.DataFrame(
        [
            {"force": force, **before, "q05": low, "q50": middle, "q95": high, "p_other_sign": other}
            for force, (low, middle, high), other in zip(found.forces, sizes, found.against_sign, strict=True)
        ]
    )


def prediction_table(history: History, priors: Priors, seed: int) -> pd.DataFrame:
    """Return one row a stack with a printed outcome, as predicted from all others and as it came, in shares."""
    evidence = rated(history, priors).evidence.with_outcome()
    section = section_of(evidence)
    rows = []
    for (slug,) in leave_one_out(evidence):
        left = evidence.of([slug])
        fitted = section.fit(evidence.of(evidence.stacks.index.drop(slug)), seed, QUICK)
        ends = expit(predict(fitted, left).quantiles(LEVELS, left.stacks["error"].to_numpy()))[:, 0]
        rows.append(
            {
                "stack": slug,
                "title": history.stacks.loc[slug, "title"],
                "layer": history.stacks.loc[slug, "layer"],
                **dict(zip(("q05", "q25", "q50", "q75", "q95"), ends, strict=True)),
                "outcome": float(expit(left.stacks["outcome"].iloc[0])),
            }
        )
    return pd.DataFrame(rows)


def score_unseen(history: History, unseen: History, priors: Priors, seed: int) -> Score:
    """Score the predictions for stacks that the fit has not seen, beside base rates without ratings."""
    known = rated(history, priors)
    new = read_evidence(unseen, standardised(unseen, known.unit), priors.layers.layers)
    return score(section_of(known.evidence), known.evidence.with_outcome(), new, seed, FULL)


def _text(table: pd.DataFrame) -> str:
    return str(table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))
