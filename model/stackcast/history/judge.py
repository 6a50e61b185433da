"""The judgement of the cross-section, before it is used: one table, each line a question put to the earlier stacks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from stackcast.history.contest import against, folds_by, leave_one_out, predicted_apart, random_folds
from stackcast.history.cross_section import Beliefs, CrossSection, compile_cross_section
from stackcast.history.evidence import Evidence, read_evidence
from stackcast.history.permutation import p_value, permuted
from stackcast.history.ratings import Unit, blocks, by_rater, standardised
from stackcast.history.records import History
from stackcast.progress import Progress

FLAG = Beliefs(effect=1.0)
"""Priors of the model that knows of a stack only whether it is sold as a service."""
FOLDS = 7
TIMES, TIMES_OF_A_VARIANT = 5, 3
DEALS = 499
SEED = 1
KNOWN = (0.1, 0.2, 0.3)
"""Slopes of hindsight that are taken out of the ratings, in standard deviations of a score and of the outcome."""

Folds = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Question:
    """What is asked of which stacks, by which split: the first columns of a line."""

    stacks: str
    split: str


@dataclass(frozen=True, eq=False)
class Judge:
    """What the judgement needs: compiled models and the evidence of the whole history.

    Attributes
    ----------
    section, free
        The cross-section with the debate's signs, and with free ones.
    evidence
        Stacks with an outcome or a ceiling.
    groups
        Blocks of forces, by name.
    """

    section: CrossSection
    free: CrossSection
    evidence: Evidence
    groups: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, history: History, signs: dict[str, float], layers: Sequence[str]) -> "Judge":
        """Return the judge of a history."""
        table = standardised(history, Unit.of(history, signs))
        evidence = read_evidence(history, table, layers).with_outcome()
        section, free = (compile_cross_section(evidence, Beliefs(free_signs=which)) for which in (False, True))
        return cls(section, free, evidence, blocks(table.scores))

    def base(self, evidence: Evidence, folds: Folds) -> pd.DataFrame:
        """Return the scores of the base rate by layer."""
        return predicted_apart(self.section, evidence.without_scores(), folds, SEED)

    def forces(self, evidence: Evidence, folds: Folds) -> pd.DataFrame:
        """Return the scores of all forces, with the debate's signs."""
        return predicted_apart(self.section, evidence, folds, SEED)

    def blocks(self, evidence: Evidence, folds: Folds) -> pd.DataFrame:
        """Return the scores of the blocks of forces."""
        return predicted_apart(self.section, evidence.grouped(self.groups.values()), folds, SEED)

    def service(self, evidence: Evidence, folds: Folds) -> pd.DataFrame:
        """Return the scores of what is known of a stack that is sold as a service."""
        return predicted_apart(self.section.under(FLAG), evidence.flagged("service"), folds, SEED)


def judge(
    history: History,
    signs: dict[str, float],
    layers: Sequence[str],
    progress: Progress | None = None,
    deals: int = DEALS,
) -> pd.DataFrame:
    """Judge the cross-section of a history out of sample: some 900 fits and one for each deal.

    Parameters
    ----------
    history
        Stacks, shares and ratings.
    signs
        Direction of each force.
    layers
        Names of the debate's layers.
    progress
        Called with the share of the work done and a word on it.
    deals
        Number of deals of the permutation test.

    Returns
    -------
    DataFrame
        ``stacks`` and ``split`` (which are predicted, and from which others), ``entrant``, and the columns of
        :func:`against`, with the base rate by layer on the same split as the base; ``n`` is their number; ``p``, of the
        permutation test, is on one line.
    """
    asked = Judge.of(history, signs, layers)
    parts: list[tuple[str, Callable[[], Iterator[dict[str, object]]]]] = [
        ("each stack left out", lambda: _each_left_out(asked)),
        ("folds", lambda: _in_folds(asked)),
        ("kinds of stacks", lambda: _kinds(asked)),
        ("other eras and layers", lambda: _apart_by_group(asked)),
        ("raters", lambda: _raters(asked, history, signs, layers)),
        ("hindsight", lambda: _hindsight(asked)),
        ("ratings dealt at random", lambda: _by_chance(asked, deals)),
    ]
    lines: list[dict[str, object]] = []
    for place, (word, part) in enumerate(parts):
        if progress is not None:
            progress(place / len(parts), word)
        lines += part()
    return pd.DataFrame(lines)


def _line(question: Question, entrant: str, scores: pd.DataFrame, base: pd.DataFrame) -> dict[str, object]:
    found = against(scores, base)
    return {"stacks": question.stacks, "split": question.split, "entrant": entrant, "n": found.pop("stacks"), **found}


def _main(asked: Judge, question: Question, evidence: Evidence, folds: Folds) -> Iterator[dict[str, object]]:
    base = asked.base(evidence, folds)
    yield _line(question, "base rate by layer", base, base)
    yield _line(question, "all forces", asked.forces(evidence, folds), base)
    yield _line(question, "blocks", asked.blocks(evidence, folds), base)


def _each_left_out(asked: Judge) -> Iterator[dict[str, object]]:
    evidence, question = asked.evidence, Question("all", "leave one out")
    folds = leave_one_out(evidence)
    yield from _main(asked, question, evidence, folds)
    base = asked.base(evidence, folds)
    yield _line(question, "base rate without layers", asked.base(evidence.in_one_layer(), folds), base)
    yield _line(question, "sold as a service", asked.service(evidence, folds), base)
    yield _line(question, "all forces, free signs", predicted_apart(asked.free, evidence, folds, SEED), base)
    for name, forces in asked.groups.items():
        yield _line(question, f"{name} alone", asked.forces(evidence.grouped([forces]), folds), base)


def _in_folds(asked: Judge) -> Iterator[dict[str, object]]:
    folds = random_folds(asked.evidence, FOLDS, TIMES, SEED)
    yield from _main(asked, Question("all", f"{FOLDS} folds, {TIMES} times"), asked.evidence, folds)


def _kinds(asked: Judge) -> Iterator[dict[str, object]]:
    stacks = asked.evidence.stacks
    for name, kept in {
        "not sold as a service": ~stacks["service"],
        "not of attention alone": stacks["measure"] != "attention",
        "no content": stacks["kind"] != "content",
        "software": stacks["kind"] == "software",
        "without ceilings": stacks["measure"].notna(),
    }.items():
        evidence = asked.evidence.of(stacks.index[kept])
        folds = random_folds(evidence, FOLDS, TIMES_OF_A_VARIANT, SEED)
        yield from _main(asked, Question(name, f"{FOLDS} folds, {TIMES_OF_A_VARIANT} times"), evidence, folds)


def _apart_by_group(asked: Judge) -> Iterator[dict[str, object]]:
    stacks = asked.evidence.stacks
    middle = int(stacks["view_year"].median())
    for name, group in {
        f"seen to {middle} from later ones, and the reverse": stacks["view_year"] <= middle,
        "a layer from the others": stacks["layer"],
    }.items():
        yield from _main(asked, Question("all", name), asked.evidence, folds_by(asked.evidence, group))


def _raters(
    asked: Judge, history: History, signs: dict[str, float], layers: Sequence[str]
) -> Iterator[dict[str, object]]:
    for rater in sorted(set(history.ratings["rater"])):
        own = by_rater(history, rater)
        evidence = read_evidence(own, standardised(own, Unit.of(own, signs)), layers).with_outcome()
        folds = random_folds(evidence, FOLDS, TIMES_OF_A_VARIANT, SEED)
        question = Question(f"as rated by {rater}", f"{FOLDS} folds, {TIMES_OF_A_VARIANT} times")
        yield from _main(asked, question, evidence, folds)


def _hindsight(asked: Judge) -> Iterator[dict[str, object]]:
    folds = random_folds(asked.evidence, FOLDS, TIMES_OF_A_VARIANT, SEED)
    trusting = replace(asked, section=asked.section.under(Beliefs(hindsight=0.0)))
    for slope in KNOWN:
        question = Question(f"hindsight of {slope} taken out", f"{FOLDS} folds, {TIMES_OF_A_VARIANT} times")
        yield from _main(trusting, question, asked.evidence.without_hindsight(slope), folds)


def _by_chance(asked: Judge, deals: int) -> Iterator[dict[str, object]]:
    seen, dealt = permuted(asked.section, asked.evidence, deals, SEED)
    base, _ = permuted(asked.section, asked.evidence.without_scores(), 0, SEED)
    yield {
        "stacks": "all", "split": f"leave one out, ratings dealt at random {deals} times", "entrant": "all forces",
        "n": int(asked.evidence.printed.sum()), "gain": seen - base, "p": p_value(seen, dealt),
        "gain_dealt": float(np.mean(dealt) - base), "gain_dealt_max": float(np.max(dealt) - base),
    }  # fmt: skip
