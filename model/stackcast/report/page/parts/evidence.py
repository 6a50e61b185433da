"""Every observation with its source."""

from stackcast.report.page.section import Link, Section, Source, Table


def section(source: Source) -> Section:
    """Return every observation that the run used, by signal."""
    signals, rows = source.project.observations.signals, source.project.observations.rows
    fitted = source.run.table("fitted")
    notes = rows.set_index("id")["note"]
    tables = []
    for slug, part in fitted.groupby("signal", sort=True):
        known = signals.get(str(slug))
        title = f"{known.title} ({known.publisher.name})" if known else str(slug)
        cells = [
            [
                r["id"],
                f"{r['period_start']} to {r['period_end']}",
                r["published"],
                f"{r['value']:g}",
                f"{r['q50']:.3g} ({r['q05']:.3g} to {r['q95']:.3g})",
                Link(str(r["source_url"]), "source"),
                str(notes.get(r["id"], "") or ""),
            ]
            for r in part.to_dict("records")
        ]
        columns = ("id", "period", "published", "value", "as the model reads it", "", "note")
        tables.append(Table(f"{title}: {len(part)}", columns, cells, frozenset({3}), folded=True))
    publishers = {signals[s].publisher.name for s in fitted["signal"] if s in signals}
    finding = (
        f"{len(fitted)} observations of {fitted['signal'].nunique()} signals from {len(publishers)} publishers, each "
        "with its source."
    )
    return Section("evidence", "Every observation", finding, tuple(tables))
