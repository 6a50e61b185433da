"""The effect contributions of claims to layers."""

from stackcast.forecast.claims import reads
from stackcast.report.headline import at
from stackcast.report.page import charts
from stackcast.report.page.section import Cell, Chance, Chart, Section, Source, Table
from stackcast.report.page.words import strength
from stackcast.report.wording import chance


def section(source: Source) -> Section:
    """Return claims with prior beside posterior, and the contrasts."""
    run, priors, now, sides = source.run, source.project.priors, source.horizons["now"], source.debate.sides
    claims, side_of = run.claims, {name: claim.side for name, claim in priors.claims.items()}
    layers = {name: layer.title for name, layer in priors.layers.layers.items()}
    rows = {name: at(claims[claims["name"] == name], now) for name in side_of}
    moved = max(rows, key=lambda n: abs(rows[n]["p_operates"] - rows[n]["prior_p_operates"]))
    word = reads(source.debate, history=run.has_history)
    finding = (
        f"The data moved {moved} most ({priors.claims[moved].title.lower()}): the probability that it {word} "
        f"went from {chance(rows[moved]['prior_p_operates'])} to {chance(rows[moved]['p_operates'])}."
    )
    alt = (
        f"Effect contribution of each claim to each layer's equilibrium at {now}: grey, 90 % of the prior; blue ("
        f"{sides.high.name} side) and vermillion ({sides.low.name} side), 50 and 90 % of the posterior. Right: "
        f"towards {sides.high.name}."
    )
    table: list[list[Cell]] = [
        [
            f"{name} {priors.claims[name].title}" + (" · thin" if row["thin"] else ""),
            side_of[name],
            strength(row, "prior_"),
            strength(row),
            chance(row["prior_p_operates"]),
            Chance(float(row["p_operates"])),
        ]
        for name, row in rows.items()
    ]
    contrasts = [
        [
            row["title"],
            f"{row['high']} against {row['low']}",
            chance(row["prior_p_high_side"]),
            Chance(float(row["p_high_side"])),
        ]
        for row in run.contrasts.to_dict("records")
    ]
    columns = ("claim", "side", "prior, 90 %", "posterior, 90 %", f"P({word}), prior", "posterior")
    pulls = run.table("pulls")
    drawn = [Chart("pulls", alt, charts.pulls(pulls, side_of, layers, sides).to_dict())] if len(pulls) else []
    caption = f"Contrasts: probability that the {sides.high.name} side is the stronger"
    return Section(
        "claims",
        "The tug of war",
        finding,
        (
            *drawn,
            Table("Strength of each claim: 0 is neutral, 1 a prior standard deviation", columns, table, frozenset({4})),
            Table(caption, ("contrast", "claims", "prior", "posterior"), contrasts, frozenset({2})),
        ),
    )
