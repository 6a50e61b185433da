"""The score of every published run: what it said, how it fared, and how far the latest answers lie from its own.

A line of the record stays for ever, so a probability of 0.35 for what became near certain is scored as that. Where the
debate declares until when outcomes were seen, a run's answers on outcomes that those who made it had seen are counted
apart: a run may be published as of an earlier day than its structure was chosen.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from stackcast.evaluate.record import ASKED, RESOLVED, known_on
from stackcast.observations.schema import Question
from stackcast.project import Project

COLUMNS = (
    "published", "run", "as_of", "prior_scenario", "answers",
    "resolved", "brier", "unseen", "unseen_brier", "seen", "seen_brier", "question", "then", "now",
)  # fmt: skip


def published_runs(record: pd.DataFrame, project: Project) -> pd.DataFrame:
    """Return one row for each run of the track record, in the order of their publication.

    Parameters
    ----------
    record
        The track record.
    project
        Its questions, every row, and until when outcomes were seen.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`. ``answers`` counts the run's probabilities; ``resolved`` those that are scored, ``brier`` is
        their mean score (NaN for none). ``unseen`` and ``seen`` split them, NaN where the debate declares nothing.
        ``question`` is that of whose answer the latest run of the same prior scenario differs most, ``then`` and
        ``now`` both answers; of the latest run itself these are empty.
    """
    asked, scored = (record[record["kind"] == kind] for kind in (ASKED, RESOLVED))
    questions = {q.id: q for q in project.observations.questions}
    rows = []
    for (published, run), answers in asked.groupby(["published", "run"], sort=True):
        head = answers.iloc[0]
        mine = scored[scored["run"] == run]
        rivals = asked[asked["prior_scenario"] == head["prior_scenario"]]
        rows.append(
            {
                "published": published, "run": run, "as_of": head["as_of"], "prior_scenario": head["prior_scenario"],
                "answers": len(answers), "resolved": len(mine), "brier": _mean(mine),
                **_apart(mine, str(published), questions, project), **_moved(answers, rivals),
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _mean(scored: pd.DataFrame) -> float:
    return float(scored["score"].astype(float).mean()) if len(scored) else np.nan


def _apart(
    scored: pd.DataFrame, published: str, questions: Mapping[str, Question], project: Project
) -> dict[str, float]:
    """Return number and mean score of unseen and of seen outcomes; nothing where the debate does not tell them apart.

    A question that has been taken out of the project since has no known day, and counts as seen.
    """
    evaluation = project.priors.debate.evaluation
    if evaluation is None:
        return {}
    last, rows = evaluation.seen_on(date.fromisoformat(published[:10])), project.observations.rows
    unseen = scored["name"].map(lambda name: name in questions and known_on(questions[name], rows) > last).astype(bool)
    parts = {"unseen": scored[unseen], "seen": scored[~unseen]}
    return {
        f"{name}{end}": value
        for name, part in parts.items()
        for end, value in (("", len(part)), ("_brier", _mean(part)))
    }


def _moved(answers: pd.DataFrame, rivals: pd.DataFrame) -> dict[str, object]:
    """Return the question on which the latest answer differs most from a run's own, and both answers."""
    latest = rivals.sort_values("published", kind="stable").drop_duplicates("name", keep="last").set_index("name")
    then = answers.set_index("name")["probability"].astype(float)
    later = latest[latest["run"] != answers["run"].iloc[0]]["probability"].astype(float)
    size = (later - then).dropna().abs()
    if size.empty:
        return {"question": "", "then": np.nan, "now": np.nan}
    name = str(size.idxmax())
    return {"question": name, "then": float(then[name]), "now": float(later[name])}
