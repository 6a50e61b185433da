import itertools
import json
from datetime import date, timedelta

import pytest

from stackcast.errors import InputError, StackcastError
from stackcast.sources.base import Unlabelled
from stackcast.sources.openrouter import COLUMNS, MANIFEST, OPENROUTER, SIGNAL
from stackcast.sources.openrouter_models import MODELS
from tests.sources.support import NONE, TODAY, context, labels, payload, table

LABELS = labels(llama_4="open", gpt_5="closed")
UNSAID = "what OpenRouter says of the names without a label: its list of models is not there"
DAY_ROWS = (("meta/llama-4:free", 30), ("openai/gpt-5", 50), ("x/stealth", 10), ("other", 10))


def daily(first, days):
    start = date.fromisoformat(first)
    return [((start + timedelta(days=i)).isoformat(), model, n) for i in range(days) for model, n in DAY_ROWS]


def read(rows, labels=LABELS, today=TODAY):
    return OPENROUTER.read([payload(table(COLUMNS, *rows), published=None)], context(labels, today=today))


def test_a_month_is_summed_by_label_and_unlabelled_traffic_bounds_it():
    found = read(daily("2026-04-01", 30))
    ((slug, row),) = found.rows
    assert slug == SIGNAL
    assert (row.period_start, row.period_end, row.published) == (date(2026, 4, 1), date(2026, 4, 30), date(2026, 5, 1))
    assert (row.numerator, row.denominator, row.value) == (900, 2400, 0.375)
    assert (row.lower, row.upper) == (0.3, 0.5)
    assert found.unlabelled == {"x/stealth": Unlabelled(300.0, page="https://openrouter.ai/x/stealth")}
    assert (found.whole, found.seen) == (3000.0, date(2026, 5, 1))


def test_a_later_copy_revises_the_days_that_both_hold():
    first = payload(
        table(COLUMNS, *[(day, model, n // 2) for day, model, n in daily("2026-04-01", 20)]), published=None
    )
    later = payload(table(COLUMNS, *daily("2026-04-01", 30)), published=None)
    assert OPENROUTER.read([first, later], context(LABELS)).rows == read(daily("2026-04-01", 30)).rows


def test_missing_days_widen_the_bounds_and_too_many_refuse():
    row = read(daily("2026-03-03", 29)).rows[0][1]
    assert row.value == 0.375
    assert (row.lower, row.upper) == pytest.approx((0.3 * 29 / 31, 1 - 0.5 * 29 / 31), abs=1e-6)
    assert row.note == "29 of 31 days; the others widen the bounds"
    found = read(daily("2026-03-28", 4))
    assert (list(found.rows), found.left_out) == ([], ["2026-03: 4 of 31 days", UNSAID])
    assert found.unlabelled


def test_the_running_month_and_the_running_day_wait():
    found = read(daily("2026-11-01", 23))
    assert not found.rows
    assert found.left_out == ["2026-11: 22 of 30 days", UNSAID]


def test_without_a_label_nothing_is_open_or_closed():
    found = read(daily("2026-04-01", 30), labels=NONE)
    assert (list(found.rows), found.left_out) == ([], ["2026-04: no model with a label has a token", UNSAID])
    assert len(found.unlabelled) == 3


@pytest.mark.parametrize("unlabelled", [0, 10], ids=["no token at all", "tokens of unlabelled models alone"])
def test_a_month_without_tokens_of_labelled_models_has_no_share(unlabelled):
    rows = [(day, model, unlabelled if model == "x/stealth" else 0) for day, model, _ in daily("2026-04-01", 30)]
    found = read(rows)
    assert list(found.rows) == []
    assert "2026-04: no model with a label has a token" in found.left_out
    assert found.whole == 30 * unlabelled


@pytest.mark.parametrize("kind", [0, 1], ids=["closed alone", "open alone"])
def test_a_month_of_one_kind_is_a_share_of_none_or_all(kind):
    label = ("meta/llama-4:free", "openai/gpt-5")
    rows = [(day, model, 0 if model == label[1 - kind] else n) for day, model, n in daily("2026-04-01", 30)]
    ((_, row),) = read(rows).rows
    assert row.value == 1 - kind
    assert row.lower <= row.value <= row.upper


def test_the_keyed_answer_says_the_same():
    rows = daily("2026-04-01", 30)
    answer = {"data": [dict(zip(COLUMNS, (d, m, str(n)), strict=True)) for d, m, n in rows], "meta": {}}
    keyed = OPENROUTER.read([payload(json.dumps(answer), published=None)], context(LABELS))
    assert keyed.rows == read(rows).rows


@pytest.mark.parametrize(
    ("entry", "found", "page"),
    [
        ({"hugging_face_id": "Lab/Stealth"}, "Hugging Face: Lab/Stealth", "https://huggingface.co/Lab/Stealth"),
        ({"hugging_face_id": None}, "OpenRouter names no Hugging Face page", "https://openrouter.ai/x/short"),
        ({}, "", "https://openrouter.ai/x/short"),
    ],
    ids=["weights", "none named", "field gone"],
)
def test_the_list_of_models_says_what_the_publisher_says_of_a_name(entry, found, page):
    stealth = {"id": "x/short", "canonical_slug": "x/stealth", "name": "Stealth"}
    models = json.dumps({"data": [stealth | entry, "no entry"]})
    files = [payload(models, "models.json", None), payload(table(COLUMNS, *daily("2026-04-01", 30)), published=None)]
    reading = OPENROUTER.read(files, context(LABELS))
    assert reading.unlabelled == {"x/stealth": Unlabelled(300.0, found, page)}
    with pytest.raises(InputError, match="has no ranking"):
        OPENROUTER.read(files[:1], context(LABELS))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"data": [{"day": "2026-04-01"}]}', "changed the fields: date, model_permaslug, total_tokens missing"),
        ('{"data": ', "not JSON"),
        ('{"meta": {}}', "changed the fields"),
        (table(("date", "model", "total_tokens"), ("2026-04-01", "a", 1)), "'model_permaslug' is missing"),
        (table(COLUMNS, ("2026-04-01", "a", "many")), "row 2, total_tokens: must be a number"),
        (table(COLUMNS, ("2026-04-01", "a", "1e999")), "row 2, total_tokens: must be a number"),
        (table(COLUMNS, ("2026-04-01", "a", "-1000")), "row 2, total_tokens: must be a number from 0 on"),
    ],
)
def test_a_changed_answer_is_one_clear_error(text, words):
    with pytest.raises(InputError, match=words):
        OPENROUTER.read([payload(text, published=None)], context(LABELS))


class Web:
    def __init__(self, manifest=None):
        self.asked, self.manifest, self.refuses = [], manifest, ""

    def get(self, url, **options):
        self.asked.append((url, dict(options.get("headers") or {})))
        if url == self.refuses:
            raise StackcastError("not there")
        return payload(json.dumps(self.manifest) if url == MANIFEST else "x", url, None)


def test_without_a_key_the_manifest_names_the_file(monkeypatch):
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    dated = MANIFEST.replace("latest.manifest.json", "2026-11-22.csv")
    web = Web({"files": {"csv": {"url": dated}}})
    OPENROUTER.fetch(web, date(2018, 1, 1), context(today=TODAY))
    assert [url for url, _ in web.asked] == [MODELS, MANIFEST, dated]
    web.refuses = MODELS
    assert [x.origin for x in OPENROUTER.fetch(web, date(2018, 1, 1), context(today=TODAY))] == [dated]
    for manifest, words in (
        ({"files": {}}, "no longer names a CSV"),
        ({"files": {"csv": {"url": "https://evil/x"}}}, "elsewhere"),
    ):
        with pytest.raises(InputError, match=words):
            OPENROUTER.fetch(Web(manifest), date(2018, 1, 1), context(today=TODAY))


def test_with_a_key_every_day_is_asked_for_in_whole_windows(monkeypatch):
    monkeypatch.setenv("OPENROUTER_API_KEY", "secret")
    web = Web()
    OPENROUTER.fetch(web, date(2018, 1, 1), context(today=TODAY))
    windows = [dict(part.split("=") for part in url.split("?")[1].split("&")) for url, _ in web.asked if url != MODELS]
    assert windows[0]["start_date"] == "2025-01-01"
    assert windows[-1]["end_date"] == "2026-11-22"
    assert all(headers == {"Authorization": "Bearer secret"} for url, headers in web.asked if url != MODELS)
    for before, after in itertools.pairwise(windows):
        assert date.fromisoformat(after["start_date"]) - date.fromisoformat(before["end_date"]) == timedelta(days=1)
