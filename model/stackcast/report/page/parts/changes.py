"""Changes since the previous run."""

from collections.abc import Mapping
from typing import Any

from stackcast.explain.compare import compare_runs
from stackcast.report.page.section import Link, Missing, Section, Source, Table
from stackcast.report.wording import capital, chance, end_of

TITLE = "What changed"
MOST = 8
HEADS = ("", "before", "after", "move")


def section(source: Source) -> Section:
    """Return how the headline moved since the run of an earlier date, and which observations are new."""
    if len(source.siblings) < 2:
        missing = Missing("There is no earlier run made in the same way. Make one with", "stackcast fit --as-of DATE")
        return Section("changes", TITLE, "No earlier run to compare with.", (missing,))
    before, run = source.siblings[-2:]
    found = compare_runs(before, run, source.project, source.whole)
    moves = found.moves
    new = run.table("fitted")
    new = new[~new["id"].isin(before.table("fitted")["id"])].sort_values("published", ascending=False)
    first = moves.iloc[0]
    finding = (
        f"Since the run as of {before.manifest['as_of']}: {len(new)} observations that it did not know; the largest "
        f"move is {first['what']}, from "
        f"{chance(first['before'])} to {chance(first['after'])}."
    )
    rows = [
        [r["what"], chance(r["before"]), chance(r["after"]), f"{r['after'] - r['before']:+.2f}"]
        for r in moves.to_dict("records")
    ]
    signals = source.project.observations.signals
    figures = [
        [
            signals[r["signal"]].title if r["signal"] in signals else r["signal"],
            f"{r['period_start']} to {r['period_end']}",
            r["published"],
            f"{r['value']:g}",
            _surprise(r),
            Link(r["source_url"], "source"),
        ]
        for r in new.to_dict("records")
    ]
    told = found.shares.dropna().head(MOST)
    alone = [
        [r["id"], r["published"], f"{r['value']:g}", f"{r['alone']:+.4f} ± {2 * r['error']:.4f}"]
        for r in told.to_dict("records")
    ]
    share, when = f"{capital(source.debate.share)} of {source.debate.whole}", end_of(source.horizons["far"])
    pull = (
        f"{share} at {when} went from {found.before:.3f} to {found.after:.3f}; what each new observation alone would "
        f"have done to the earlier run ({len(found.shares) - len(told)} more: stackcast compare)"
    )
    return Section(
        "changes",
        TITLE,
        finding,
        (
            Table(f"The {len(rows[:MOST])} largest moves of the headline", HEADS, rows[:MOST], frozenset({1, 2, 3})),
            Table(f"The other {len(rows[MOST:])}", HEADS, rows[MOST:], frozenset({1, 2, 3}), folded=True),
            Table(pull, ("observation", "published", "value", "alone"), alone, frozenset({2, 3})),
            Table(
                f"The {len(new)} new observations",
                ("signal", "period", "published", "value", "how it was taken", ""),
                figures,
                frozenset({3}),
                folded=len(new) > MOST,
            ),
        ),
    )


def _surprise(row: Mapping[Any, Any]) -> str:
    """Say where an observation lies in the forecast that did not see it; nothing for a bound."""
    pit = float(row.get("loo_pit", "nan"))
    if row["side"] != 0 or pit != pit:
        return ""
    return "far above expectation" if pit > 0.95 else "far below expectation" if pit < 0.05 else "as expected"
