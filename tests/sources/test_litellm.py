import json
from datetime import date

import pytest

from stackcast.errors import InputError
from stackcast.sources import price_map
from stackcast.sources.base import Unlabelled
from stackcast.sources.litellm import LITELLM
from tests.sources.support import PUBLISHED, by_signal, context, labels, payload
from tests.sources.wheels import ABOUT, CATALOGUE, CONSTANTS, KNOWN, METADATA, PADDING, TYPES, prices, wheel


def read(*lines, labels=KNOWN):
    return LITELLM.read([payload(wheel(PADDING | prices(*lines)), "a.whl")], context(labels))


def weights(reading):
    return {name: one.weight for name, one in reading.unlabelled.items()}


def row(slug, *lines, labels=KNOWN):
    (found,) = by_signal(read(*lines, labels=labels))[slug]
    return found


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
    assert weights(read(*lines)) == {"mystery": 1.0, "riddle": 1.0}


def test_a_version_after_an_at_sign_is_labelled_by_itself():
    lines = [(f"vertex_ai/mistral-large@{v}", "vertex_ai-mistral_models", None) for v in ("2402", "2407", "latest")]
    found = read(*lines)
    (clouds,) = by_signal(found)["cloud-catalogue-open-share"]
    assert (clouds.numerator, clouds.denominator) == (1, 2)
    assert weights(found) == {"mistral-large-latest": 1.0}


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
    assert weights(found) == {"mystery": 1.0, "riddle": 1.0}


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


@pytest.mark.parametrize("key", ["azure_ai/model_router", "azure_ai/model-router", "azure/model-router"])
def test_a_router_is_no_model_however_it_is_spelled(key):
    assert read(*LISTED, (key, "azure_ai", (0.1, 0))).unlabelled == {}


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
    return LITELLM.read([payload(wheel(**files), "a.whl")], context())


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
    found = LITELLM.read([payload(bare, "prices.json")], context(KNOWN))
    assert {r.source_url for _, r in found.rows} == {price_map.PAGE}
    named = LITELLM.read([payload(bare, "https://a.b/prices.json")], context(KNOWN))
    assert {r.source_url for _, r in named.rows} == {"https://a.b/prices.json"}
    with pytest.raises(InputError, match="add --published DATE"):
        LITELLM.read([payload(bare, "prices.json", None)], context(KNOWN))


def test_only_the_names_of_the_latest_map_are_to_be_labelled():
    old, new = (payload(wheel(PADDING | prices((f"azure/{n}", "azure", None))), "a.whl", day)
                for n, day in (("old", date(2025, 1, 1)), ("new", date(2026, 1, 1))))  # fmt: skip
    found = LITELLM.read([new, old], context())
    assert (weights(found), found.seen) == ({"new": 1.0}, date(2026, 1, 1))


def test_an_unlabelled_name_weighs_one_a_seller_and_says_where_the_map_read_it():
    lines = [("azure/mystery", "azure", None), ("groq/lab/mystery", "groq", (1, 1)), ("mystery:0", "bedrock", None)]
    entries = PADDING | prices(*lines, ("azure/gpt-4o", "azure", None))
    entries["groq/lab/mystery"]["source"] = "https://groq.example/models"
    entries["azure/mystery"]["source"] = "read in a chat"
    found = LITELLM.read([payload(wheel(entries), "a.whl")], context(KNOWN))
    assert found.unlabelled == {
        "mystery": Unlabelled(3.0, "sold by azure, bedrock, groq; groq/lab/mystery", "https://groq.example/models")
    }
    assert (found.whole, found.measure) == (4.0, "listings")


def test_every_signal_is_declared():
    found = LITELLM.read([payload(wheel(PADDING | prices(*CATALOGUE, *LISTED, *SPREAD),
                                        **{"litellm/constants.py": CONSTANTS}), "a.whl")], context(KNOWN))  # fmt: skip
    assert set(by_signal(found)) == set(LITELLM.signals)
    assert not found.left_out


@pytest.mark.parametrize("field", price_map.FIELDS)
def test_a_missing_field_says_that_the_format_changed(field):
    entries = {key: {k: v for k, v in entry.items() if k != field} for key, entry in PADDING.items()}
    with pytest.raises(InputError, match=f"upstream has changed the format of the price map: no {field}"):
        LITELLM.read([payload(wheel(entries), "a.whl")], context())


@pytest.mark.parametrize("cost", ["1e-6", True, -1.0, float("nan"), float("inf"), 10**400, [1]])
def test_a_price_that_is_no_number_says_that_the_format_changed(cost):
    entry = {"mode": "chat", "litellm_provider": "groq", "input_cost_per_token": cost, "output_cost_per_token": 1e-6}
    with pytest.raises(InputError, match=r"a\.whl: groq/x: upstream has changed the format of prices"):
        LITELLM.read([payload(wheel(PADDING | {"groq/x": entry}), "a.whl")], context())


@pytest.mark.parametrize("data", [b"<html>", b"[1]", b""])
def test_what_is_neither_wheel_nor_map_is_one_error(data):
    with pytest.raises(InputError, match="JSON"):
        LITELLM.read([payload(data, "x.json")], context())


def test_a_repair_of_an_older_branch_is_not_the_state_of_its_day():
    """Uploads are not in the order of versions."""
    files = [("b.whl", "1.75.0", date(2026, 5, 1)), ("a.whl", "1.60.9", date(2026, 6, 1))]
    given = [payload(wheel(**{METADATA: ABOUT.replace("1.2.3", v)}), name, day) for name, v, day in files]
    found = LITELLM.read(given, context())
    assert [line for line in found.left_out if "older branch" in line] == [
        "2026-06-01: pkg:pypi/litellm@1.60.9: a repair of an older branch; 1.75.0 was out already"
    ]
    assert {row.published for _, row in found.rows} <= {date(2026, 5, 1)}
