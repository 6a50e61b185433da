"""The questions that can be resolved, with probabilities and criteria."""

from model.report.page.section import Chance, Section, Source, Table


def section(source: Source) -> Section:
    """Return every question: probability, prior, date, criteria."""
    rows = source.run.table("questions").sort_values("closes", kind="stable").to_dict("records")
    table = [
        [
            r["title"] + (" · prior only" if r["prior_only"] else ""),
            r["closes"],
            f"{r['prior_probability']:.2f}",
            Chance(float(r["probability"])),
        ]
        for r in rows
    ]
    criteria = [[r["title"], r["resolution"], r["if_unpublished"]] for r in rows]
    near = min(rows, key=lambda r: r["closes"])
    sharp = max(rows, key=lambda r: abs(r["probability"] - r["prior_probability"]))
    finding = (
        f"{len(rows)} questions; the first closes on {near['closes']}. The figures moved one most, from "
        f"{sharp['prior_probability']:.2f} to {sharp['probability']:.2f}: {sharp['title']}"
    )
    return Section(
        "questions",
        "Questions that will be settled",
        finding,
        (
            Table(
                "Probability that the answer is yes", ("question", "closes", "prior", "P(yes)"), table, frozenset({2})
            ),
            Table("How each is resolved", ("question", "resolution", "if nothing is published"), criteria, folded=True),
        ),
    )
