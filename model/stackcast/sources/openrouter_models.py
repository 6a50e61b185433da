"""OpenRouter's list of models: the publisher's description of the names in its rankings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stackcast.errors import StackcastError
from stackcast.sources.base import Unlabelled
from stackcast.sources.frames import read_json
from stackcast.sources.payload import Payload

if TYPE_CHECKING:
    from stackcast.sources.web import Web

MODELS = "https://openrouter.ai/api/v1/models"
SITE = "https://openrouter.ai"
LIMIT = 64 * 2**20
HUB = "https://huggingface.co"
SLUG, ID, HUB_ID = "canonical_slug", "id", "hugging_face_id"


@dataclass(frozen=True)
class Listed:
    """A model's entry: its short name on the site, and its id on Hugging Face (None: the list has no such field)."""

    short: str
    hub: str | None


def list_of_models(web: "Web") -> list[Payload]:
    """Get the list, or nothing where it cannot be had."""
    try:
        return [web.get(MODELS, kinds=("application/json",), limit=LIMIT)]
    except StackcastError:
        return []


def is_list(payload: Payload) -> bool:
    """Return whether a file is the list of models, and not a ranking."""
    if payload.data.lstrip()[:1] != b"{":
        return False
    data = read_json(payload.data, payload.origin).get("data")
    return isinstance(data, list) and bool(data) and isinstance(data[0], dict) and SLUG in data[0]


def listed(payload: Payload) -> dict[str, Listed]:
    """Return the entries of a list by permanent name and by short name."""
    found: dict[str, Listed] = {}
    entries: list[Any] = read_json(payload.data, payload.origin)["data"]
    for entry in (one for one in entries if isinstance(one, dict)):
        one = Listed(str(entry.get(ID) or ""), str(entry[HUB_ID] or "") if HUB_ID in entry else None)
        found |= {str(entry[key]): one for key in (ID, SLUG) if entry.get(key)}
    return found


def unlabelled(tokens: Iterable[tuple[str, float]], models: Mapping[str, Listed]) -> dict[str, Unlabelled]:
    """Return names and their tokens with what the list says of each, and the page to look at."""
    found = {}
    for name, weight in tokens:
        entry = models.get(name) or models.get(name.split(":")[0])
        page = f"{SITE}/{entry.short if entry and entry.short else name}"
        if entry is None or entry.hub is None:
            found[name] = Unlabelled(weight, page=page)
        elif entry.hub:
            found[name] = Unlabelled(weight, f"Hugging Face: {entry.hub}", f"{HUB}/{entry.hub}")
        else:
            found[name] = Unlabelled(weight, "OpenRouter names no Hugging Face page", page)
    return found
