"""The numbered generation of a name, and its nearest lines in the table."""

from datetime import date

import pytest

from stackcast.observations.generations import generation, nearest
from stackcast.observations.labels import VERSIONED, Label, Labels, load_labels
from tests.support import ROOT


def label(model, kind="open", since="2025-01-01"):
    given = {"model": model, "label": kind, "criterion": "any-weights", "from_date": since}
    return Label.model_validate(given | {"source_url": "https://a.b/c"})


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("Qwen/Qwen3.5-72B-Instruct:free", "qwen3.5-*"),
        ("deepseek-v4-flash", "deepseek-v4-*"),
        ("gpt-5.2", "gpt-5.2*"),
        ("gpt-4o-mini", "gpt-4o-*"),
        ("claude-3-7-sonnet-20250219", "claude-3-7-*"),
        ("claude-opus-5", "claude-opus-5*"),
        ("step-2-16k-202502", "step-2-*"),
        ("laguna-m.1-20260312", "laguna-m.1-*"),
        ("phi-4-14b", "phi-4-*"),
        ("gemma-7b-it", ""),
        ("mixtral-8x7b", ""),
        ("mistral-large-2411", ""),
        ("command-a-03-2025", ""),
        ("hunyuan-turbos-20250226", ""),
        ("owl-alpha", ""),
        ("", ""),
    ],
)
def test_a_generation_is_numbered_and_neither_a_size_nor_a_snapshot(name, pattern):
    assert generation(name) == pattern


def test_every_pattern_is_one_that_the_table_takes():
    names = [line.model.rstrip("*") for line in load_labels(ROOT / "observations").lines]
    patterns = {name: generation(name) for name in names if generation(name)}
    assert len(patterns) > 100
    for name, pattern in patterns.items():
        assert VERSIONED.match(pattern), name
        assert label(pattern).model == pattern
        assert name.startswith(pattern[:-1])


def test_the_nearest_lines_are_of_the_family_and_begin_most_like_the_name():
    table = Labels((label("qwen2.5-*"), label("qwen3-*"), label("qwen3-max*", "closed"), label("llama-3.1-*")))
    assert [x.model for x in nearest("qwen3.5-72b-instruct", table)] == ["qwen3-*", "qwen3-max*", "qwen2.5-*"]
    assert [x.model for x in nearest("qwen3-max-2027", table, count=1)] == ["qwen3-max*"]


def test_both_dated_lines_of_a_model_are_near_and_a_misspelt_family_finds_the_like():
    table = Labels((label("grok-1", "open", "2024-03-17"), label("grok-1", "closed", "2023-11-04")))
    assert [x.from_date for x in nearest("grok-2", table)] == [date(2023, 11, 4), date(2024, 3, 17)]
    assert [x.model for x in nearest("grokk-1", table)] == ["grok-1", "grok-1"]
    assert nearest("owl", table) == ()
