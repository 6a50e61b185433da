"""The convergence of two prior scenarios."""

import pandas as pd

from stackcast.forecast.openness import STACK
from stackcast.priors.debate import Debate
from stackcast.report.marks import named
from stackcast.report.page.section import Missing, Section, Source, Table


def section(source: Source) -> Section | None:
    """Return posterior over prior distance; nothing where no two are declared."""
    if source.opposed is None:
        return None
    first, second = source.opposed
    title = f"The prior scenarios {first} and {second}"
    found = source.convergence
    if found is None:
        text = f"The prior scenarios {first} and {second} have no run both at this date. Make them with"
        missing = Missing(text, "stackcast fit --prior-scenario all")
        return Section("prior_scenarios", title, "Not known yet: not all prior scenarios have been fitted.", (missing,))
    facets = source.run.facets.drop_duplicates("name")
    marks: dict[str, dict[str, bool]] = {r["name"]: {"thin": r["thin"]} for r in facets.to_dict("records")}
    rows = [
        [
            f"{named(source.debate.called(r['name']), marks.get(r['name'], {}))}, {r['date']}",
            f"{r['prior_first']:.2f}",
            f"{r['prior_second']:.2f}",
            f"{r['first']:.2f}",
            f"{r['second']:.2f}",
            "" if r["ratio"] != r["ratio"] else f"{r['ratio']:.2f}",
        ]
        for r in found.to_dict("records")
    ]
    columns = (
        "",
        f"{first}, prior",
        f"{second}, prior",
        f"{first} now",
        f"{second} now",
        "distance, after over before",
    )
    numbers = frozenset(range(1, 6))
    caption = "Means of each prior scenario, before and after the data"
    whole = Table(caption, columns, rows, numbers, folded=True)
    names = (*source.project.priors.layers.layers, STACK)
    layers = [r for r, row in zip(rows, found.to_dict("records"), strict=True) if row["name"] in names]
    lead = Table(f"Layers and {source.debate.whole}", columns, layers, numbers)
    return Section("prior_scenarios", title, _finding(found, source.debate), (lead, whole))


def _finding(found: pd.DataFrame, debate: Debate) -> str:
    shown = found[found["ratio"].notna()].sort_values("ratio")
    if shown.empty:
        return "The priors of the two do not differ."
    best, worst = ((debate.called(str(row["name"])), row["ratio"]) for row in (shown.iloc[0], shown.iloc[-1]))
    return (
        f"The data brought the prior scenarios closest on {best[0]} (distance {best[1]:.2f} of the priors'), and "
        f"least on {worst[0]} ({worst[1]:.2f}). 0: settled; 1: as far apart as before."
    )
