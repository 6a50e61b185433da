"""LiteLLM's price map, wheel by wheel: which models are sold where, at what price, and by which interface."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from statistics import median
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from stackcast.errors import InputError
from stackcast.observations.labels import CLOSED, OPEN, UNKNOWN
from stackcast.observations.schema import SOURCE
from stackcast.quarters import Quarter
from stackcast.sources.base import (
    Context,
    Period,
    Reading,
    Row,
    Source,
    Unlabelled,
    observed,
    share_of_counts,
    significant,
)
from stackcast.sources.frames import read_json
from stackcast.sources.package_index import Wheel, download, newest, releases, version_of
from stackcast.sources.payload import Payload
from stackcast.sources.price_map import CLOUDS, GATEWAYS, HOSTS, LABS, MAP, PAGE, PROJECT, Offer, offers, opened

if TYPE_CHECKING:
    from stackcast.sources.web import Web

MODULES = ("litellm/__init__.py", "litellm/constants.py", "litellm/types/utils.py")
REGISTER = "litellm/llms/openai_like/providers.json"
COMPATIBLE, ALL = "openai_compatible_providers", ("provider_list", "LlmProviders")
"""Lists and enumerations of provider ids in the modules."""
FIRST = date(2023, 10, 1)
"""Earlier wheels hold no price map."""
LLAMA_3_3_70B = re.compile(r"llama-3[.-]3-70b(-(instruct|versatile|specdec|fast))*")
OUTLIER = 20
"""A price this many times above or below the median of its model counts as a typing error."""


def fetch(web: "Web", since: date, context: Context) -> list[Payload]:
    """Get the newest release at the end of each quarter that is over, where it was uploaded from ``since`` on."""
    found = releases(web, PROJECT)
    quarters = sorted({Quarter.of(w.day) for w in found if w.day >= FIRST})
    last = [newest(found, quarter.end) for quarter in quarters if quarter < Quarter.of(context.today)]
    wanted: dict[str, Wheel] = {w.version: w for w in last if w is not None and w.day >= max(since, FIRST)}
    return [download(web, wheel) for wheel in wanted.values()]


def read(payloads: Sequence[Payload], context: Context) -> Reading:
    """Count and compare what each price map lists, as of the day of its wheel."""
    rows, left_out = list[Row](), list[str]()
    table, seen = list[Offer](), None
    highest: Version | None = None
    for payload in sorted(payloads, key=lambda x: x.day()):
        day = payload.day()
        source, members = opened(payload, (*MODULES, REGISTER))
        version = version_of(source)
        if version is not None and highest is not None and version < highest:
            left_out.append(f"{day}: {source}: a repair of an older branch; {highest} was out already")
            continue
        highest = version or highest
        table = list(offers(members[MAP], payload.origin, context.labels, day))
        seen = day
        found = {
            "cloud-catalogue-open-share": _catalogue(table, CLOUDS),
            "bedrock-catalogue-open-share": _catalogue(table, CLOUDS[:1]),
            "litellm-listed-open-model-share": _hosted(table),
            "litellm-median-blended-price-ratio-closed-open": _medians(table),
            "price-spread-llama-3.3-70b": _spread(table),
            "openai-compatible-provider-share": _compatible(members, payload.origin),
        }
        rows += [observed(s, Period(day, day), day, source, **cells) for s, cells in found.items() if cells]
        left_out += [f"{day}: {slug}: nothing to compare" for slug, cells in found.items() if not cells]
    whole = len({(o.seller, o.listed) for o in table if o.counts})
    return Reading(rows, _unlabelled(table), "listings", left_out, whole=float(whole), seen=seen)


def _unlabelled(table: Iterable[Offer]) -> dict[str, Unlabelled]:
    """Return what no label covers in a price map: a name weighs one for each seller that lists it."""
    found: dict[str, list[Offer]] = {}
    for offer in table:
        if offer.counts and not offer.label:
            found.setdefault(offer.listed, []).append(offer)
    names = {}
    for name, held in sorted(found.items()):
        sellers = sorted({o.seller for o in held})
        pages = [o.page for o in held if SOURCE.match(o.page)]
        longest = max((o.key for o in held), key=lambda key: (":" not in key, key.count("/"), key))
        said = f"sold by {', '.join(sellers)}; {longest}"
        names[name] = Unlabelled(float(len(sellers)), said, pages[0] if pages else PAGE)
    return names


def _catalogue(table: Iterable[Offer], sellers: Sequence[str]) -> dict[str, Any]:
    """Each cloud's names; a dated version is one of its own, as it is sold."""
    counts = Counter(_labels(((o.seller, o.listed), o.label) for o in table if o.seller in sellers).values())
    return share_of_counts(counts) if counts[OPEN] + counts[CLOSED] else {}


def _hosted(table: Iterable[Offer]) -> dict[str, Any]:
    """Priced open models of the hosts over these and the labs' closed ones; an unlabelled one may be in neither."""
    priced = [o for o in table if o.price]
    hosted = Counter(_labels((o.model, o.label) for o in priced if o.seller in HOSTS).values())
    own = Counter(_labels((o.model, o.label) for o in priced if o.seller in LABS).values())
    opened, closed = float(hosted[OPEN]), float(own[CLOSED])
    if not opened + closed:
        return {}
    cells = {"numerator": opened, "denominator": opened + closed}
    if hosted[UNKNOWN] or own[UNKNOWN]:
        at_most = opened + hosted[UNKNOWN]
        cells |= {"lower": opened / (opened + closed + own[UNKNOWN]), "upper": at_most / (at_most + closed)}
    return cells


def _medians(table: Iterable[Offer]) -> dict[str, Any]:
    """Median closed price of the labs over median open price of the hosts; a price at two hosts is two prices."""
    opened = {(o.seller, o.model, o.price) for o in table if o.price and o.label == OPEN and o.seller in HOSTS}
    closed = {(o.seller, o.model, o.price) for o in table if o.price and o.label == CLOSED and o.seller in LABS}
    if not opened or not closed:
        return {}
    above, below = (significant(median(price for _, _, price in prices)) for prices in (closed, opened))
    note = f"{len(opened)} open and {len(closed)} closed prices"
    return {"numerator": above, "denominator": below, "n": float(len(opened) + len(closed)), "note": note}


def _spread(table: Iterable[Offer]) -> dict[str, Any]:
    """Highest over lowest price of Llama 3.3 70B, without gateways and slips."""
    sold = [o for o in table if o.price and o.seller not in GATEWAYS and LLAMA_3_3_70B.fullmatch(o.model)]
    if not sold:
        return {}
    middle = median(o.price for o in sold)
    kept = [o for o in sold if middle / OUTLIER <= o.price <= middle * OUTLIER]
    sellers, prices = {o.seller for o in kept}, [o.price for o in kept]
    if len(sellers) < 2:
        return {}
    note = "" if len(kept) == len(sold) else f"without {len(sold) - len(kept)} of {len(sold)} prices, plain slips"
    return {"numerator": max(prices), "denominator": min(prices), "n": float(len(sellers)), "note": note}


def _compatible(members: Mapping[str, bytes], origin: str) -> dict[str, Any]:
    """Count the providers registered as speaking OpenAI's interface, in code or in a list of their own, and all."""
    ids: dict[str, set[str]] = {}
    for name in MODULES:
        try:
            ids |= dict(_provider_ids(members.get(name, b"")))
        except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
            raise InputError(f"{origin}: upstream has changed the lists of providers in {name} ({error})") from None
    compatible = ids.get(COMPATIBLE, set()) | set(read_json(members.get(REGISTER, b"{}"), f"{origin}:{REGISTER}"))
    every = compatible.union(*(ids.get(name, set()) for name in ALL))
    return {"numerator": float(len(compatible)), "denominator": float(len(every))} if ids.get(COMPATIBLE) else {}


def _provider_ids(module: bytes) -> Iterator[tuple[str, set[str]]]:
    """Read lists and enumerations of provider ids off a module's text, which is not run."""
    for line in ast.parse(module).body:
        match line:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.List() as ids)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.List() as ids)
            ) if name in (COMPATIBLE, *ALL):
                yield name, set(ast.literal_eval(ids))
            case ast.ClassDef(name=name, body=body) if name in ALL:
                yield name, {ast.literal_eval(member.value) for member in body if isinstance(member, ast.Assign)}


def _labels(named: Iterable[tuple[Any, str]]) -> dict[Any, str]:
    """Return one label a name: open if a version of it is, else closed if one is known to be."""
    found: dict[Any, str] = {}
    for name, label in named:
        found[name] = max(found.get(name, UNKNOWN), label, key=(UNKNOWN, CLOSED, OPEN).index)
    return found


LITELLM = Source(
    name="litellm",
    title="LiteLLM's price map, from the litellm wheels on the Python package index (MIT; BerriAI; counts are ours)",
    signals=(
        "cloud-catalogue-open-share",
        "bedrock-catalogue-open-share",
        "litellm-listed-open-model-share",
        "litellm-median-blended-price-ratio-closed-open",
        "price-spread-llama-3.3-70b",
        "openai-compatible-provider-share",
    ),
    fetch=fetch,
    read=read,
)
