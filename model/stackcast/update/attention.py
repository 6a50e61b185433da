"""What needs a person: failed sources, questions to settle, names without a label, contradictions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from stackcast.evaluate.record import to_settle
from stackcast.explain.contradictions import Contradiction, contradictions
from stackcast.observations.debt import load_unlabelled
from stackcast.observations.staleness import Stale, stale_signals
from stackcast.project import Project
from stackcast.runs.folder import Run
from stackcast.sources import pullers
from stackcast.update.gather import Gathered


@dataclass(frozen=True)
class Attention:
    """What is broken, or waits for a person.

    Attributes
    ----------
    failed
        Why each source that failed did, by its name.
    stale
        Signals without a new period for twice their usual spacing.
    debt, new_debt
        Names without a label by source, the heaviest first; and those of them that were not known to lack one.
    to_settle
        Questions that closed without a value, to be settled by hand.
    contradictions, new_contradictions
        Signals of a facet with house effects far apart; and those that the earlier run did not have.
    refused
        Which gates refused the run, or nothing.
    """

    failed: Mapping[str, str] = field(default_factory=dict)
    stale: tuple[Stale, ...] = ()
    debt: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    new_debt: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    to_settle: tuple[str, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    new_contradictions: tuple[Contradiction, ...] = ()
    refused: str = ""

    @property
    def needed(self) -> bool:
        """Whether a person must act; a stale signal alone does not count."""
        return bool(self.failed or self.new_debt or self.to_settle or self.new_contradictions or self.refused)


def attention(
    project: Project,
    gathered: tuple[Gathered, ...],
    known: frozenset[tuple[str, str]],
    today: date,
    run: Run | None = None,
    before: Run | None = None,
    refused: str = "",
) -> Attention:
    """Collect what a person must look at.

    Parameters
    ----------
    project
        As it stands now.
    gathered
        The results of the sources.
    known
        (source, name) pairs that were known to lack a label (:func:`standing_debt`).
    today
        The UTC day that counts as today.
    run, before
        The latest published run, and the one before it.
    refused
        Which gates refused a newer run.
    """
    pulled = [one.pulled for one in gathered if one.pulled]
    debt = {one.source.name: tuple(line.model for line in one.debt) for one in pulled if one.debt}
    fresh = {s: tuple(name for name in names if (s, name) not in known) for s, names in debt.items()}
    feeding = pullers(project.observations.signals, (one.due.source for one in gathered))
    found = contradictions(run, project.observations) if run else []
    earlier = contradictions(before, project.observations) if before else []
    pairs = {(c.higher, c.lower) for c in earlier}
    return Attention(
        failed={one.name: one.trouble for one in gathered if one.outcome == "failed"},
        stale=tuple(stale_signals(project.observations, today, feeding)),
        debt=debt,
        new_debt={source: names for source, names in fresh.items() if names},
        to_settle=tuple(q.id for q in to_settle(project, today)),
        contradictions=tuple(found),
        new_contradictions=tuple(c for c in found if (c.higher, c.lower) not in pairs),
        refused=refused,
    )


def standing_debt(root: Path, today: date) -> frozenset[tuple[str, str]]:
    """Return the (source, name) pairs that are known to lack a label; none where no list is kept."""
    return frozenset((line.source, line.model) for line in load_unlabelled(root / "observations", today=today))
