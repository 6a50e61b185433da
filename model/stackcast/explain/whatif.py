"""The forecast under hypothetical observations, or hypothetical answers to questions.

Draws are weighted by the likelihood of the fit. Where the weights are unreliable, observations are refitted; an answer
to a question cannot be, and is refused.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from stackcast.errors import GateRefused, InputError
from stackcast.explain.figure_draws import kept_figure
from stackcast.explain.quantity import headline_quantities
from stackcast.explain.refit import Refitter, mean_shift
from stackcast.files.documents import did_you_mean
from stackcast.observations.schema import broken_figures, observation, outside_unit, row_id
from stackcast.observations.store import as_frame
from stackcast.posterior.reweight import Weights, importance_weights
from stackcast.project import Project
from stackcast.runs.draws import Draws

NEWS = re.compile(r"^(?P<signal>[^=]+)=(?P<value>[^@]+)@(?P<day>.+)$")
ANSWER = re.compile(r"^(?P<question>[^=]+)=(?P<answer>yes|no)$")
LEAST_DRAWS = 100.0
"""Effective draws below which weights are unreliable."""
HYPOTHETICAL = "https://example.org/hypothetical"


@dataclass(frozen=True)
class Moved:
    """One quantity of the headline before and after the news, with the error of its move."""

    label: str
    unit: str
    before: float
    after: float
    error: float


@dataclass(frozen=True)
class WhatIf:
    """The headline under hypothetical news.

    Attributes
    ----------
    k_hat, effective
        Pareto k-hat and effective number of the weighted draws.
    refitted
        Whether the run was fitted again with the news.
    moves
        Every quantity of the headline, by the size of its move over the spread of its draws.
    rows
        The hypothetical observations, as rows of the store; never written.
    """

    k_hat: float
    effective: float
    refitted: bool
    moves: tuple[Moved, ...]
    rows: pd.DataFrame

    def to_json(self) -> dict[str, object]:
        """Return plain data."""
        return {
            "k_hat": self.k_hat if np.isfinite(self.k_hat) else None,
            "effective_draws": self.effective,
            "refitted": self.refitted,
            "before": {m.label: m.before for m in self.moves},
            "after": {m.label: m.after for m in self.moves},
            "error": {m.label: m.error for m in self.moves},
            "unit": {m.label: m.unit for m in self.moves},
        }


def read_news(texts: Sequence[str], project: Project, as_of: date) -> tuple[pd.DataFrame, dict[str, bool]]:
    """Read ``SIGNAL=VALUE@DATE`` and ``QUESTION=yes``; return rows as the store holds them, and answers.

    A row's period ends on its date and is as long as the signal's last one; a count keeps its last denominator.

    Raises
    ------
    InputError
        On text of another form, unknown names, a date that is known already, or news that contradict each other.
    """
    rows: list[dict[str, object]] = []
    answers: dict[str, bool] = {}
    for text in texts:
        answer, news = ANSWER.match(text.strip()), NEWS.match(text.strip())
        if answer:
            question = _known(answer["question"], [q.id for q in project.observations.questions], "question")
            if answers.get(question, answer["answer"] == "yes") != (answer["answer"] == "yes"):
                raise InputError(f"{text!r}: contradicts the other answer to {question}")
            answers[question] = answer["answer"] == "yes"
        elif news:
            rows.append(_row(news, project, as_of, text))
        else:
            raise InputError(
                f"{text!r}: must be SIGNAL=VALUE@DATE, such as menlo-enterprise-open-source-share=0.2@2026-12-31,"
                " or QUESTION=yes"
            )
    frame = as_frame(rows)
    twice = frame[frame.duplicated(["signal", "period_end"], keep=False)]
    if len(twice):
        raise InputError(
            f"{twice['signal'].iloc[0]} reads two values on {twice['period_end'].iloc[0]:%Y-%m-%d}: contradiction"
        )
    return frame, answers


def what_if(
    draws: Draws, project: Project, rows: pd.DataFrame, answers: dict[str, bool], refitter: Refitter | None
) -> WhatIf:
    """Return the headline under the news.

    Parameters
    ----------
    draws
        Kept draws of the run.
    project
        Its project.
    rows, answers
        The news, as of :func:`read_news`.
    refitter
        Refits where weights cannot be trusted; None refuses.

    Raises
    ------
    GateRefused
        Where weights cannot be trusted and no refit is possible.
    InputError
        Where the run's draws do not reach a row.
    """
    log_ratio = np.zeros(len(draws.places))
    for _, row in rows.iterrows():
        figure = kept_figure(draws, row, project.observations.signals, project.priors)
        if figure is None:
            raise InputError(f"{row['signal']} at {row['period_end']:%Y-%m-%d}: the run's forecast does not reach it")
        log_ratio = log_ratio + figure.log_likelihood()
    agree = np.ones(len(log_ratio), dtype=bool)
    for question, yes in answers.items():
        agree &= (draws.questions[question] > 0) == yes
    weights = _conditioned(log_ratio, agree)
    effective = float(1.0 / (weights.weights**2).sum()) if agree.any() else 0.0
    if weights.trusted and effective >= LEAST_DRAWS:
        return WhatIf(weights.k_hat, effective, False, _by_weights(draws, weights), rows)
    if answers:
        raise GateRefused(
            f"only {effective:.0f} effective draws of {len(agree)} agree with the news, k-hat {weights.k_hat:.2f}: "
            "too few, "
            "and an answer to a question cannot be refitted; suppose a figure instead (SIGNAL=VALUE@DATE)"
        )
    if refitter is None:
        raise GateRefused(
            f"k-hat {weights.k_hat:.2f}, {effective:.0f} effective draws: weights cannot stand for a refit"
        )
    day = rows["period_end"].max().date()
    return WhatIf(weights.k_hat, effective, True, _by_refit(draws, refitter.with_rows(rows, day)), rows)


def _conditioned(log_ratio: np.ndarray, agree: np.ndarray) -> Weights:
    """Return the joint weights: zero where an answer does not hold, else by the likelihood of the news."""
    if agree.sum() < 2:
        return Weights(np.where(agree, 1.0, 0.0) / max(1, agree.sum()), np.inf)
    inner = (
        importance_weights(log_ratio[agree]) if len(log_ratio[agree]) > 10 else Weights(np.ones(agree.sum()), np.inf)
    )
    weights = np.zeros(len(agree))
    weights[agree] = inner.weights
    return Weights(weights, inner.k_hat)


def _by_weights(draws: Draws, weights: Weights) -> tuple[Moved, ...]:
    moves = []
    for label, q in headline_quantities(draws).items():
        after = float(weights.mean(q.draws))
        moves.append((Moved(label, q.unit, float(q.draws.mean()), after, weights.shift_error(q.draws)), q.draws.std()))
    return _sorted(moves)


def _by_refit(draws: Draws, again: Draws) -> tuple[Moved, ...]:
    moves, after = [], headline_quantities(again)
    for label, q in headline_quantities(draws).items():
        shift, error = mean_shift(q.draws, after[label].draws)
        before = float(q.draws.mean())
        moves.append((Moved(label, q.unit, before, before + shift, error), q.draws.std()))
    return _sorted(moves)


def _sorted(moves: Sequence[tuple[Moved, float]]) -> tuple[Moved, ...]:
    return tuple(
        m for m, _ in sorted(moves, key=lambda pair: -abs(pair[0].after - pair[0].before) / max(pair[1], 1e-9))
    )


def _known(name: str, names: Sequence[str], what: str) -> str:
    if name.strip() not in names:
        raise InputError(f"unknown {what} {name.strip()!r}{did_you_mean(name.strip(), list(names))}")
    return name.strip()


def _row(news: re.Match[str], project: Project, as_of: date, text: str) -> dict[str, object]:
    slug = _known(news["signal"], list(project.observations.signals), "signal")
    try:
        value, end = float(news["value"]), date.fromisoformat(news["day"].strip())
    except ValueError:
        raise InputError(f"{text!r}: must be a number and a date, such as 0.2@2026-12-31") from None
    mine = project.observations.of(slug)
    if mine.empty:
        raise InputError(f"{text!r}: {slug} has no figure yet, so nothing says how long its periods are")
    last = mine.sort_values(["period_end", "published"]).iloc[-1]
    if end <= last["period_end"].date() and (mine["period_end"].dt.date == end).any():
        raise InputError(f"{text!r}: {slug} has a figure for {end} already; news are about what is not known")
    if end < as_of:
        raise InputError(f"{text!r}: {end} lies before the run's as-of date {as_of}; news are about what is not known")
    length = last["period_end"] - last["period_start"]
    cells: dict[str, object] = {"value": value, "period_start": end - timedelta(days=length.days), "period_end": end}
    cells |= {"published": end, "source_url": HYPOTHETICAL, "id": row_id(slug, end, end), "note": ""}
    cells |= {name: last[name] for name in ("n",) if last[name] == last[name]}
    signal = project.observations.signals[slug]
    if signal.likelihood == "counts" and not list(outside_unit(value, signal)):
        trials = float(last["denominator"])
        count = round(value / signal.per_unit * trials)
        cells |= {"numerator": count, "denominator": trials, "value": signal.per_unit * count / trials}
    try:
        row = observation(cells)
    except InputError as error:
        raise InputError(f"{text!r}: {error}") from None
    for _, words in broken_figures(row, signal):
        raise InputError(f"{text!r}: {words}")
    return {"signal": slug, **row.model_dump()}
