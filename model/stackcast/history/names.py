"""The names that the judgement's tables give to sets of stacks, splits and entrants."""

import re
from collections.abc import Iterable

ALL, NO_SERVICE = "all", "not sold as a service"
HINDSIGHT = "all, hindsight of {} taken out of the ratings"
EACH, DEALT = "leave one out", "leave one out; ratings dealt at random {} times"
FORCES = "all forces"


def numbers_in(name: str, names: Iterable[str]) -> list[str]:
    """Return the numbers, as they are written, of those names that are this one with a number in its place."""
    pattern = re.compile(re.escape(name).replace(r"\{\}", r"([0-9.]+)"))
    return [found[1] for found in map(pattern.fullmatch, dict.fromkeys(names)) if found]
