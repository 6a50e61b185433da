"""Probabilities of public markets beside ours; on the same question both are scored."""

from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from stackcast.evaluate.record import ASKED, outcome
from stackcast.observations.markets import Market
from stackcast.priors.debate import NEUTRAL
from stackcast.project import Project

COLUMNS = (
    "question", "title", "market", "day", "our_day", "ours", "theirs", "outcome", "our_score", "their_score",
    "source_url",
)  # fmt: skip


def beside(record: pd.DataFrame, project: Project, today: date) -> pd.DataFrame:
    """Return one row for each outside probability of a question of ours, with ours as it stood on that day.

    Parameters
    ----------
    record
        The track record.
    project
        Its questions, markets and every row.
    today
        The clock: later quotations are not shown, and a question resolves when its closing day is over.

    Returns
    -------
    DataFrame
        ``COLUMNS``: ``ours`` is the neutral prior scenario's latest probability published by ``day``, NaN where there
        was none; ``outcome`` is 1 or 0, NaN until the question has resolved; the scores are Brier's (1950).
    """
    questions = {q.id: q for q in project.observations.questions}
    rows = []
    for market in project.observations.markets:
        if market.question is None or market.day > today:
            continue
        question = questions[market.question]
        our_day, ours = standing(record, question.id, market.day)
        holds = outcome(question, project.observations.rows, today)
        came = np.nan if holds is None else float(holds)
        scores = ((ours - came) ** 2, (market.probability - came) ** 2)
        head = (question.id, question.title, market.market, market.day.isoformat(), our_day)
        rows.append((*head, ours, market.probability, came, *scores, market.source_url))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def standing(record: pd.DataFrame, question: str, day: date) -> tuple[str, float]:
    """Return our latest published answer to a question on a day: when, and its probability; NaN where there is none."""
    asked = record[(record["kind"] == ASKED) & (record["name"] == question) & (record["prior_scenario"] == NEUTRAL)]
    mine = asked[asked["published"].astype(str) <= day.isoformat()]
    if mine.empty:
        return "", np.nan
    last = mine.sort_values("published", kind="stable").iloc[-1]
    return str(last["published"]), float(last["probability"])


def paired(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of :func:`beside` on which both are scored: the question has resolved, and both had an answer."""
    return table[table["our_score"].notna() & table["their_score"].notna()]


def latest(markets: Iterable[Market], day: date) -> list[Market]:
    """Return the latest quotation of each outcome of each market, as known on a day."""
    found = (m for m in sorted(markets, key=lambda m: m.day) if m.day <= day)
    return list({(m.market, m.asked, m.outcome, m.question): m for m in found}.values())


def related(markets: Iterable[Market], day: date) -> list[Market]:
    """Return the latest quotations on related questions: shown, never scored."""
    return [m for m in latest(markets, day) if m.question is None]


def by_question(markets: Iterable[Market], day: date) -> dict[str, list[Market]]:
    """Return the latest quotations on our questions, by the question's id."""
    out: dict[str, list[Market]] = {}
    for market in latest(markets, day):
        if market.question is not None:
            out.setdefault(market.question, []).append(market)
    return out
