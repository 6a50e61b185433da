"""The two prior scenarios: what the evidence has settled between them."""

from stackcast.report.marks import named
from stackcast.report.page.section import Missing, Section, Source, Table

TITLE = "The two prior scenarios"


def section(source: Source) -> Section:
    """Return the prior scenarios' distance after the figures over that before."""
    found = source.convergence
    if found is None:
        missing = Missing(
            "The open and the closed prior scenario have no run at this date. Make them with",
            "stackcast fit --prior-scenario all",
        )
        return Section("prior_scenarios", TITLE, "Not known yet: only one prior scenario has been fitted.", (missing,))
    settled = found[found["ratio"].notna()].sort_values("ratio")
    best, worst = settled.iloc[0], settled.iloc[-1]
    finding = (
        f"The figures brought the prior scenarios closest on {best['name']} (distance {best['ratio']:.2f} of the "
        "priors'), and least on "
        f"{worst['name']} ({worst['ratio']:.2f}). 0: settled; 1: as far apart as before."
    )
    facets = source.run.table("facets").drop_duplicates("name")
    marks: dict[str, dict[str, bool]] = {r["name"]: {"thin": r["thin"]} for r in facets.to_dict("records")}
    rows = [
        [
            f"{named(r['name'], marks.get(r['name'], {}))}, {r['date']}",
            f"{r['prior_open']:.2f}",
            f"{r['prior_closed']:.2f}",
            f"{r['open']:.2f}",
            f"{r['closed']:.2f}",
            "" if r["ratio"] != r["ratio"] else f"{r['ratio']:.2f}",
        ]
        for r in found.to_dict("records")
    ]
    columns = (
        "",
        "open prior scenario's prior",
        "closed prior scenario's prior",
        "open prior scenario now",
        "closed prior scenario now",
        "distance, after over before",
    )
    table = Table(
        "Means of each prior scenario, before and after the figures", columns, rows, frozenset(range(1, 6)), folded=True
    )
    layers = [r for r, row in zip(rows, found.to_dict("records"), strict=True) if row["name"] in _layers(source)]
    first = Table("Layers and the stack", columns, layers, frozenset(range(1, 6)))
    return Section("prior_scenarios", TITLE, finding, (first, table))


def _layers(source: Source) -> tuple[str, ...]:
    return (*source.project.priors.layers.layers, "stack")
