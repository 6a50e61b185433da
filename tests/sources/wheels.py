"""Small wheels of litellm, with price maps and provider lists of their own."""

import io
import json
import zipfile

from stackcast.sources.price_map import MAP
from tests.sources.support import labels

METADATA = "litellm-1.2.3.dist-info/METADATA"
ABOUT = "Metadata-Version: 2.1\nName: litellm\nVersion: 1.2.3\n\nText\n"
CONSTANTS = """
from typing import List
openai_compatible_providers: List = ["groq", "anyscale"]
not_read = [object()]
"""
TYPES = """
class LlmProviders(str, Enum):
    OPENAI = "openai"
    GROQ = "groq"
    BEDROCK = "bedrock"
"""
KNOWN = labels(**{
    "gpt-4*": "closed", "claude-3*": "closed", "nova-pro-v1": "closed", "o1": "closed", "chat-bison": "closed",
    "llama-3*": "open", "llama3*": "open", "llama-v3*": "open", "meta-llama-3*": "open", "gpt-oss-20b*": "open",
    "mixtral-8x7b*": "open", "gemma-7b*": "open", "mistral-large-2402*": "closed", "mistral-large-2407*": "open",
})  # fmt: skip


def prices(*lines):
    """Build a price map from (key, provider, USD per million input tokens, and output tokens)."""
    return {
        key: {"mode": "chat", "litellm_provider": provider}
        | ({} if cost is None else {"input_cost_per_token": cost[0] / 1e6, "output_cost_per_token": cost[1] / 1e6})
        for key, provider, cost in lines
    }


PADDING = prices(("nowhere/x", "nowhere", (1, 1)))


def wheel(entries=None, **files):
    held = {METADATA: ABOUT, MAP: json.dumps(PADDING if entries is None else entries)} | files
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in held.items():
            if text is not None:
                archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


CATALOGUE = (
    ("anthropic.claude-3-opus-20240229-v1:0", "bedrock", None),
    ("us.anthropic.claude-3-opus-20240229-v1:0", "bedrock_converse", None),
    ("bedrock/us-east-1/1-month-commitment/anthropic.claude-3-opus-20240229-v1:0", "bedrock", None),
    ("amazon.nova-pro-v1:0", "bedrock_converse", None),
    ("meta.llama3-8b-instruct-v1:0", "bedrock", None),
    ("openai.gpt-oss-20b", "bedrock_mantle", None),
    ("azure/gpt-4o", "azure", None),
    ("azure/eu/gpt-4o-2024-08-06", "azure", None),
    ("azure/gpt-4o-realtime-preview", "azure", None),
    ("azure_ai/Meta-Llama-3-70B-Instruct", "azure_ai", None),
    ("chat-bison@001", "vertex_ai-chat-models", None),
    ("chat-bison", "vertex_ai-chat-models", None),
    ("vertex_ai/mistral-large@2407", "vertex_ai-mistral_models", None),
    ("azure/container", "azure", None),
    ("elsewhere/llama-3-8b", "watsonx", None),
)
