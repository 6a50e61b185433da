"""The outcome of an update as plain values: all that its five lines print."""

from dataclasses import dataclass
from datetime import date

from stackcast.observations.incoming import Incoming
from stackcast.runs.folder import Run
from stackcast.update.attention import Attention
from stackcast.update.gather import Gathered
from stackcast.update.moves import Moved

DONE, GATE_REFUSED, SOMEBODY_NEEDED = 0, 1, 3


@dataclass(frozen=True)
class Scored:
    """A published probability whose question has resolved."""

    question: str
    run: str
    probability: float
    outcome: bool
    score: float


@dataclass(frozen=True)
class NextQuestion:
    """The question that closes next, and its probability where a run gives one."""

    id: str
    title: str
    closes: date
    probability: float | None


@dataclass(frozen=True)
class NextFigure:
    """When the next observation of a signal is due, and how to get it."""

    signal: str
    due: date
    how: str


@dataclass(frozen=True)
class Outcome:
    """An update.

    Attributes
    ----------
    today
        The UTC day that counted as today.
    gathered
        The result of each source.
    fresh, written
        New observations, and whether they were written.
    may_fit, why_fit
        Whether a fit was wanted, and why there was something to fit, or nothing.
    run, last
        The run that was made and passed, and the last published one before it.
    moved
        The comparison of both.
    scored
        Probabilities whose questions have resolved.
    question, figures
        The question that closes next, and the observations due next.
    attention
        What needs a person.
    """

    today: date
    gathered: tuple[Gathered, ...]
    fresh: tuple[Incoming, ...]
    written: bool
    may_fit: bool
    why_fit: str
    attention: Attention
    run: Run | None = None
    last: Run | None = None
    moved: Moved | None = None
    scored: tuple[Scored, ...] = ()
    question: NextQuestion | None = None
    figures: tuple[NextFigure, ...] = ()

    @property
    def exit_status(self) -> int:
        """0 where nothing needs a person, 1 where a gate refused the run, 3 where somebody is needed."""
        if self.attention.refused:
            return GATE_REFUSED
        return SOMEBODY_NEEDED if self.attention.needed else DONE
