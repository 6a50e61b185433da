"""How open each layer is, and will be."""

import pandas as pd

from model.observations.events import Event
from model.priors.load import layer_of
from model.report.event_marks import until
from model.report.headline import at
from model.report.page import charts
from model.report.page.section import Cell, Chance, Chart, Control, Link, Prose, Section, Source, Table
from model.report.page.words import elo, interval
from model.report.plots.style import percent
from model.runs.folder import Run

EVENTS = " Triangles at the upper edge: events that bear on the layer, the headlines larger; each leads to its source."


def section(source: Source) -> Section:
    """Return layers and facets now and at the horizons, with intervals, over stored runs."""
    run, horizons, priors = source.run, source.horizons, source.project.priors
    layers, facets = run.table("layers"), run.table("facets")
    titles = {"stack": "The whole stack"} | {n: layer.title for n, layer in priors.layers.layers.items()}
    shares = {str(n): str(n) for n in facets.loc[facets["kind"] == "share", "name"].unique()}
    both = pd.concat([_paths(r) for r in source.siblings], ignore_index=True)
    ends = {r.manifest["as_of"]: r.manifest["horizons"]["now"] for r in source.siblings}
    names = titles | shares
    happened = until(source.project.observations.events, run.manifest["as_of"])
    bears = {name: "" if name == "stack" else layer_of(name) for name in names}
    chart = charts.openness(both[both["name"].isin(list(names))], names, ends, happened, bears)
    options = tuple((name, f"{title} (prior only)" if _silent(both, name) else title) for name, title in names.items())
    controls = [Control("what", "Show", options), Control("band", "Intervals", charts.BANDS)]
    if len(ends) > 1:
        controls.append(Control("as_of", "As it looked on", tuple((d, d) for d in ends), slider=True))
    stack = layers[layers["name"] == "stack"]
    alt = (
        f"The stack is {interval(at(stack, horizons['now']))} open now; by {horizons['2030']} it may be anywhere from "
        f"{percent(at(stack, horizons['2030'])['q05'])} to {percent(at(stack, horizons['2030'])['q95'])}. Line: "
        "median; "
        "bands: 50 and 90 % intervals; dashed: forecast; dotted: 90 % of the prior; broken line: one half; grey: "
        f"prior only.{EVENTS if happened else ''}"
    )
    below = [
        titles[n]
        for n in titles
        if n != "stack" and float(at(layers[layers["name"] == n], horizons["now"])["q95"]) < 0.5
    ]
    finding = (
        f"Below one half now, with 95 % probability each: {', '.join(below)}."
        if below
        else "No layer is clearly closed."
    )
    caption = "Open share, median and 90 % interval, and the probability that it is above one half"
    return Section(
        "openness",
        "How open, layer by layer",
        finding,
        (
            Chart("openness", alt, chart.to_dict(), tuple(controls)),
            _table(layers, titles, horizons, caption),
            _table(
                facets[facets["kind"] == "share"],
                shares,
                horizons,
                "The facets: one sense of open, one population each",
            ),
            _gap(facets, horizons),
            *([_events(happened, titles)] if happened else []),
            Prose(
                "A layer is the weighted mean of its facets. The weights are declared, no data inform them: see "
                "the methods."
            ),
        ),
    )


def _paths(run: Run) -> pd.DataFrame:
    columns = ["name", "date", "q05", "q25", "q50", "q75", "q95", "prior_q05", "prior_q95", "prior_only"]
    parts = [run.table(name)[columns] for name in ("layers", "facets")]
    return pd.concat(parts, ignore_index=True).assign(as_of=run.manifest["as_of"])


def _silent(paths: pd.DataFrame, name: str) -> bool:
    return bool(paths.loc[paths["name"] == name, "prior_only"].iloc[-1])


def _table(table: pd.DataFrame, titles: dict[str, str], horizons: dict[str, str], caption: str) -> Table:
    rows: list[list[Cell]] = []
    for name, title in titles.items():
        mine = table[table["name"] == name]
        note = " · prior only" if mine["prior_only"].iloc[0] else ""
        cells = [interval(at(mine, day)) for day in horizons.values()]
        rows.append([title + note, *cells, _chance(mine, horizons, "p_open")])
    columns = ["", *(f"{day}" for day in horizons.values()), f"P(open) {horizons['2030'][:4]}"]
    return Table(caption, columns, rows, frozenset({1, 2, 3}))


def _gap(facets: pd.DataFrame, horizons: dict[str, str]) -> Table:
    mine = facets[facets["kind"] == "gap"]
    rows: list[list[Cell]] = [
        [str(name), *(elo(at(part, day)) for day in horizons.values()), _chance(part, horizons, "p_not_behind")]
        for name, part in mine.groupby("name")
    ]
    columns = ["", *horizons.values(), f"P(not behind) {horizons['2030'][:4]}"]
    return Table(
        "How far the best open model trails (Elo points, closed minus open)", columns, rows, frozenset({1, 2, 3})
    )


def _events(events: tuple[Event, ...], titles: dict[str, str]) -> Table:
    """Return every event with its source, the newest first."""
    rows: list[list[Cell]] = [
        [e.title, e.date.isoformat(), titles.get(e.layer, e.layer), ", ".join(e.claims), Link(e.source_url, "source")]
        for e in reversed(events)
    ]
    caption = "Events marked on the chart: chosen by judgement, shown and never fitted"
    return Table(caption, ("event", "date", "layer", "claims", "source"), rows, folded=True)


def _chance(table: pd.DataFrame, horizons: dict[str, str], column: str) -> Chance:
    return Chance(float(at(table, horizons["2030"])[column]))
