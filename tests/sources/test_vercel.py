import json
from datetime import date, timedelta

import pytest

from stackcast.errors import InputError
from stackcast.observations.labels import Labels, LabLabel
from stackcast.sources import vercel
from stackcast.sources.base import Unlabelled
from stackcast.sources.vercel import COLUMNS, VERCEL
from stackcast.sources.web import Web
from tests.sources.server import ok, serving
from tests.sources.support import TODAY, by_signal, context, payload, table

TOKENS, SPEND = "vercel-gateway-open-token-share", "vercel-gateway-open-spend-share"
SHARES = {"tokens": {"google": 20, "anthropic": 20, "deepseek": 40, "typesafe-ai": 20},
          "spend": {"anthropic": 75, "deepseek": 15, "klingai": 10}}  # fmt: skip


def lab(name, kind, since="2025-10-01"):
    given = {"criterion": "any-weights", "from_date": since, "source_url": "https://a.b/c"}
    return LabLabel.model_validate(given | {"lab": name, "label": kind})


LABELS = Labels((), (lab("google", "closed"), lab("anthropic", "closed"), lab("deepseek", "open")))


def records(first, days, shares=SHARES):
    start = date.fromisoformat(first)
    return [
        {"date": f"{start + timedelta(days=i)}", "group": "lab", "name": name, "metric": metric, "share_percent": share}
        for i in range(days)
        for metric, labs in shares.items()
        for name, share in labs.items()
    ]


def export(rows, **changes):
    return json.dumps({"dataset": "labs", "modality": "all", "license": "CC-BY-4.0", "rows": rows} | changes)


def read(rows, labels=LABELS, today=TODAY, **changes):
    return VERCEL.read([payload(export(rows, **changes), "labs.json", None)], context(labels, today=today))


def test_tokens_and_spend_are_read_alike_and_an_unlabelled_lab_bounds_them():
    found = read(records("2026-04-01", 30))
    (tokens,), (spend,) = by_signal(found)[TOKENS], by_signal(found)[SPEND]
    assert (tokens.value, tokens.lower, tokens.upper) == (0.5, 0.4, 0.6)
    assert (spend.value, spend.lower, spend.upper) == (pytest.approx(15 / 90, abs=1e-6), 0.15, 0.25)
    assert (tokens.numerator, tokens.denominator) == (None, None)
    assert (tokens.period_start, tokens.period_end, tokens.published) == (
        date(2026, 4, 1), date(2026, 4, 30), date(2026, 5, 1),
    )  # fmt: skip
    assert found.unlabelled == {"typesafe-ai": Unlabelled(20.0), "klingai": Unlabelled(10.0)}
    assert found.labels == "labs.csv"


def test_the_csv_export_says_the_same():
    rows = records("2026-04-01", 30)
    saved = payload(table(COLUMNS, *([r[name] for name in COLUMNS] for r in rows)), published=None)
    assert VERCEL.read([saved], context(LABELS)).rows == read(rows).rows


def test_a_label_counts_from_its_day_on():
    turned = Labels((), (*LABELS.labs, lab("google", "open", "2026-04-15")))
    march, april = by_signal(read(records("2026-03-01", 61), turned))[TOKENS]
    assert (march.value, april.value) == (0.5, 0.75)


def test_without_labels_of_both_kinds_there_is_no_share():
    for labs in ((), LABELS.labs[:2], LABELS.labs[2:]):
        found = read(records("2026-04-01", 30), Labels((), labs))
        assert not found.rows
        assert found.left_out == [
            f"2026-04: {metric}: no lab of one kind is labelled, so there is no share" for metric in ("spend", "tokens")
        ]


def test_a_lab_that_is_not_listed_on_a_day_has_nothing_that_day():
    half = {"tokens": {"deepseek": 100}, "spend": {"anthropic": 100}}
    (tokens,) = by_signal(read([*records("2026-04-01", 15), *records("2026-04-16", 15, half)]))[TOKENS]
    assert (tokens.value, tokens.lower, tokens.upper) == (pytest.approx(0.7 / 0.9, abs=1e-6), 0.7, 0.8)


def test_only_whole_months_count():
    found = read(records("2026-10-31", 30))
    assert list(found.rows) == []
    assert list(found.left_out) == ["2026-10: 1 of 31 days", "2026-11: 22 of 30 days"]
    assert read(records("2026-11-23", 1)).left_out == ["no whole day yet"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (export(records("2026-04-01", 1), dataset="models"), "must be the export of labs .found 'models'"),
        (export([]), "changed the fields: date, metric, name, share_percent missing"),
        (export("soon"), "no list of records in 'rows'"),
        (export([{k: v for k, v in r.items() if k != "name"} for r in records("2026-04-01", 1)]), "name missing"),
        (export(records("2026-04-01", 1, {"tokens": {"google": 100}})), "changed the metrics: no spend"),
        (export(records("2026-04-01", 1)[:-1]), "shares of spend on 2026-04-01 add up to 90, not to 100"),
        (export([r | {"share_percent": "most"} for r in records("2026-04-01", 1)]), "row 2, share_percent: must be a"),
        (export([r | {"date": "soon"} for r in records("2026-04-01", 1)]), "row 2, date: must be a date"),
        (
            table(("date", "metric", "name", "share"), ("2026-04-01", "tokens", "google", 1)),
            "'share_percent' is missing",
        ),
        ('{"rows": ', "not JSON"),
    ],
)
def test_a_changed_export_is_one_clear_error(text, words):
    with pytest.raises(InputError, match=f"labs.json: .*{words}"):
        VERCEL.read([payload(text, "labs.json", None)], context(LABELS))


def test_what_the_gateway_serves_is_read():
    body = export(records("2026-04-01", 30))
    with serving({"/api/ai/leaderboard-export": ok(body, "application/json")}) as server:
        web = Web(address=lambda url: url.replace("https://vercel.com", server.base))
        found = VERCEL.read(VERCEL.fetch(web, date(2018, 1, 1), context()), context(LABELS))
    assert [slug for slug, _ in found.rows] == [TOKENS, SPEND]
    assert {row.source_url for _, row in found.rows} == {vercel.ADDRESS}
