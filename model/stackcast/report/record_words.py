"""Published runs and declared days in words, for the terminal and the page."""

from collections.abc import Mapping
from math import isnan
from typing import Any

from stackcast.priors.debate import Evaluation
from stackcast.report.wording import chance

COLUMNS = ("published", "run", "resolved", "Brier, unseen", "Brier, seen", "what changed most since")
MEANS = (
    "Brier score: the mean squared distance of a probability from what came; 0.25 is that of an even answer. Unseen: "
    "nobody who made the run could know the outcome. A published answer is never taken back."
)


def published_row(row: Mapping[Any, Any]) -> list[str]:
    """Return the cells of :data:`COLUMNS` for a row of :func:`stackcast.evaluate.published.published_runs`."""
    apart = not isnan(row["unseen"])
    scores = [_score(row[f"{name}_brier"], row[name]) for name in ("unseen", "seen")] if apart else [
        _score(row["brier"], row["resolved"]), "not told apart",
    ]  # fmt: skip
    return [
        str(row["published"]), str(row["run"]), f"{row['resolved']} of {row['answers']}", *scores, _since(row),
    ]  # fmt: skip


def _score(mean: float, count: float) -> str:
    return f"{mean:.3f} (of {count:.0f})" if count else "none yet"


def _since(row: Mapping[Any, Any]) -> str:
    if not row["question"]:
        return "the latest answers"
    return f"{row['question']}: said {chance(row['then'])}, the latest run says {chance(row['now'])}"


def seen_sentences(evaluation: Evaluation) -> list[str]:
    """Return, for each declared day, what was done with outcomes published by it; and since when none are kept."""
    lines = [f"Seen until {one.until}: {one.reason}" for one in evaluation.seen]
    lines.append(f"Unseen: published after {evaluation.seen[-1].until}, and kept from those who chose")
    if evaluation.released is not None:
        lines[-1] += f" until {evaluation.released}; what is changed since then may have been changed for them"
    return [f"{line.rstrip('.')}." for line in lines]
