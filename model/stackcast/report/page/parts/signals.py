"""Each signal: its fan, its observations, and its house effect."""

from stackcast.report.marks import named
from stackcast.report.page import charts
from stackcast.report.page.section import Chart, Control, Section, Source, Table
from stackcast.report.plots.style import signed


def section(source: Source) -> Section:
    """Return a chart for each signal in turn, and the table of house effects."""
    run, definitions = source.run, source.project.observations.signals
    table, fitted, facets = run.signals, run.table("fitted"), run.facets.drop_duplicates("name")
    has = set(fitted["signal"])
    known = {str(n): definitions[str(n)] for n in table["name"].unique() if n in definitions and n in has}
    order = sorted(
        known, key=lambda s: (known[s].measures.facet is None, known[s].measures.target, known[s].role != "reference")
    )
    chosen = {slug: known[slug] for slug in order}
    inside = ((fitted["value"] >= fitted["q05"]) | (fitted["side"] < 0)) & (
        (fitted["value"] <= fitted["q95"]) | (fitted["side"] > 0)
    )
    alt = (
        "What a source publishes, quarter by quarter: line, median; bands, 50 and 90 % intervals of its next "
        "observations; dashed, "
        "forecast; vermillion dots, published observations at the middle of their period. In the unit of the source."
    )
    marked = {row["name"]: named(row["name"], {"thin": row["thin"]}) for row in facets.to_dict("records")}
    targets = {slug: marked.get(s.measures.target, s.measures.target) for slug, s in chosen.items()}
    options = tuple((slug, f"{targets[slug]}: {s.title} ({s.unit})") for slug, s in chosen.items())
    chart = charts.signals(
        table[table["name"].isin(order)], fitted[fitted["signal"].isin(order)], chosen, source.horizons["now"]
    )
    houses = [
        [
            definitions[r["name"]].title,
            marked.get(r["facet"], r["facet"]),
            f"{signed(r['q50'])} ({signed(r['q05'])} to {signed(r['q95'])})",
            str(r["observations"]),
        ]
        for r in run.table("houses").to_dict("records")
        if r["name"] in definitions
    ]
    return Section(
        "signals",
        "Every signal",
        f"{len(chosen)} signals with {len(fitted)} observations; {inside.mean():.0%} of them lie inside their 90 "
        "% interval.",
        (
            Chart(
                "signals",
                alt,
                chart.to_dict(),
                (Control("what", "Signal", options), Control("band", "Intervals", charts.BANDS)),
            ),
            Table(
                "House effects: how far a source stands from its population's reference (latent scale, 90 %)",
                ("source", "facet", "offset", "figures"),
                houses,
                frozenset({3}),
                folded=True,
            ),
        ),
    )
