"""What changed since the run before."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from model.report.headline import at
from model.report.page.section import Link, Missing, Section, Source, Table
from model.runs.folder import Run

TITLE = "What changed"
MOST = 8
HEADS = ("", "before", "after", "move")


def section(source: Source) -> Section:
    """Return how the headline moved since the run of an earlier date, and which figures are new."""
    if len(source.siblings) < 2:
        missing = Missing("There is no earlier run made in the same way. Make one with", "stackcast fit --as-of DATE")
        return Section("changes", TITLE, "No earlier run to compare with.", (missing,))
    before, run = source.siblings[-2:]
    moves = headline_moves(before, run)
    new = run.table("fitted")
    new = new[~new["id"].isin(before.table("fitted")["id"])].sort_values("published", ascending=False)
    first = moves.iloc[0]
    finding = (
        f"Since the run as of {before.manifest['as_of']}: {len(new)} figures that it did not know; the largest "
        f"move is {first['what']}, from "
        f"{first['before']:.2f} to {first['after']:.2f}."
    )
    rows = [
        [r["what"], f"{r['before']:.2f}", f"{r['after']:.2f}", f"{r['after'] - r['before']:+.2f}"]
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
    return Section(
        "changes",
        TITLE,
        finding,
        (
            Table(f"The {len(rows[:MOST])} largest moves of the headline", HEADS, rows[:MOST], frozenset({1, 2, 3})),
            Table(f"The other {len(rows[MOST:])}", HEADS, rows[MOST:], frozenset({1, 2, 3}), folded=True),
            Table(
                f"The {len(new)} figures that are new",
                ("signal", "period", "published", "figure", "how it was taken", ""),
                figures,
                frozenset({3}),
                folded=len(new) > MOST,
            ),
        ),
    )


def headline_moves(before: Run, after: Run) -> pd.DataFrame:
    """Return ``what, before, after`` of every probability that both runs have, the largest move first."""
    rows = []
    days = [d for d in after.manifest["horizons"].values() if d in set(before.table("layers")["date"])]
    for name, part in after.table("layers").groupby("name", sort=False):
        old = before.table("layers")
        old = old[old["name"] == name]
        for day in days if len(old) else []:
            rows.append((f"P({name} open) at {day}", at(old, day)["p_open"], at(part, day)["p_open"]))
    claims = {run: run.table("claims") for run in (before, after)}
    for name in claims[after]["name"].unique():
        if name in set(claims[before]["name"]):
            pair = [
                at(t[t["name"] == name], run.manifest["horizons"]["now"])["p_operates"] for run, t in claims.items()
            ]
            rows.append((f"P({name} operates)", *pair))
    asked = {run: run.table("questions").set_index("id")["probability"] for run in (before, after)}
    rows += [(f"P({q})", asked[before][q], asked[after][q]) for q in asked[after].index if q in asked[before].index]
    table = pd.DataFrame(rows, columns=["what", "before", "after"])
    return table.loc[(table["after"] - table["before"]).abs().sort_values(ascending=False, kind="stable").index]


def _surprise(row: Mapping[Any, Any]) -> str:
    """Say where a figure lies in the forecast that did not see it; nothing for a bound."""
    pit = float(row.get("loo_pit", "nan"))
    if row["side"] != 0 or pit != pit:
        return ""
    return "far above expectation" if pit > 0.95 else "far below expectation" if pit < 0.05 else "as expected"
