"""The question that closes next, and the observations due next."""

from collections.abc import Iterable
from datetime import date

from stackcast.explain.next import next_due
from stackcast.project import Project
from stackcast.runs.folder import Run
from stackcast.sources import Source, pullers
from stackcast.update.outcome import NextFigure, NextQuestion


def next_question(project: Project, run: Run | None, today: date) -> NextQuestion | None:
    """Return the question that closes next, with its probability in a run that passed; None where all have closed."""
    open_ones = [q for q in project.observations.questions if q.closes >= today and q.settled is None]
    if not open_ones:
        return None
    first = min(open_ones, key=lambda q: (q.closes, q.id))
    asked = {} if run is None else run.questions.set_index("id")["probability"].to_dict()
    chance = asked.get(first.id)
    return NextQuestion(first.id, first.title, first.closes, None if chance is None else float(chance))


def next_figures(project: Project, sources: Iterable[Source], today: date) -> tuple[NextFigure, ...]:
    """Return the next observation of each signal that is not retired, the earliest first."""
    adapters = pullers(project.observations.signals, sources)
    found = [NextFigure(due.signal, due.due, due.how) for due in next_due(project, adapters, today)]
    return tuple(sorted(found, key=lambda f: (f.due, f.signal)))
