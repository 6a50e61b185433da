"""The judgement of the cross-section, before it is used: one table, each line a question put to the earlier stacks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from stackcast.history.contest import against, folds_by, leave_one_out, predicted_apart, random_folds
from stackcast.history.cross_section import Beliefs, CrossSection, compile_cross_section
from stackcast.history.evidence import Evidence, Rated
from stackcast.history.names import ALL, DEALT, EACH, FORCES, HINDSIGHT, NO_SERVICE
from stackcast.history.permutation import p_value, permuted
from stackcast.history.ratings import blocks, by_rater
from stackcast.history.records import History
from stackcast.progress import Progress

FLAG = Beliefs(effect=1.0)
"""Priors of the model that knows of a stack only whether it is sold as a service."""
FOLDS = 7
TIMES, TIMES_OF_A_VARIANT = 5, 2
DEALS = 499
SEED = 1
KNOWN = (0.1, 0.2, 0.3)
"""Slopes of hindsight that are taken out of the ratings, in standard deviations of a score and of the outcome."""

Line = dict[str, object]
Folds = Sequence[Sequence[str]]


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
    def of(cls, history: History, signs: Mapping[str, float], layers: Sequence[str]) -> "Judge":
        """Return the judge of a history."""
        rated = Rated.of(history, signs, layers)
        section, free = (compile_cross_section(rated.earlier, Beliefs(free_signs=which)) for which in (False, True))
        return cls(section, free, rated.earlier, blocks(rated.table.scores))

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
    signs: Mapping[str, float],
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
    parts: list[tuple[str, Callable[[], Iterator[Line]]]] = [
        ("each stack left out", lambda: _each_left_out(asked)),
        ("folds", lambda: _folded(asked, "all", asked.evidence, TIMES)),
        ("kinds of stacks", lambda: _kinds(asked)),
        ("other eras and layers", lambda: _apart_by_group(asked)),
        ("raters", lambda: _raters(asked, history, signs, layers)),
        ("hindsight", lambda: _hindsight(asked)),
        ("ratings dealt at random", lambda: _by_chance(asked, deals)),
    ]
    lines: list[Line] = []
    for place, (word, part) in enumerate(parts):
        if progress is not None:
            progress(place / len(parts), word)
        lines += part()
    return pd.DataFrame(lines)


def _lines(where: Line, base: pd.DataFrame, entrants: dict[str, pd.DataFrame]) -> Iterator[Line]:
    """Return a line for the base rate and each entrant, given their scores."""
    for entrant, scores in {"base rate by layer": base, **entrants}.items():
        found = against(scores, base)
        yield {**where, "entrant": entrant, "n": found.pop("stacks"), **found}


def _main(asked: Judge, stacks: str, split: str, evidence: Evidence, folds: Folds) -> Iterator[Line]:
    entrants = {FORCES: asked.forces(evidence, folds), "blocks": asked.blocks(evidence, folds)}
    yield from _lines({"stacks": stacks, "split": split}, asked.base(evidence, folds), entrants)


def _folded(asked: Judge, stacks: str, evidence: Evidence, times: int = TIMES_OF_A_VARIANT) -> Iterator[Line]:
    folds = random_folds(evidence, FOLDS, times, SEED)
    return _main(asked, stacks, f"{FOLDS} folds, {times} times", evidence, folds)


def _each_left_out(asked: Judge) -> Iterator[Line]:
    evidence, folds = asked.evidence, leave_one_out(asked.evidence)
    entrants = {
        "base rate without layers": asked.base(evidence.in_one_layer(), folds),
        "sold as a service": asked.service(evidence, folds),
        FORCES: asked.forces(evidence, folds),
        f"{FORCES}, free signs": predicted_apart(asked.free, evidence, folds, SEED),
        "blocks": asked.blocks(evidence, folds),
        **{f"{name} alone": asked.forces(evidence.grouped([forces]), folds) for name, forces in asked.groups.items()},
    }
    yield from _lines({"stacks": ALL, "split": EACH}, asked.base(evidence, folds), entrants)


def _kinds(asked: Judge) -> Iterator[Line]:
    stacks = asked.evidence.stacks
    for name, kept in {
        NO_SERVICE: ~stacks["service"],
        "not of attention alone": stacks["measure"] != "attention",
        "no content": stacks["kind"] != "content",
        "software": stacks["kind"] == "software",
        "without ceilings": stacks["measure"].notna(),
    }.items():
        yield from _folded(asked, name, asked.evidence.of(stacks.index[kept]))
    bounded = replace(asked.evidence, stacks=stacks.assign(measure=stacks["measure"].fillna("ceiling")))
    yield from _folded(asked, "all, and ceilings as the middle of their interval", bounded)


def _apart_by_group(asked: Judge) -> Iterator[Line]:
    stacks = asked.evidence.stacks
    middle = int(stacks["view_year"].median())
    for split, group in {
        f"seen to {middle} from later ones, and the reverse": stacks["view_year"] <= middle,
        "a layer from the others": stacks["layer"],
    }.items():
        yield from _main(asked, "all", split, asked.evidence, folds_by(asked.evidence, group))


def _raters(asked: Judge, history: History, signs: Mapping[str, float], layers: Sequence[str]) -> Iterator[Line]:
    for rater in sorted(set(history.ratings["rater"])):
        own = Rated.of(by_rater(history, rater), signs, layers)
        yield from _folded(asked, f"as rated by {rater}", own.earlier)


def _hindsight(asked: Judge) -> Iterator[Line]:
    trusting = replace(asked, section=asked.section.under(Beliefs(hindsight=0.0)))
    for slope in KNOWN:
        evidence = asked.evidence.without_hindsight(slope)
        yield from _folded(trusting, HINDSIGHT.format(slope), evidence)


def _by_chance(asked: Judge, deals: int) -> Iterator[Line]:
    seen, dealt = permuted(asked.section, asked.evidence, deals, SEED)
    base, _ = permuted(asked.section, asked.evidence.without_scores(), 0, SEED)
    yield {
        "stacks": ALL, "split": DEALT.format(deals), "entrant": FORCES,
        "n": int(asked.evidence.printed.sum()), "gain": seen - base, "p": p_value(seen, dealt),
        "gain_dealt": float(np.mean(dealt) - base), "gain_dealt_max": float(np.max(dealt) - base),
    }  # fmt: skip
