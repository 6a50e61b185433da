"""The five lines that an update ends with: what came, what moved, why, what to watch, what is broken."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from stackcast.observations.incoming import Incoming
from stackcast.observations.schema import Observation
from stackcast.observations.staleness import Stale
from stackcast.report.wording import chance
from stackcast.update.attention import Attention
from stackcast.update.moves import Moved
from stackcast.update.outcome import Outcome

MOST = 3
"""Number of items named in a line; the others are counted."""
DIGITS = 4
"""Significant digits of a value."""
LONGEST = 160
"""Characters of a reason that are shown."""
LEAST = 0.01
"""Smallest move of a probability that is named: smaller ones vanish in two digits."""


def five_lines(outcome: Outcome) -> dict[str, str]:
    """Return each line's sentence by the word that it begins with."""
    return {
        "Came": came(outcome),
        "Moved": what_moved(outcome),
        "Why": why(outcome),
        "Watch": watch(outcome),
        "Broken": broken(outcome),
    }


def came(outcome: Outcome) -> str:
    """Count new observations by signal, revisions, and resolved questions."""
    parts = [_figures(outcome), _resolved(outcome)]
    return "; ".join(filter(None, parts)) + "."


def what_moved(outcome: Outcome) -> str:
    """Name the probabilities of the headline that moved most."""
    if outcome.attention.refused:
        return "nothing is published: a gate refused the run, and the rows stay."
    if outcome.run is None:
        return f"nothing, because {_why_no_fit(outcome)}."
    if outcome.moved is None:
        return "this is the first published run, and there is none to compare it with."
    large = [m for m in outcome.moved.moves if abs(m.size) >= LEAST]
    since = f"since the run as of {outcome.moved.since}"
    if not large:
        return f"no probability of the headline by {LEAST:g} or more {since}."
    return f"{_some(large, lambda m: f'{m.what} {chance(m.before)} -> {chance(m.after)}')} {since}."


def why(outcome: Outcome) -> str:
    """Name the new observations with the largest effects on the largest move."""
    found = outcome.moved
    if found is None:
        return "there is nothing to explain."
    if not found.new:
        rest = f"what else went in otherwise: {_some(found.other, str)}" if found.other else "the date alone"
        return f"no figure is new since then, so {rest}."
    if not found.moves or abs(found.moves[0].size) < LEAST:
        return f"{_count(found.new, 'figure')} new since then, and no move is large enough to explain."
    return _shares(found)


def watch(outcome: Outcome) -> str:
    """Name the question that closes next, and the next observations."""
    parts = []
    if (question := outcome.question) is not None:
        said = "no probability yet" if question.probability is None else chance(question.probability)
        parts.append(f"{question.id} closes on {question.closes} ({said})")
    else:
        parts.append("no question is open")
    if outcome.figures:
        soon = ", ".join(f"{f.signal} about {f.due}" for f in outcome.figures[:MOST])
        parts.append(f"next figures due: {soon}")
    return "; ".join(parts) + "."


def broken(outcome: Outcome) -> str:
    """Name what needs a look: sources, stale signals, labels, questions, contradictions."""
    found = outcome.attention
    parts = [
        *([f"the run is no forecast ({found.refused})"] if found.refused else []),
        *_failures(found.failed),
        *([f"to settle by hand: {_some(found.to_settle, str)}"] if found.to_settle else []),
        *([_debt(found)] if found.debt else []),
        *(f"{c.higher} contradicts {c.lower} ({c.facet})" for c in found.contradictions),
        *([f"{_count(len(found.stale), 'stale signal')}: {_some(found.stale, _silent)}"] if found.stale else []),
    ]
    return ("; ".join(parts) or "nothing") + "."


def _failures(failed: Mapping[str, str]) -> list[str]:
    """Name each source that failed with its reason, or many by their names alone: the table of sources has the rest."""
    if len(failed) > MOST:
        return [f"{len(failed)} sources failed, for the reasons in the table above: {', '.join(failed)}"]
    return [f"{source} failed ({_short(reason)})" for source, reason in failed.items()]


def _debt(found: Attention) -> str:
    total, fresh = (sum(map(len, names.values())) for names in (found.debt, found.new_debt))
    named = "; ".join(f"{source}: {_some(names, str)}" for source, names in found.debt.items())
    return f"{_count(total, 'name')} without a label, {fresh} of them new ({named})"


def _short(reason: str) -> str:
    """Return the first clause of a reason; the whole stands in the table of sources."""
    first = reason.split(";", maxsplit=1)[0]
    return first if len(first) <= LONGEST else f"{first[: LONGEST - 3]}..."


def _silent(stale: Stale) -> str:
    since = f"silent since {stale.published}" if stale.published else "no figure yet"
    return f"{stale.signal} ({stale.publisher}, {since})"


def _figures(outcome: Outcome) -> str:
    if not outcome.fresh:
        return f"no new figure{_asked(outcome)}"
    revised = [i for i in outcome.fresh if i.before is not None]
    new: dict[str, list[Incoming]] = {}
    for i in outcome.fresh:
        if i.before is None:
            new.setdefault(i.signal, []).append(i)
    count, word = len(outcome.fresh) - len(revised), "" if outcome.written else " (not written)"
    newest = sorted(new.values(), key=lambda figures: _last(figures).period_end, reverse=True)
    parts = [f"{_count(count, 'new figure')}{word}: {_some(newest, _latest)}"] if new else []
    if revised:
        parts.append(f"{_count(len(revised), 'revision')}{word}: {_some(_by_size(revised), _revision)}")
    return "; ".join(parts)


def _latest(figures: Sequence[Incoming]) -> str:
    """Name a signal, the number of its new observations if several, and the last."""
    name, value = figures[0].signal, f"{_last(figures).value:.{DIGITS}g}"
    return f"{name} ({len(figures)}, the last {value})" if len(figures) > 1 else f"{name} {value}"


def _last(figures: Sequence[Incoming]) -> Observation:
    return max((i.row for i in figures), key=lambda row: (row.period_end, row.published))


def _asked(outcome: Outcome) -> str:
    counts = Counter(one.outcome for one in outcome.gathered)
    said = [f"{n} {kind}" for kind, n in sorted(counts.items())]
    return f" (sources: {', '.join(said)})" if said else ""


def _resolved(outcome: Outcome) -> str:
    latest = {s.question: s for s in sorted(outcome.scored, key=lambda s: s.run)}
    if not latest:
        return ""

    def told(question: str) -> str:
        one = latest[question]
        return f"{question} {'yes' if one.outcome else 'no'}, said {chance(one.probability)}, Brier {one.score:.2f}"

    return f"{_count(len(latest), 'question')} resolved: {_some(sorted(latest), told)}"


def _by_size(revised: Sequence[Incoming]) -> list[Incoming]:
    def size(i: Incoming) -> float:
        before = i.before or 0.0
        return abs(i.row.value - before) / max(abs(before), abs(i.row.value), 1e-12)

    return sorted(revised, key=size, reverse=True)


def _revision(i: Incoming) -> str:
    return f"{i.signal} to {i.row.period_end} {i.before:.{DIGITS}g} -> {i.row.value:.{DIGITS}g}"


def _why_no_fit(outcome: Outcome) -> str:
    if not outcome.may_fit:
        return "no fit was asked for"
    if outcome.why_fit:
        return f"nothing was fitted yet ({outcome.why_fit})"
    since = f" since the run as of {outcome.last.manifest['as_of']}" if outcome.last else ""
    return f"nothing is new{since}, and nothing was fitted"


def _shares(found: Moved) -> str:
    told = [s for s in found.shares if s.alone is not None]
    refused = len(found.shares) - len(told)
    missing = found.new - len(found.shares)
    move = found.moves[0]
    head = f"of {move.size:+.2f} in {move.what} (Monte Carlo error {found.error:.2f}), "
    parts = []
    if told:
        named = [s for s in told if abs(s.alone or 0.0) >= LEAST / 2] or told[:1]
        parts.append("alone would do " + _some(named, lambda s: f"{s.id} {s.alone:+.2f}"))
    if refused:
        parts.append(f"no draw can tell for {refused} of {found.new} new figures (k-hat)")
    if missing > 0:
        parts.append(f"{missing} {'is' if missing == 1 else 'are'} of signals or periods that the earlier run has not")
    return head + "; ".join(parts) + "."


def _some[T](items: Sequence[T], word: Callable[[T], str]) -> str:
    """Name the first few, and count the others."""
    rest = len(items) - MOST
    return ", ".join(map(word, items[:MOST])) + (f" and {rest} more" if rest > 0 else "")


def _count(n: int, word: str) -> str:
    return f"{n} {word}{'' if n == 1 else 's'}"
