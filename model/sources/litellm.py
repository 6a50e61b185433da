"""LiteLLM's price map, wheel by wheel: which models are sold where, at what price, and by which interface."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from model.errors import InputError
from model.observations.labels import CLOSED, OPEN, UNKNOWN, Labels
from model.observations.schema import SOURCE
from model.quarters import Quarter
from model.sources.base import Payload, Period, Reading, Row, Source, observed, share_of_counts, significant
from model.sources.frames import read_json
from model.sources.package_index import download, final_wheels, unpack

if TYPE_CHECKING:
    from model.sources.web import Web

PROJECT = "litellm"
PAGE = "https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json"
"""Source of a price map that was saved by itself."""
MAP = "litellm/model_prices_and_context_window_backup.json"
MODULES = ("litellm/__init__.py", "litellm/constants.py", "litellm/types/utils.py")
REGISTER = "litellm/llms/openai_like/providers.json"
COMPATIBLE, ALL = "openai_compatible_providers", ("provider_list", "LlmProviders")
"""Lists and enumerations of provider ids in the modules."""
LIMIT = 20 * 2**20
FIRST = date(2023, 10, 1)
"""Earlier wheels hold no price map."""
"""Largest file that is read from a wheel, bytes."""
MODE, PROVIDER, INPUT, OUTPUT = FIELDS = ("mode", "litellm_provider", "input_cost_per_token", "output_cost_per_token")

CLOUDS = ("bedrock", "azure", "vertex_ai")
"""How the provider ids of each begin: ``bedrock_converse``, ``azure_ai``, ``vertex_ai-llama_models``."""
LABS = ("openai", "anthropic", "gemini")
HOSTS = (
    "anyscale", "cerebras", "deepinfra", "fireworks_ai", "friendliai", "groq", "hyperbolic", "lambda_ai", "novita",
    "nscale", "openrouter", "replicate", "sambanova", "together_ai",
)  # fmt: skip
"""A fixed panel, so that the open share does not rise with each host that LiteLLM comes to know."""
GATEWAYS = ("openrouter", "vercel_ai_gateway", "github_copilot")
"""They pass on the prices of others."""

BESIDE_TEXT = re.compile(r"\b(audio|realtime|live|search|tts|image|transcribe|computer-use|robotics|deep-research)\b")
NO_MODEL = re.compile(r"^(ft:|together-ai-[\d.u])|(^|/)(container|(model[_-])?router)$")
"""Price classes of fine-tuned models and of models by size; services beside models."""
TAG = re.compile(r":.*$|@00\d$")
VENDOR = re.compile(r"^(?:[a-z][a-z0-9-]*\.)+(?=[a-z])")
REVISION = re.compile(r"-v\d+$")
SNAPSHOT = re.compile(r"-(\d{4}-\d\d-\d\d|\d{8}|\d{4}|\d\d-\d\d(\d\d)?|00\d|latest)(?=-preview$|$)")
SERVING = re.compile(r"(-(hf|fp8|fp16|bf16|int8|awq|turbo|free|nitro))+$")
LLAMA = re.compile(r"^(?:databricks-)?(?:meta-)?llama-?v?(?=\d)")
LLAMA_3_3_70B = re.compile(r"llama-3[.-]3-70b(-(instruct|versatile|specdec|fast))*")
ABSURD = 1e6
"""USD per token."""
OUTLIER = 20
"""A price so many times above or below the median of its model is a slip of whoever entered it."""


class Offer(NamedTuple):
    """A text chat model in one seller's list.

    ``listed`` is its name there without path, region and vendor, tag and revision, ``model`` further without date and
    marks of how it is served; ``label`` is open, closed or unknown; ``price`` is blended, USD per million
    tokens, 0 if none.
    """

    seller: str
    listed: str
    model: str
    label: str
    price: float

    @property
    def counts(self) -> bool:
        """Whether its label matters to any signal."""
        return self.seller in CLOUDS or (self.price > 0 and self.seller in HOSTS + LABS)


def fetch(web: "Web", since: date, today: date) -> list[Payload]:
    """Get the last final wheel of each quarter that is over, uploaded from ``since`` on."""
    running = Quarter.of(today)
    uploaded = [w for w in final_wheels(web, PROJECT) if w.day >= max(since, FIRST) and Quarter.of(w.day) < running]
    return [download(web, wheel) for wheel in {Quarter.of(w.day): w for w in uploaded}.values()]


def read(payloads: Sequence[Payload], labels: Labels, today: date) -> Reading:
    """Count and compare what each price map lists, as of the day of its wheel."""
    rows, left_out, unlabelled = list[Row](), list[str](), set[str]()
    for payload in sorted(payloads, key=lambda x: x.day()):
        day = payload.day()
        source, members = _open(payload)
        table = list(_offers(read_json(members[MAP], payload.origin), payload.origin, labels, day))
        unlabelled = {o.listed for o in table if not o.label and o.counts}
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
    return Reading(rows, dict.fromkeys(sorted(unlabelled), 1.0), "models", left_out)


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


def _offers(entries: Mapping[str, Any], origin: str, labels: Labels, day: date) -> Iterator[Offer]:
    """Yield the text chat models of a price map."""
    models = {key: entry for key, entry in entries.items() if isinstance(entry, dict)}
    missing = [name for name in FIELDS if not any(name in entry for entry in models.values())]
    if missing:
        raise InputError(f"{origin}: upstream has changed the format of the price map: no {', '.join(missing)}")
    for key, entry in models.items():
        if entry.get(MODE) != "chat" or NO_MODEL.search(key):
            continue
        named = VENDOR.sub("", TAG.sub("", key.strip().lower().rsplit("/", 1)[-1])).replace("@", "-")
        listed = REVISION.sub("", named)
        if not BESIDE_TEXT.search(listed):
            provider = str(entry.get(PROVIDER))
            seller = next((cloud for cloud in CLOUDS if provider.startswith(cloud)), provider)
            label = labels.of(named, day) or labels.of(listed, day) or UNKNOWN
            yield Offer(seller, listed, _model(listed), label, _blended(entry, f"{origin}: {key}"))


def _model(listed: str) -> str:
    """Return the name under which one model's versions, and its copies on several hosts, are one."""
    spelled = re.sub(r"(?<=\d)p(?=\d)", ".", listed.replace("_", "-"))
    return LLAMA.sub("llama-", SERVING.sub("", SNAPSHOT.sub("", spelled)))


def _blended(entry: Mapping[str, Any], where: str) -> float:
    """Return the price of three input tokens to one output token, USD per million; 0 where one is not given."""
    prices = entry.get(INPUT), entry.get(OUTPUT)
    for price in prices:
        known = isinstance(price, int | float) and not isinstance(price, bool)
        if price is not None and not (known and 0 <= price < ABSURD):
            raise InputError(f"{where}: upstream has changed the format of prices: {price!r}")
    into, out = prices
    return 0.0 if into is None or out is None else significant((3 * into + out) / 4 * 1e6)


def _labels(named: Iterable[tuple[Any, str]]) -> dict[Any, str]:
    """Return one label a name: open if a version of it is, else closed if one is known to be."""
    found: dict[Any, str] = {}
    for name, label in named:
        found[name] = max(found.get(name, UNKNOWN), label, key=(UNKNOWN, CLOSED, OPEN).index)
    return found


def _open(payload: Payload) -> tuple[str, dict[str, bytes]]:
    """Return the source of a wheel, or of a price map by itself, and the files in it that are read."""
    if payload.data[:2] == b"PK":
        return unpack(payload, PROJECT, required=(MAP,), optional=(*MODULES, REGISTER), limit=LIMIT)
    return payload.origin if SOURCE.match(payload.origin) else PAGE, {MAP: payload.data}


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
