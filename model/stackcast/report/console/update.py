"""Terminal and JSON output of ``update``: sources, new rows, and the five lines."""

from dataclasses import asdict
from typing import Any

from rich.markup import escape
from rich.table import Table

from stackcast.report.console.five_lines import five_lines
from stackcast.report.console.forecast import terminal
from stackcast.report.console.pulled import figures_table
from stackcast.update.gather import Gathered
from stackcast.update.outcome import Outcome
from stackcast.update.week import Week

SHOWN = 60
"""Number of new rows shown; the others are counted."""
NAMES = 5
"""Number of names without a label shown of a source."""


def print_gathered(gathered: tuple[Gathered, ...]) -> None:
    """Print the result of each source, new rows and revisions, and names without a label."""
    console = terminal()
    table = Table("source", "", "why", title="Sources", title_justify="left")
    for one in gathered:
        style = "red" if one.outcome == "failed" else "dim" if one.outcome != "pulled" else ""
        table.add_row(escape(one.name), one.outcome, escape(one.trouble or one.due.why), style=style)
    console.print(table)
    fresh = [i for one in gathered if one.pulled for i in one.pulled.fresh]
    if fresh:
        console.print(figures_table(fresh[:SHOWN]))
    if len(fresh) > SHOWN:
        console.print(f"and {len(fresh) - SHOWN} more")
    for one in gathered:
        if one.pulled and one.pulled.unlabelled:
            names = one.pulled.unlabelled
            more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
            shown = escape(", ".join(names[:NAMES]) + more)
            console.print(f"{escape(one.name)}: {len(names)} names without a label, neither open nor closed: {shown}")


def steps(week: Week) -> str:
    """Return the steps of the plan in words."""
    plan = week.plan
    parts = [f"write {len(plan.fresh)} rows"] if plan.fresh else []
    if plan.why_fit:
        than = f", compare with {plan.last.name}" if plan.last else ""
        parts.append(f"fit (some minutes){than} and publish")
    elif plan.fresh and not week.may_fit:
        parts.append("not fit")
    if plan.scores:
        parts.append(f"score {plan.scores} published probabilities")
    if plan.unpublished and plan.last:
        parts.append(f"write the page of {plan.last.name}")
    if plan.lists:
        parts.append(f"list the names without a label of {', '.join(plan.lists)}")
    return ", ".join(parts) or "nothing is new and no question is due: nothing to do"


def print_outcome(outcome: Outcome) -> None:
    """Print the five lines, each on a line of its own."""
    console = terminal()
    console.print()
    for word, sentence in five_lines(outcome).items():
        console.print(f"[bold]{word}[/]: {escape(sentence)}", soft_wrap=True, highlight=False)


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """Return the five lines and their data as plain data."""
    found = outcome.attention
    return {
        "today": outcome.today.isoformat(),
        "lines": {word.lower(): sentence for word, sentence in five_lines(outcome).items()},
        "status": outcome.exit_status,
        "sources": [
            {"name": one.name, "outcome": one.outcome, "why": one.due.why, "trouble": one.trouble}
            for one in outcome.gathered
        ],
        "written": outcome.written,
        "figures": [
            {
                "signal": i.signal,
                "kind": i.kind,
                "before": i.before,
                **i.row.model_dump(mode="json", exclude_none=True),
            }
            for i in outcome.fresh
        ],
        "why_fit": outcome.why_fit,
        "run": outcome.run.name if outcome.run else None,
        "last": outcome.last.name if outcome.last else None,
        "moved": asdict(outcome.moved) if outcome.moved else None,
        "scored": [asdict(s) for s in outcome.scored],
        "question": _dated(outcome.question) if outcome.question else None,
        "next": [_dated(f) for f in outcome.figures],
        "broken": {
            "refused": found.refused,
            "failed": dict(found.failed),
            "to_settle": list(found.to_settle),
            "unlabelled": {source: list(names) for source, names in found.debt.items()},
            "new_unlabelled": {source: list(names) for source, names in found.new_debt.items()},
            "contradictions": [asdict(c) for c in found.contradictions],
            "new_contradictions": [asdict(c) for c in found.new_contradictions],
            "stale": [
                {"signal": s.signal, "publisher": s.publisher, "latest": str(s.published) if s.published else None}
                for s in found.stale
            ],
        },
    }


def _dated(value: Any) -> dict[str, Any]:
    """Return a value object as plain data, its days as text."""
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in asdict(value).items()}
