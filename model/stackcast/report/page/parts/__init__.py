"""The parts of the page, in order. A new part is one module and one line here.

A part that a debate has nothing for returns None.
"""

from collections.abc import Callable

from stackcast.report.page.parts import (
    changes,
    claims,
    evidence,
    history,
    method,
    openness,
    prior_scenarios,
    questions,
    record,
    scenarios,
    signals,
    verdict,
    watch,
)
from stackcast.report.page.section import Section, Source

PARTS: tuple[Callable[[Source], Section | None], ...] = (
    verdict.section,
    openness.section,
    claims.section,
    history.section,
    changes.section,
    watch.section,
    scenarios.section,
    signals.section,
    questions.section,
    prior_scenarios.section,
    record.section,
    evidence.section,
    method.section,
)
