"""Words of a debate, and numbers of shares, probabilities and gaps, as parts of sentences: one form everywhere."""

from stackcast.priors.debate import Debate
from stackcast.priors.schema import Scale


def capital(text: str) -> str:
    """Return words with a capital first letter."""
    return text[:1].upper() + text[1:]


def end_of(day: str) -> str:
    """Return the last day of a quarter as words: "the end of 2030" where it ends the year."""
    year, _, rest = day.partition("-")
    return f"the end of {year}" if rest == "12-31" else day


def percent(value: float) -> str:
    """Write a share or a probability; never 0 % or 100 %, as no number of draws makes certain."""
    if value <= 0.005:
        return "< 1\u00a0%"
    if value >= 0.995:
        return "> 99\u00a0%"
    return f"{100 * value:.0f}\u00a0%"


def bare_percent(value: float) -> str:
    """Write a share as :func:`percent` does, without the sign."""
    return percent(value).removesuffix("\u00a0%")


def chance(probability: float) -> str:
    """Write a probability with two digits, and as :func:`percent` does where these would say 0 or 1."""
    text = f"{probability:.2f}"
    return percent(probability) if text in ("0.00", "1.00") else text


def in_unit(value: float, scale: Scale, *, plus: bool = True) -> str:
    """Write a gap's latent value in the unit of its scale; zero has no sign."""
    text = f"{value * scale.per_unit:{'+' if plus else ''}.{scale.digits}f}"
    return text if float(text) else text.lstrip("+-")


def difference(debate: Debate, scale: Scale) -> str:
    """Return a gap's definition: its unit, and which side less which."""
    return f"{scale.unit}, {debate.sides.low.name} minus {debate.sides.high.name}"
