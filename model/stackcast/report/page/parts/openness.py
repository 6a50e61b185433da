"""Open shares of the layers, past and forecast."""

from typing import Any

import pandas as pd

from stackcast.forecast.age import FORECAST
from stackcast.forecast.openness import STACK
from stackcast.observations.events import Event
from stackcast.priors.schema import layer_of
from stackcast.report.headline import at
from stackcast.report.marks import FORECAST_MEANS, THIN_MEANS, figure, is_forecast, marks, named
from stackcast.report.page import charts
from stackcast.report.page.section import Cell, Chance, Chart, Control, Link, Noted, Prose, Section, Source, Table
from stackcast.report.page.words import gap, interval
from stackcast.report.plots.event_marks import until
from stackcast.report.wording import capital, difference, percent
from stackcast.runs.folder import Run

EVENTS = " Triangles at the upper edge: events that bear on the layer, the headlines larger; each leads to its source."


def section(source: Source) -> Section:
    """Return layers and facets now and at the horizons, with intervals, over stored runs."""
    run, horizons, priors, debate = source.run, source.horizons, source.project.priors, source.debate
    layers, facets, last = run.layers, run.facets, run.table("last_figures")
    titles = {STACK: capital(debate.whole)} | {n: layer.title for n, layer in priors.layers.layers.items()}
    shares = {str(n): str(n) for n in facets.loc[facets["kind"] == "share", "name"].unique()}
    both = pd.concat([_paths(r) for r in source.siblings], ignore_index=True)
    ends = {r.manifest["as_of"]: r.horizons["now"] for r in source.siblings}
    names = titles | shares
    happened = until(source.project.observations.events, run.manifest["as_of"])
    bears = {name: "" if name == STACK else layer_of(name) for name in names}
    chart = charts.openness(both[both["name"].isin(list(names))], names, ends, happened, bears, debate.share)
    marked = {str(row["name"]): row for t in (layers, facets) for row in t.drop_duplicates("name").to_dict("records")}
    options = tuple((name, named(title, marked[name])) for name, title in names.items())
    controls = [Control("what", "Show", options), Control("band", "Intervals", charts.BANDS)]
    if len(ends) > 1:
        controls.append(Control("as_of", "As it looked on", tuple((d, d) for d in ends), slider=True))
    whole = layers[layers["name"] == STACK]
    word = f", by {FORECAST}" if is_forecast(whole.iloc[0]) else ""
    now, end = at(whole, horizons["now"]), at(whole, horizons["far"])
    alt = (
        f"{capital(debate.whole)} is {interval(now)} {debate.sides.high.name} now{word}; by {horizons['far']} it may "
        f"be anywhere from {percent(end['q05'])} to {percent(end['q95'])}. Line: median; bands: 50 and 90 % intervals; "
        "dashed: forecast; dotted: 90 % of the prior; broken line: one half; grey: "
        f"prior only.{EVENTS if happened else ''}"
    )
    below = [
        titles[n] for n in titles if n != STACK and float(at(layers[layers["name"] == n], horizons["now"])["q95"]) < 0.5
    ]
    finding = (
        f"Below one half now, with 95 % probability each: {', '.join(below)}."
        if below
        else f"No layer is clearly {debate.sides.low.title}."
    )
    caption = f"{capital(debate.share)}, median and 90 % interval, and the probability that it is above one half"
    return Section(
        "openness",
        "Layer by layer",
        finding,
        (
            Chart("openness", alt, chart.to_dict(), tuple(controls)),
            _table(source, layers, titles, caption),
            _table(
                source,
                facets[facets["kind"] == "share"],
                shares,
                "The facets: one sense and one population each; beside each the last figure of its reference",
                last,
            ),
            *_gaps(source, facets, last),
            Prose(f"Marked {FORECAST_MEANS}. Marked {THIN_MEANS}."),
            _figures(source, last),
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


def _table(
    source: Source,
    table: pd.DataFrame,
    titles: dict[str, str],
    caption: str,
    last: pd.DataFrame | None = None,
) -> Table:
    rows: list[list[Cell]] = []
    now, *ahead = source.horizons.values()
    for name, title in titles.items():
        mine = table[table["name"] == name]
        cells = [_now(source, interval(at(mine, now)), mine, last), *(interval(at(mine, day)) for day in ahead)]
        rows.append([_name(title, mine), *cells, Chance(float(at(mine, ahead[-1])["p_high"]))])
    columns = ["", now, *ahead, f"P({source.debate.sides.high.name}) {ahead[-1][:4]}"]
    return Table(caption, columns, rows, frozenset(range(1, len(columns) - 1)))


def _gaps(source: Source, facets: pd.DataFrame, last: pd.DataFrame) -> list[Table]:
    """Return a table of each gap: how far the side ``low`` is ahead, in the unit of its scale."""
    now, *ahead = source.horizons.values()
    columns = ["", now, *ahead, f"P({source.debate.sides.high.name} not behind) {ahead[-1][:4]}"]
    tables = []
    for name, mine in facets[facets["kind"] == "gap"].groupby("name"):
        scale = source.run.scales[str(name)]
        cells = [_now(source, gap(at(mine, now), scale), mine, last), *(gap(at(mine, day), scale) for day in ahead)]
        chance = Chance(float(at(mine, ahead[-1])["p_not_behind"]))
        caption = f"{source.project.priors.facets[str(name)].title} ({difference(source.debate, scale)})"
        numeric = frozenset(range(1, len(columns) - 1))
        tables.append(Table(caption, columns, [[_name(str(name), mine), *cells, chance]], numeric))
    return tables


def _name(title: str, table: pd.DataFrame) -> Noted:
    return Noted(title, marks(table.iloc[0]))


def _now(source: Source, text: str, table: pd.DataFrame, last: pd.DataFrame | None) -> Cell:
    """Return the number of the as-of quarter: whether it is a forecast, and the last observation before it."""
    notes = [FORECAST] if is_forecast(table.iloc[0]) else []
    if last is not None:
        row = last[last["name"] == table["name"].iloc[0]].iloc[0]
        notes += (
            [f"last figure {figure(row, source.run.scales)}", f"to {row['period_end']}"]
            if _holds(row["id"])
            else [figure(row, source.run.scales)]
        )
        notes += ["a newer source", f"to {row['newer_period_end']}"] if _holds(row["newer_id"]) else []
    return Noted(text, tuple(notes))


def _figures(source: Source, last: pd.DataFrame) -> Table:
    """Return where each facet's last observation stands, how old it is, and which secondary signal is newer."""
    signals = source.project.observations.signals
    titles = {slug: signal.title for slug, signal in signals.items()}
    rows: list[list[Cell]] = []
    for row in last.to_dict("records"):
        reference = titles.get(row["signal"], str(row["signal"]) if _holds(row["signal"]) else "")
        cells: list[Cell] = [str(row["name"]), reference, figure(row, source.run.scales), "", "", str(row["dates"]), ""]
        if _holds(row["id"]):
            cells[1] = Link(str(row["source_url"]), reference)
            cells[3:5] = [Noted(str(row["period_end"]), ("published", str(row["published"]))), f"{row['days']:.0f}"]
        if _holds(row["newer_id"]):
            newer = titles.get(row["newer_signal"], str(row["newer_signal"]))
            cells[6] = Noted(str(row["newer_period_end"]), (newer,))
        rows.append(cells)
    columns = ("", "reference", "last figure", "period to", "days old", "dates", "a source is newer")
    return Table("Where the last figure of each facet stands", columns, rows, frozenset({2, 4, 5}), folded=True)


def _holds(cell: Any) -> bool:
    return bool(pd.notna(cell))


def _events(events: tuple[Event, ...], titles: dict[str, str]) -> Table:
    """Return every event with its source, the newest first."""
    rows: list[list[Cell]] = [
        [e.title, e.date.isoformat(), titles.get(e.layer, e.layer), ", ".join(e.claims), Link(e.source_url, "source")]
        for e in reversed(events)
    ]
    caption = "Events marked on the chart: chosen by judgement, shown and never fitted"
    return Table(caption, ("event", "date", "layer", "claims", "source"), rows, folded=True)
