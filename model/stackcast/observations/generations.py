"""Names of models: numbered generations, and the nearest lines of the label table."""

import re
from difflib import get_close_matches

from stackcast.observations.labels import Label, Labels, bare

SIZE = re.compile(r"(\d+(\.\d+)?x)?\d+(\.\d+)?[bm]")
"""``72b``, ``8x7b``, ``1.5m``: sizes of a model."""
DAY = re.compile(r"\d{4,}|0\d")
"""``20250326``, ``2411``, the ``03`` of ``03-2025``: snapshots."""
MINOR = re.compile(r"[1-9]\d?")
FAMILY = re.compile(r"[^a-z]*([a-z]+)")
NEAREST = 5


def generation(name: str) -> str:
    """Return the pattern of the numbered generation that a name belongs to, or "" where it has no such number.

    ``qwen3.5-72b-instruct`` belongs to ``qwen3.5-*`` and ``claude-3-7-sonnet`` to ``claude-3-7-*``; sizes and
    snapshots are not generations.
    """
    plain = bare(name)
    parts = list(re.finditer(r"[^-_ ]+", plain))
    at = next((i for i, part in enumerate(parts) if _numbers(part.group())), None)
    if at is None or "*" in plain:
        return ""
    if MINOR.fullmatch(parts[at].group()) and at + 1 < len(parts) and MINOR.fullmatch(parts[at + 1].group()):
        at += 1
    end = parts[at].end()
    return f"{plain[: end + 1]}*"


def nearest(name: str, labels: Labels, count: int = NEAREST) -> tuple[Label, ...]:
    """Return the nearest lines of the table: those of the name's family with the longest common beginning.

    Where the table has none of the family (the first word of the name), those of the most similar spelling.
    """
    plain = bare(name)
    family = FAMILY.match(plain)
    held = [line for line in labels.lines if family and (found := FAMILY.match(line.model)) and found[1] == family[1]]
    if not held:
        like = get_close_matches(plain, sorted({line.model for line in labels.lines}), n=count)
        held = [line for line in labels.lines if line.model in like]
    held.sort(key=lambda line: (-_alike(plain, line.model), line.model, line.from_date))
    return tuple(held[:count])


def _numbers(word: str) -> bool:
    return bool(re.search(r"\d", word)) and not SIZE.fullmatch(word) and not DAY.fullmatch(word)


def _alike(one: str, other: str) -> int:
    """Return the length of the common beginning of two names."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
