"""The questions that can be resolved, with probabilities and criteria."""

from datetime import date

from stackcast.evaluate.outside import by_question, related
from stackcast.observations.markets import YES, Market
from stackcast.report.page.section import Cell, Chance, Link, Section, Source, Table
from stackcast.report.wording import chance


def section(source: Source) -> Section | None:
    """Return every question: probability, prior, date, criteria; nothing where none is asked."""
    rows = source.run.questions.sort_values("closes", kind="stable").to_dict("records")
    if not rows:
        return None
    day = source.run.as_of
    others = by_question(source.project.observations.markets, day)
    table: list[list[Cell]] = [
        [
            r["title"] + (" · prior only" if r["prior_only"] else ""),
            r["closes"],
            chance(r["prior_probability"]),
            Chance(float(r["probability"])),
            *([_said(others.get(r["id"], []))] if others else []),
        ]
        for r in rows
    ]
    criteria = [[r["title"], r["resolution"], r["if_unpublished"]] for r in rows]
    near = min(rows, key=lambda r: r["closes"])
    sharp = max(rows, key=lambda r: abs(r["probability"] - r["prior_probability"]))
    finding = (
        f"{len(rows)} questions; the first closes on {near['closes']}. The data moved one most, from "
        f"{chance(sharp['prior_probability'])} to {chance(sharp['probability'])}: {sharp['title']}"
    )
    return Section(
        "questions",
        "Questions that will be settled",
        finding,
        (
            Table(
                "Probability that the answer is yes",
                ("question", "closes", "prior", "P(yes)", *(["others"] if others else [])),
                table,
                frozenset({2}),
            ),
            *_related(source, day),
            Table("How each is resolved", ("question", "resolution", "if nothing is published"), criteria, folded=True),
        ),
    )


def _said(markets: list[Market]) -> Cell:
    """Return what public markets say about one question of ours; a link where one market does."""
    words = "; ".join(f"{m.market} {chance(m.probability)} ({m.day})" for m in markets)
    return Link(markets[0].source_url, words) if len(markets) == 1 else words


def _related(source: Source, day: date) -> list[Table]:
    """Return what public markets say about questions near to ours, where there is any."""
    found = related(source.project.observations.markets, day)
    if not found:
        return []
    pages: dict[tuple[str, str, date], list[Market]] = {}
    for market in sorted(found, key=lambda m: (m.asked, -m.probability)):
        pages.setdefault((market.asked, market.market, market.day), []).append(market)
    rows = [_page(markets) for markets in pages.values()]
    caption = "What others say on related questions: not the same as ours, so shown and never scored"
    return [Table(caption, ("as asked there", "day", "probability", "source", "note"), rows, folded=True)]


def _page(markets: list[Market]) -> list[Cell]:
    """Return the row of one question as asked elsewhere, with what was said of each of its outcomes."""
    first = markets[0]
    only = len(markets) == 1 and first.outcome == YES
    said: Cell = (
        Chance(first.probability) if only else ", ".join(f"{m.outcome} {chance(m.probability)}" for m in markets)
    )
    return [first.asked, first.day.isoformat(), said, Link(first.source_url, first.market), first.note]
