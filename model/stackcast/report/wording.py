"""Words of a debate and numbers of gaps, as parts of sentences."""

from stackcast.priors.debate import Debate
from stackcast.priors.schema import Scale


def capital(text: str) -> str:
    """Return words with a capital first letter."""
    return text[:1].upper() + text[1:]


def end_of(day: str) -> str:
    """Return the last day of a quarter as words: "the end of 2030" where it ends the year."""
    year, _, rest = day.partition("-")
    return f"the end of {year}" if rest == "12-31" else day


def in_unit(value: float, scale: Scale, *, plus: bool = True) -> str:
    """Write a gap's latent value in the unit of its scale; zero has no sign."""
    text = f"{value * scale.per_unit:{'+' if plus else ''}.{scale.digits}f}"
    return text if float(text) else text.lstrip("+-")


def difference(debate: Debate, scale: Scale) -> str:
    """Return a gap's definition: its unit, and which side less which."""
    return f"{scale.unit}, {debate.sides.low.name} minus {debate.sides.high.name}"
