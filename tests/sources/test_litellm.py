import hashlib
import io
import json
import zipfile
from datetime import date

import pytest

from model.errors import InputError
from model.sources import litellm, package_index
from model.sources.base import Payload
from model.sources.litellm import LITELLM, MAP
from model.sources.package_index import INDEX_KINDS, index_address, unpack
from tests.sources.support import NONE, PUBLISHED, TODAY, by_signal, labels, payload

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
                archive.writestr(name, text)
    return stream.getvalue()


def read(*lines, labels=KNOWN):
    return LITELLM.read([payload(wheel(PADDING | prices(*lines)), "a.whl")], labels, TODAY)


def row(slug, *lines, labels=KNOWN):
    (found,) = by_signal(read(*lines, labels=labels))[slug]
    return found


# ------------------------------------------------------------------------------------------------- catalogues
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


def test_a_cloud_lists_a_model_once_whatever_region_path_and_revision():
    bedrock = row("bedrock-catalogue-open-share", *CATALOGUE)
    assert (bedrock.numerator, bedrock.denominator, bedrock.value) == (2, 4, 0.5)
    assert (bedrock.lower, bedrock.upper) == (None, None)


def test_three_clouds_are_added_and_a_dated_version_is_one_of_its_own():
    clouds = row("cloud-catalogue-open-share", *CATALOGUE)
    # Bedrock 2 of 4, Azure 1 of 3 (gpt-4o twice), Vertex 1 of 2
    assert (clouds.numerator, clouds.denominator, clouds.lower, clouds.upper) == (4, 9, None, None)
    assert clouds.value == pytest.approx(4 / 9, rel=1e-5)


def test_unknown_models_widen_the_bounds_of_a_catalogue_and_are_listed():
    lines = (*CATALOGUE, ("azure/mystery", "azure", None), ("cohere.riddle-v1:0", "bedrock", None))
    clouds, bedrock = (row(f"{name}-catalogue-open-share", *lines) for name in ("cloud", "bedrock"))
    assert (clouds.numerator, clouds.denominator) == (4, 9)
    assert (clouds.lower, clouds.upper) == (pytest.approx(4 / 11, rel=1e-5), pytest.approx(6 / 11, rel=1e-5))
    assert (bedrock.value, bedrock.lower, bedrock.upper) == (0.5, 0.4, 0.6)
    assert read(*lines).unlabelled == {"mystery": 1.0, "riddle": 1.0}


def test_a_version_after_an_at_sign_is_labelled_by_itself():
    lines = [(f"vertex_ai/mistral-large@{v}", "vertex_ai-mistral_models", None) for v in ("2402", "2407", "latest")]
    found = read(*lines)
    (clouds,) = by_signal(found)["cloud-catalogue-open-share"]
    assert (clouds.numerator, clouds.denominator) == (1, 2)
    assert found.unlabelled == {"mistral-large-latest": 1.0}


# ----------------------------------------------------------------------------------------- hosts beside the labs
LISTED = (
    ("gpt-4o", "openai", (2.5, 10)),  # 4.375
    ("gpt-4o-2024-05-13", "openai", (5, 15)),  # 7.5
    ("gpt-4o-mini", "openai", (0.2, 0.6)),  # 0.3
    ("gpt-4o-audio-preview", "openai", (2.5, 10)),
    ("ft:gpt-4o", "openai", (3, 12)),
    ("gpt-4-free", "openai", (0, 0)),
    ("o1", "openai", None),
    ("claude-3-opus-latest", "anthropic", (15, 75)),  # 30
    ("claude-3-opus-20240229", "anthropic", (15, 75)),
    ("gemini/gemma-7b-it", "gemini", (0.1, 0.1)),
    ("groq/llama-3.1-8b-instant", "groq", (0.05, 0.05)),
    ("groq/mixtral-8x7b", "groq", (0.2, 0.2)),
    ("together_ai/mistralai/Mixtral-8x7B", "together_ai", (0.6, 0.6)),
    ("deepinfra/meta-llama/Meta-Llama-3.3-70B-Instruct", "deepinfra", (0.3, 0.3)),
    ("fireworks_ai/accounts/fireworks/models/llama-v3p3-70b-instruct", "fireworks_ai", (0.9, 0.9)),
    ("together-ai-4.1b-8b", "together_ai", (0.2, 0.2)),
    ("openrouter/openai/gpt-4o", "openrouter", (2.5, 10)),
    ("bedrock/meta.llama3-1b", "bedrock", (9, 9)),
)


def test_listed_models_are_counted_once_whatever_host_spelling_and_date():
    listed = row("litellm-listed-open-model-share", *LISTED)
    # open: llama-3.1-8b-instant, mixtral-8x7b, llama-3.3-70b-instruct; closed: gpt-4o, gpt-4o-mini, claude-3-opus
    assert (listed.numerator, listed.denominator, listed.value) == (3, 6, 0.5)
    assert (listed.lower, listed.upper) == (None, None)


def test_an_unknown_model_may_be_outside_the_population():
    lines = (*LISTED, ("groq/riddle", "groq", (1, 1)), ("mystery", "openai", (1, 1)), ("groq/free", "groq", (0, 0)))
    found = read(*lines)
    (listed,) = by_signal(found)["litellm-listed-open-model-share"]
    assert (listed.numerator, listed.denominator) == (3, 6)
    # the lab's one closed, the host's one closed and so left out; then the host's one open, the lab's one left out
    assert (listed.lower, listed.upper) == (pytest.approx(3 / 7, rel=1e-5), pytest.approx(4 / 7, rel=1e-5))
    assert found.unlabelled == {"mystery": 1.0, "riddle": 1.0}


def test_median_prices_are_blended_three_to_one():
    medians = row("litellm-median-blended-price-ratio-closed-open", *LISTED)
    # closed 0.3, 4.375, 7.5, 30; open 0.05, 0.2, 0.3, 0.6, 0.9
    assert (medians.numerator, medians.denominator, medians.n) == (5.9375, 0.3, 9)
    assert medians.value == pytest.approx(5.9375 / 0.3, rel=1e-5)
    assert medians.note == "5 open and 4 closed prices"


def test_without_prices_on_both_sides_there_is_no_ratio():
    found = read(*LISTED, labels=labels(**{"gpt-4*": "closed"}))
    slug = "litellm-median-blended-price-ratio-closed-open"
    assert slug not in by_signal(found)
    assert f"{PUBLISHED}: {slug}: nothing to compare" in found.left_out


# ----------------------------------------------------------------------------------------------------- spread
SPREAD = (
    ("azure_ai/Llama-3.3-70B-Instruct", "azure_ai", (0.71, 0.71)),
    ("groq/llama-3.3-70b-versatile", "groq", (0.59, 0.79)),  # 0.64
    ("groq/llama-3.3-70b-specdec", "groq", (0.59, 0.99)),  # 0.69
    ("meta.llama3-3-70b-instruct-v1:0", "bedrock_converse", (0.72, 0.72)),
    ("us.meta.llama3-3-70b-instruct-v1:0", "bedrock", (0.72, 0.72)),
    ("databricks/databricks-meta-llama-3-3-70b-instruct", "databricks", (1, 3)),  # 1.5
    ("together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo-Free", "together_ai", (0, 0)),
    ("lambda_ai/deepseek-llama3.3-70b", "lambda_ai", (0.1, 0.1)),
    ("vercel_ai_gateway/meta/llama-3.3-70b", "vercel_ai_gateway", (0.01, 0.01)),
    ("openrouter/meta-llama/llama-3.1-70b-instruct", "openrouter", (0.01, 0.01)),
)


def test_spread_is_the_highest_over_the_lowest_price_of_one_model():
    spread = row("price-spread-llama-3.3-70b", *SPREAD)
    assert (spread.numerator, spread.denominator, spread.n, spread.note) == (1.5, 0.64, 4, "")
    assert spread.value == pytest.approx(2.34375)


def test_a_price_far_off_the_median_is_a_slip():
    slips = (("wandb/Llama-3.3-70B-Instruct", "wandb", (71000, 71000)), ("x/llama-3.3-70b", "x", (0.03, 0.03)))
    spread = row("price-spread-llama-3.3-70b", *SPREAD, *slips)
    assert (spread.numerator, spread.denominator, spread.n) == (1.5, 0.64, 4)
    assert spread.note == "without 2 of 8 prices, plain slips"


def test_one_seller_has_no_spread():
    assert "price-spread-llama-3.3-70b" not in by_signal(read(*SPREAD[1:3]))


# -------------------------------------------------------------------------------------------------- interfaces
def interfaces(**files):
    return LITELLM.read([payload(wheel(**files), "a.whl")], NONE, TODAY)


def test_compatible_providers_over_all_by_text_alone():
    files = {
        "litellm/constants.py": CONSTANTS,
        "litellm/types/utils.py": TYPES,
        "litellm/llms/openai_like/providers.json": json.dumps({"venice": {}, "groq": {}}),
        "litellm/__init__.py": "provider_list: List = list(LlmProviders)\nraise SystemExit",
    }
    (share,) = by_signal(interfaces(**files))["openai-compatible-provider-share"]
    assert (share.numerator, share.denominator, share.value) == (3, 5, 0.6)  # anyscale, groq, venice; bedrock, openai


def test_an_early_wheel_has_both_lists_in_one_module():
    early = "provider_list: List = ['openai', 'a', 'b', 'c']\nopenai_compatible_providers: List = ['a']\n"
    (share,) = by_signal(interfaces(**{"litellm/__init__.py": early}))["openai-compatible-provider-share"]
    assert (share.numerator, share.denominator) == (1, 4)


def test_no_list_of_compatible_providers_is_no_row():
    found = interfaces(**{"litellm/types/utils.py": TYPES})
    assert "openai-compatible-provider-share" not in by_signal(found)
    assert f"{PUBLISHED}: openai-compatible-provider-share: nothing to compare" in found.left_out


@pytest.mark.parametrize("text", ["openai_compatible_providers = [", "openai_compatible_providers = [LlmProviders.A]"])
def test_changed_modules_are_one_error(text):
    with pytest.raises(InputError, match=r"upstream has changed the lists of providers in litellm/constants\.py"):
        interfaces(**{"litellm/constants.py": text})


# --------------------------------------------------------------------------------------------- files and their days
def test_rows_stand_on_the_day_of_the_wheel_and_name_it():
    for found in read(*LISTED, *SPREAD).rows:
        assert found[1].period_start == found[1].period_end == found[1].published == PUBLISHED
        assert found[1].source_url == "pkg:pypi/litellm@1.2.3"


def test_a_price_map_by_itself_needs_a_day():
    bare = json.dumps(PADDING | prices(*CATALOGUE)).encode()
    found = LITELLM.read([payload(bare, "prices.json")], KNOWN, TODAY)
    assert {r.source_url for _, r in found.rows} == {litellm.PAGE}
    named = LITELLM.read([payload(bare, "https://a.b/prices.json")], KNOWN, TODAY)
    assert {r.source_url for _, r in named.rows} == {"https://a.b/prices.json"}
    with pytest.raises(InputError, match="add --published DATE"):
        LITELLM.read([payload(bare, "prices.json", None)], KNOWN, TODAY)


def test_only_the_names_of_the_latest_map_are_to_be_labelled():
    old, new = (payload(wheel(PADDING | prices((f"azure/{n}", "azure", None))), "a.whl", day)
                for n, day in (("old", date(2025, 1, 1)), ("new", date(2026, 1, 1))))  # fmt: skip
    assert LITELLM.read([new, old], NONE, TODAY).unlabelled == {"new": 1.0}


def test_every_signal_is_declared():
    found = LITELLM.read([payload(wheel(PADDING | prices(*CATALOGUE, *LISTED, *SPREAD),
                                        **{"litellm/constants.py": CONSTANTS}), "a.whl")], KNOWN, TODAY)  # fmt: skip
    assert set(by_signal(found)) == set(LITELLM.signals)
    assert not found.left_out


@pytest.mark.parametrize("field", litellm.FIELDS)
def test_a_missing_field_says_that_the_format_changed(field):
    entries = {key: {k: v for k, v in entry.items() if k != field} for key, entry in PADDING.items()}
    with pytest.raises(InputError, match=f"upstream has changed the format of the price map: no {field}"):
        LITELLM.read([payload(wheel(entries), "a.whl")], NONE, TODAY)


@pytest.mark.parametrize("cost", ["1e-6", True, -1.0, float("nan"), float("inf"), 10**400, [1]])
def test_a_price_that_is_no_number_says_that_the_format_changed(cost):
    entry = {"mode": "chat", "litellm_provider": "groq", "input_cost_per_token": cost, "output_cost_per_token": 1e-6}
    with pytest.raises(InputError, match=r"a\.whl: groq/x: upstream has changed the format of prices"):
        LITELLM.read([payload(wheel(PADDING | {"groq/x": entry}), "a.whl")], NONE, TODAY)


# ---------------------------------------------------------------------------------------------- malformed archives
@pytest.mark.parametrize("data", [b"PK\x03\x04 and nothing", wheel()[:-40]])
def test_a_cut_archive_is_one_error(data):
    with pytest.raises(InputError, match=r"a\.whl: the wheel is broken"):
        LITELLM.read([payload(data, "a.whl")], NONE, TODAY)


def test_a_mangled_member_is_one_error():
    data = bytearray(wheel())
    at = data.index(MAP.encode()) + len(MAP)
    data[at : at + 8] = b"\xff" * 8
    with pytest.raises(InputError, match="the wheel is broken"):
        LITELLM.read([payload(bytes(data), "a.whl")], NONE, TODAY)


@pytest.mark.parametrize(("member", "named"), [(MAP, MAP), (METADATA, "METADATA")])
def test_a_missing_member_is_one_error(member, named):
    with pytest.raises(InputError, match=f"not a wheel of litellm as it was: {named} missing"):
        LITELLM.read([payload(wheel(**{member: None}), "a.whl")], NONE, TODAY)


def test_an_oversized_member_is_refused_before_it_is_unpacked(monkeypatch):
    bomb = wheel(**{"litellm/constants.py": b"#" * (litellm.LIMIT + 1)})
    assert len(bomb) < 100_000
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("was unpacked"))
    with pytest.raises(InputError, match=r"litellm/constants\.py has 20971521 bytes, over 20971520"):
        LITELLM.read([payload(bomb, "a.whl")], NONE, TODAY)


def test_a_wheel_must_say_its_version():
    with pytest.raises(InputError, match="the wheel is broken"):
        unpack(payload(wheel(**{METADATA: "Name: litellm\n\n"}), "a.whl"), "litellm", (), (), 1000)


@pytest.mark.parametrize("data", [b"<html>", b"[1]", b""])
def test_what_is_neither_wheel_nor_map_is_one_error(data):
    with pytest.raises(InputError, match="JSON"):
        LITELLM.read([payload(data, "x.json")], NONE, TODAY)


# ------------------------------------------------------------------------------------------------------------ fetch
INDEX = "https://index.example/simple"


def file(version, uploaded, data=b"wheel", **changes):
    name = f"litellm-{version}-py3-none-any.whl"
    found = {"filename": name, "url": f"../../files/{name}", "upload-time": f"{uploaded}T10:00:00.000000Z",
             "yanked": False, "size": len(data), "hashes": {"sha256": hashlib.sha256(data).hexdigest()}}  # fmt: skip
    return found | changes


class FakeWeb:
    def __init__(self, *files, served=b"wheel", page=None):
        self.page = json.dumps({"meta": {"api-version": "1.1"}, "files": files}).encode() if page is None else page
        self.served, self.asked = served, []

    def get(self, url, *, kinds, limit, headers=None):
        self.asked.append(url)
        if url == f"{INDEX}/litellm/":
            assert (kinds, headers) == (INDEX_KINDS, {"Accept": INDEX_KINDS[0]})
            return Payload(self.page, url)
        assert limit == 64 * 2**20
        assert "application/zip" in kinds
        return Payload(self.served, url)


@pytest.fixture(autouse=True)
def index(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", INDEX)


def fetched(web, since=date(2018, 1, 1), today=TODAY):
    return [(p.origin.removeprefix("pkg:pypi/litellm@"), p.published) for p in LITELLM.fetch(web, since, today)]


def test_the_last_final_wheel_of_each_quarter_that_is_over():
    web = FakeWeb(
        file("1.10.0", "2026-06-29"),
        file("1.9.0", "2026-04-02"),
        file("1.11.0rc1", "2026-06-30"),
        file("1.11.0.dev2", "2026-06-30"),
        file("1.10.0.post1", "2026-06-30"),
        file("1.10.1", "2026-06-30", yanked="broken"),
        file("1.10.2", "2026-06-30", yanked=True),
        file("1.12.0", "2026-09-30"),
        file("1.11.9", "2026-09-29"),
        file("1.13.0", "2026-11-01"),
        file("1.8.0", "2025-12-31"),
        file("1.10.9", "2026-06-30", filename="litellm-1.10.9.tar.gz"),
        file("1.10.9", "2026-06-30", filename="litellm-odd.whl"),
    )
    last = [("1.8.0", date(2025, 12, 31)), ("1.10.0", date(2026, 6, 29)), ("1.12.0", date(2026, 9, 30))]
    assert fetched(web) == last
    assert web.asked[1] == "https://index.example/files/litellm-1.8.0-py3-none-any.whl"
    assert fetched(web, since=date(2026, 6, 1)) == last[1:]
    assert fetched(web, since=date(2026, 6, 30)) == last[2:]


def test_a_quarter_is_over_on_the_first_day_of_the_next():
    web = FakeWeb(file("1.12.0", "2026-09-30"))
    assert fetched(web, today=date(2026, 9, 30)) == []
    assert fetched(web, today=date(2026, 10, 1)) == [("1.12.0", date(2026, 9, 30))]


def test_of_one_day_the_later_upload_counts():
    early, late = file("1.12.1", "2026-09-30"), file("1.12.0", "2026-09-30")
    late["upload-time"] = "2026-09-30T23:30:00+02:00"
    assert fetched(FakeWeb(late, early)) == [("1.12.0", date(2026, 9, 30))]


def test_other_bytes_than_the_index_names_are_refused():
    with pytest.raises(InputError, match=r"pkg:pypi/litellm@1\.12\.0: the wheel's sha256 is not the one"):
        fetched(FakeWeb(file("1.12.0", "2026-09-30"), served=b"other"))


@pytest.mark.parametrize(
    "page", [b"<html>", b"{}", b"[]", b'{"files": [3]}', b'{"files": [{"filename": "litellm-1.0-py3-none-any.whl"}]}']
)
def test_an_index_in_another_form_is_one_error(page):
    with pytest.raises(InputError, match="the package index describes litellm in a form that is not known"):
        fetched(FakeWeb(page=page))


def test_a_fetched_wheel_can_be_read():
    data = wheel(PADDING | prices(*CATALOGUE))
    web = FakeWeb(file("1.2.3", "2026-09-30", data), served=data)
    found = LITELLM.read(LITELLM.fetch(web, date(2026, 1, 1), TODAY), KNOWN, TODAY)
    (clouds,) = by_signal(found)["cloud-catalogue-open-share"]
    assert (str(clouds.published), clouds.source_url) == ("2026-09-30", "pkg:pypi/litellm@1.2.3")


def test_the_index_is_the_one_of_pip_or_the_public_one(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/root/simple/")
    assert index_address("litellm") == "https://mirror.example/root/simple/litellm/"
    monkeypatch.delenv("PIP_INDEX_URL")
    monkeypatch.setattr(package_index, "get_repo_url", lambda purl: f"https://public.example/project/{purl[9:]}/")
    assert index_address("litellm") == "https://public.example/simple/litellm/"
