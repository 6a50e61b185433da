from datetime import date, timedelta

import pytest

from model.errors import InputError
from model.sources.vercel import VERCEL
from tests.sources.support import NONE, TODAY, by_signal, payload, table

HEADER = ("date", "modality", "metric", "rank", "name", "share_percent")
SHARES = {"tokens": {"google": 38, "anthropic": 26, "openai": 13, "xai": 10, "alibaba": 13},
          "spend": {"anthropic": 61, "google": 21, "openai": 12, "deepseek": 6}}  # fmt: skip


def export(first, days, shares=SHARES, header=HEADER):
    start, rows = date.fromisoformat(first), []
    for i in range(days):
        for metric, labs in shares.items():
            rows += [(start + timedelta(days=i), "text", metric, 1, lab, share) for lab, share in labs.items()]
    return payload(table(header, *rows), published=None)


def test_named_closed_labs_are_a_floor_of_the_closed_share():
    found = by_signal(VERCEL.read([export("2026-04-01", 30)], NONE, TODAY))
    tokens, spend = (found[f"vercel-gateway-{name}-share"][0] for name in ("top4-closed-token", "top3-closed-spend"))
    assert (tokens.value, tokens.lower, tokens.upper) == (0.87, 0.87, None)
    assert (spend.value, spend.lower) == (0.94, 0.94)
    assert (str(tokens.period_start), str(tokens.period_end), str(tokens.published)) == (
        "2026-04-01", "2026-04-30", "2026-05-01",
    )  # fmt: skip


def test_a_lab_that_is_not_listed_on_a_day_has_nothing_that_day():
    first, second = export("2026-04-01", 15), export("2026-04-16", 15, {"tokens": {"google": 50, "zai": 50}})
    joined = payload(first.data + b"\n".join(second.data.splitlines()[1:]) + b"\n", published=None)
    (row,) = by_signal(VERCEL.read([joined], NONE, TODAY))["vercel-gateway-top4-closed-token-share"]
    assert row.value == pytest.approx((0.87 + 0.5) / 2)


def test_only_whole_months_count():
    found = VERCEL.read([export("2026-10-31", 30)], NONE, TODAY)
    assert list(found.rows) == []
    assert list(found.left_out) == ["2026-10: 1 of 31 days", "2026-11: 22 of 30 days"]


def test_changed_columns_are_one_error():
    with pytest.raises(InputError, match="'share_percent' is missing"):
        VERCEL.read([export("2026-04-01", 2, header=(*HEADER[:-1], "share"))], NONE, TODAY)
