import io
from datetime import date

import pandas as pd
import pytest

from stackcast.errors import InputError
from stackcast.sources.lmarena import LMARENA
from tests.sources.support import NONE, TODAY, by_signal, context, labels, payload

ROWS = [
    ("gpt", "Proprietary", 1500.04, "overall", "2026-03-10"),
    ("gpt", "Proprietary", 1510.0, "overall", "2026-03-31"),
    ("llama", "Llama 3", 1480.0, "overall", "2026-03-31"),
    ("other", "MIT", 1400.0, "overall", "2026-03-31"),
    ("silent", "", 1490.0, "overall", "2026-03-31"),
    ("coder", "MIT", 1900.0, "coding", "2026-03-31"),
    ("gpt", "Proprietary", 1520.0, "overall", "2026-04-20"),
    ("llama", "Llama 3", 1530.0, "overall", "2026-04-20"),
    ("gpt", "Proprietary", 1.0, "overall", "2023-10-20"),
]
COLUMNS = ["model_name", "license", "rating", "category", "leaderboard_publish_date"]


def parquet(rows, columns=COLUMNS):
    out = io.BytesIO()
    pd.DataFrame(rows, columns=columns).assign(vote_count=1).to_parquet(out)
    return payload(out.getvalue(), "text.parquet", None)


def read(rows=ROWS, table=NONE, today=str(TODAY)):
    return LMARENA.read([parquet(rows)], context(table, today=date.fromisoformat(today)))


def test_the_last_snapshot_of_a_month_counts():
    found = by_signal(read(table=labels(silent="open")))
    gaps = [
        (str(r.period_start), str(r.period_end), str(r.published), r.value, r.n)
        for r in found["lmarena-frontier-gap-elo"]
    ]
    assert gaps == [
        ("2026-03-01", "2026-03-31", "2026-03-31", 20.0, 4),
        ("2026-04-01", "2026-04-20", "2026-04-20", -10.0, 2),
    ]
    (share,) = found["lmarena-listed-open-share"]
    assert (share.numerator, share.denominator) == (3, 4), "open shares are taken at quarters' ends"


def test_a_model_without_a_licence_is_neither_open_nor_closed():
    found = read()
    gap, share = (by_signal(found)[s][0] for s in ("lmarena-frontier-gap-elo", "lmarena-listed-open-share"))
    assert (gap.lower, gap.value, gap.upper) == (20.0, 30.0, 30.0)
    assert (share.numerator, share.denominator, share.lower, share.upper) == (2, 3, 0.5, 0.75)
    assert {name: one.weight for name, one in found.unlabelled.items()} == {"silent": 1.0}
    assert (found.whole, found.seen) == (4.0, date(2026, 4, 20))


def test_the_running_month_waits():
    found = read(today="2026-04-25")
    assert [str(r.period_end) for r in by_signal(found)["lmarena-frontier-gap-elo"]] == ["2026-03-31"]
    assert found.left_out == ["2026-04: the month is not over, and its last snapshot is what counts"]


def test_changed_columns_are_one_error():
    with pytest.raises(InputError, match="'license' is missing; did you mean 'licence'"):
        LMARENA.read([parquet(ROWS, ["model_name", "licence", *COLUMNS[2:]])], context(NONE, today=TODAY))


def test_recent_periods_need_the_latest_snapshot_only():
    asked = []

    class Web:
        def get(self, url, **options):
            asked.append(url)
            return parquet(ROWS)

    LMARENA.fetch(Web(), date(2026, 11, 1), context())
    LMARENA.fetch(Web(), date(2025, 11, 1), context())
    assert [url.rsplit("/", 1)[-1].split("-")[0] for url in asked] == ["latest", "full"]
