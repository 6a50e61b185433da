"""A price map of LiteLLM's: the text chat models in it, each seller's price, and one name a model."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from stackcast.errors import InputError
from stackcast.observations.labels import UNKNOWN, Labels
from stackcast.observations.schema import SOURCE
from stackcast.sources.base import significant
from stackcast.sources.frames import read_json
from stackcast.sources.package_index import unpack
from stackcast.sources.payload import Payload

PROJECT = "litellm"
PAGE = "https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json"
"""Source of a price map that was saved by itself."""
MAP = "litellm/model_prices_and_context_window_backup.json"
LIMIT = 20 * 2**20
"""Largest file that is read from a wheel, bytes."""
MODE, PROVIDER, INPUT, OUTPUT = FIELDS = ("mode", "litellm_provider", "input_cost_per_token", "output_cost_per_token")
READ_AT = "source"
"""Where the map's keepers read an entry; most have none."""

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
ABSURD = 1e6
"""USD per token."""


class Offer(NamedTuple):
    """A text chat model in one seller's list.

    ``listed`` is its name there without path, region and vendor, tag and revision, ``model`` further without date and
    marks of how it is served; ``label`` is open, closed or unknown; ``price`` is blended, USD per million
    tokens, 0 if none; ``key`` is its name in the map, and ``page`` where the map says it read that.
    """

    seller: str
    listed: str
    model: str
    label: str
    price: float
    key: str = ""
    page: str = ""

    @property
    def counts(self) -> bool:
        """Whether its label matters to any signal."""
        return self.seller in CLOUDS or (self.price > 0 and self.seller in HOSTS + LABS)


def offers(data: bytes, origin: str, labels: Labels, day: date) -> Iterator[Offer]:
    """Yield the text chat models of a price map, labelled as of a day.

    Raises
    ------
    InputError
        When it is no price map as it was: no JSON object, a field that is nowhere, a price that is no number.
    """
    entries = read_json(data, origin)
    models = {key: entry for key, entry in entries.items() if isinstance(entry, dict)}
    missing = [name for name in FIELDS if not any(name in entry for entry in models.values())]
    if missing:
        raise InputError(f"{origin}: upstream has changed the format of the price map: no {', '.join(missing)}")
    for key, entry in models.items():
        if entry.get(MODE) != "chat" or NO_MODEL.search(key):
            continue
        named = bare_of_vendor(key)
        listed = REVISION.sub("", named)
        if not BESIDE_TEXT.search(listed):
            provider = str(entry.get(PROVIDER))
            seller = next((cloud for cloud in CLOUDS if provider.startswith(cloud)), provider)
            label = labels.of(named, day) or labels.of(listed, day) or UNKNOWN
            price, page = _blended(entry, f"{origin}: {key}"), str(entry.get(READ_AT) or "")
            yield Offer(seller, listed, one_name(listed), label, price, key, page)


def bare_of_vendor(key: str) -> str:
    """Return a key without path, vendor, region and tag."""
    return VENDOR.sub("", TAG.sub("", key.strip().lower().rsplit("/", 1)[-1])).replace("@", "-")


def one_name(listed: str) -> str:
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


def opened(payload: Payload, beside: Sequence[str] = ()) -> tuple[str, dict[str, bytes]]:
    """Return the source of a wheel, or of a price map by itself, and the map and files beside it, as bytes."""
    if payload.data[:2] == b"PK":
        return unpack(payload, PROJECT, required=(MAP,), optional=beside, limit=LIMIT)
    return payload.origin if SOURCE.match(payload.origin) else PAGE, {MAP: payload.data}
