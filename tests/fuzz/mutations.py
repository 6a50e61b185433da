"""Damage to the bytes of one file, drawn from a seeded generator: what disks, editors and other programs do to it."""

import json
import re

HOSTILE = (
    "", " ", "nan", "-inf", ".nan", ".inf", "1e400", "1e308", "1e-320", "-1", "0", "1", "0.5", "-0.0", "9" * 5000,
    "2027-02-30", "2024-13-45", "0000-00-00", "0001-01-01", "9999-12-31", "99999-01-01", "2024-01-01T25:61:61",
    "31/12/2023", "1735689600", "1_000", "._", "0x1F", "0b2", "010", "12:30:45", "1:99", "+1:2:3.5", "0,5", "true",
    "no", "null", "~", "[]", "{}", "[1, [2]]", "{a: 1}", "? x", "- 1", "'", '"', "`", "%", "@", "é", "💥", "\u202e",
    "\ufeff", "\u2028", "\x00", "\x1b[31m", "\x7f", "=1+1", "x" * 200_000, "*a", "&a [*a]", "&a {b: *a}", "<<",
    "!!bool x", "!!int x", "!!timestamp x", "!!float ''", "!!binary x", "!!python/object:os.system x", "2024-Q5",
    "neutral", "../../x", "[bold]", "a,b", "a;b", "a\nb", "stack",
)  # fmt: skip
"""Values that stand where another one stood."""
DEEP = "[" * 3000
BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))


def _flip(content, rng):
    spoiled = bytearray(content)
    for place in rng.integers(len(content), size=rng.integers(1, 9)):
        spoiled[place] ^= 1 << int(rng.integers(8))
    return bytes(spoiled)


def _cut(content, rng):
    return content[: rng.integers(len(content))]


def _blank_block(content, rng):
    start = int(rng.integers(len(content)))
    return content[:start] + b"\0" * min(512, len(content) - start) + content[start + 512 :]


def _noise(content, rng):
    start, size = int(rng.integers(len(content))), int(rng.integers(1, 64))
    return content[:start] + rng.bytes(size) + content[start + size :]


def _encoded(content, rng):
    text = content.decode("utf-8", "replace")
    form = ("utf-16", "utf-16-le", "utf-8-sig", "utf-32", "cp1252")[rng.integers(5)]
    return (text.replace("e", "é", 1) if form == "cp1252" else text).encode(form, "replace")


def _line_ends(content, rng):
    return content.replace(b"\n", (b"\r\n", b"\r", b"\n\n", b"")[rng.integers(4)])


def _no_last_line_end(content, rng):
    return content.rstrip(b"\n")


def _lines(content, rng):
    lines = content.decode("utf-8", "replace").splitlines(keepends=True) or [""]
    i, j = (int(n) for n in rng.integers(len(lines), size=2))
    match int(rng.integers(5)):
        case 0:
            lines.insert(j, lines[i])
        case 1:
            del lines[i]
        case 2:
            lines[i], lines[j] = lines[j], lines[i]
        case 3:
            lines[i] = lines[i][: rng.integers(len(lines[i]) + 1)]
        case _:
            lines[i] = "  " + lines[i]
    return "".join(lines).encode()


def _hostile(rng):
    return HOSTILE[rng.integers(len(HOSTILE))]


def _cells(content, rng):
    lines = content.decode("utf-8", "replace").splitlines()
    if not lines:
        return _hostile(rng).encode()
    i = int(rng.integers(len(lines)))
    cells = lines[i].split(",")
    j = int(rng.integers(len(cells)))
    match int(rng.integers(8)):
        case 0:
            cells.insert(j, cells[j])
        case 1:
            del cells[j]
        case 2:
            cells[j] = '"' + cells[j]
        case 3:
            lines = [line.replace(",", ";\t|"[rng.integers(3)]) for line in lines]
            cells = lines[i].split(",")
        case _:
            cells[j] = _hostile(rng)
    lines[i] = ",".join(cells)
    return ("\n".join(lines) + "\n").encode()


def _yaml(content, rng):
    text = content.decode("utf-8", "replace")
    places = [m.span(1) for m in re.finditer(r"[:\-,\[{] +([^\s,\]}][^,\]}\n]*)", text)]
    keys = [m.span(1) for m in re.finditer(r"([\w.-]+):", text)]
    start, end = places[rng.integers(len(places))] if places else (0, 0)
    first, last = keys[rng.integers(len(keys))] if keys else (0, 0)
    match int(rng.integers(10)):
        case 0:
            return (text[:first] + _hostile(rng) + text[last:]).encode()
        case 1:
            return (text + BOMB).encode()
        case 2:
            return (text[:start] + DEEP + text[end:]).encode()
        case 3:
            return (text + "---\n" + text).encode()
        case 4:
            return (text + text[first:last] + ": 1\n").encode()
        case _:
            return (text[:start] + _hostile(rng) + text[end:]).encode()


def _json(content, rng):
    try:
        found = json.loads(content)
    except ValueError:
        return _flip(content, rng) if content else b"null"
    places = list(_places(found))
    other = (None, 1, -1.5, float("nan"), True, "x", "", [], {}, [1], {"a": 1}, "2027-02-30")[rng.integers(12)]
    if not places or rng.random() < 0.05:
        return json.dumps(other).encode()
    holder, key = places[rng.integers(len(places))]
    if rng.random() < 0.3:
        del holder[key]
    else:
        holder[key] = other
    return json.dumps(found, indent=2).encode()


def _places(found):
    """Give every (container, key) of a JSON document."""
    for key, value in list(found.items() if isinstance(found, dict) else enumerate(found)):
        yield found, key
        if isinstance(value, dict | list):
            yield from _places(value)


ANY = (_flip, _cut, _blank_block, _noise)
TEXT = (*ANY, _encoded, _line_ends, _no_last_line_end, _lines)
KINDS = {
    ".csv": (*TEXT, *[_cells] * 6),
    ".yaml": (*TEXT, *[_yaml] * 8),
    ".json": (*TEXT, *[_json] * 8),
}
GONE, FOLDER, DANGLING = "gone", "folder", "dangling"
PLACES = (GONE, FOLDER, DANGLING)
"""What may stand in the place of the file."""


def mutate(content, suffix, rng):
    """Return a word on the damage, and the new content or one of :data:`PLACES`."""
    if rng.random() < 0.05:
        place = PLACES[rng.integers(len(PLACES))]
        return place, place
    if rng.random() < 0.03:
        return "empty", b""
    kinds = KINDS.get(suffix, ANY)
    kind = kinds[rng.integers(len(kinds))]
    return kind.__name__.strip("_"), kind(content, rng) if content else b"\0"
