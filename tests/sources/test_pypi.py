import json
from datetime import date

import pytest

from stackcast.errors import InputError
from stackcast.sources import pypi
from stackcast.sources.pypi import PYPI
from stackcast.sources.web import SourceChanged, Web
from tests.observations.test_schema import signal
from tests.sources.server import ok, serving
from tests.sources.support import by_signal, context, payload

COUNTS = {"chromadb": 300, "pinecone": 100, "openai": 1000, "vllm": 50, "last-one": 10}
PANEL = {"over": ["chromadb"], "under": ["pinecone"]}
STORES, RUNTIMES = "stores-open-share", "runtime-ratio"
SIGNALS = {
    STORES: signal(feed={"pypi": PANEL}),
    RUNTIMES: signal(likelihood="ratio", feed={"pypi": {"over": ["vllm"], "under": ["openai"]}}),
    "not-fed": signal(),
    "elsewhere": signal(feed={"fred": {"series": "RAMPAIALL", "every": "month"}}),
}


def listed(counts=COUNTS, updated="2026-11-01 06:34:58", **head):
    rows = [{"download_count": n, "project": name} for name, n in counts.items()]
    return json.dumps({"last_update": updated, "source": "ClickHouse", "total_rows": len(rows), "rows": rows} | head)


def read(text, signals=SIGNALS):
    return PYPI.read([payload(text, "list.json", None)], context(signals=signals))


def with_panel(over, under, **changes):
    return {STORES: signal(feed={"pypi": {"over": over, "under": under}}, **changes)}


def test_a_share_and_a_ratio_are_summed_over_the_month_before():
    found = read(listed())
    (stores,), (runtimes,) = by_signal(found)[STORES], by_signal(found)[RUNTIMES]
    assert (stores.numerator, stores.denominator, stores.value) == (300, 400, 0.75)
    assert (runtimes.numerator, runtimes.denominator, runtimes.value) == (50, 1000, 0.05)
    assert (stores.lower, stores.upper, stores.note) == (None, None, "")
    assert (stores.period_start, stores.period_end, stores.published) == (
        date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 1),
    )  # fmt: skip
    assert not found.left_out


def test_a_list_that_was_counted_elsewhere_covers_the_30_days_before():
    """So did the lists until 2025, and the rows that are held."""
    for head in ({"source": None}, {"query": {"bytes_billed": 1}, "source": None}):
        (stores,) = by_signal(read(listed(updated="2025-02-01 07:03:28", **head)))[STORES]
        assert (stores.period_start, stores.period_end) == (date(2025, 1, 2), date(2025, 1, 31))
        assert stores.published == date(2025, 2, 1)


def test_names_are_compared_as_the_index_writes_them():
    found = read(listed({"Pyannote.Audio": 30, "azure_ai_ml": 10}), with_panel(["pyannote-audio"], ["azure-ai-ml"]))
    assert by_signal(found)[STORES][0].value == 0.75


def test_a_package_below_the_list_had_between_none_and_its_last_count():
    over, under = ["chromadb", "gone-over"], ["pinecone", "gone-under", "gone-too"]
    found = read(listed(), with_panel(over, under))
    (stores,) = by_signal(found)[STORES]
    assert (stores.value, stores.lower) == (0.75, pytest.approx(300 / 420, rel=1e-5))
    assert stores.upper == pytest.approx(310 / 410, rel=1e-5)
    assert stores.note == "not in the list, whose last count is 10: gone-over, gone-too, gone-under"
    assert found.left_out == [f"{STORES}: not among the 5 packages: gone-over, gone-too, gone-under"]
    (ratio,) = by_signal(read(listed(), with_panel(over, under, likelihood="ratio")))[STORES]
    assert (ratio.value, ratio.lower, ratio.upper) == (3, 2.5, 3.1)


def test_a_side_of_which_nothing_is_listed_gives_no_row():
    found = read(listed(), with_panel(["chromadb"], ["gone-under"]))
    assert not found.rows
    assert found.left_out == [
        f"{STORES}: not among the 5 packages: gone-under",
        f"{STORES}: one side has no package in the list: nothing to compare",
    ]


def test_without_a_declared_panel_it_says_so():
    found = read(listed(), {"not-fed": signal()})
    assert (list(found.rows), found.left_out) == ([], ["no signal declares a feed from pypi"])


def test_it_feeds_the_signals_that_declare_it():
    assert PYPI.feeds(SIGNALS) == (STORES, RUNTIMES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (listed(updated="soon"), "last_update must be a date .* .found 'soon'"),
        (listed(last_update=None), "last_update must be a date"),
        (listed(updated="2027-01-01 06:00:00"), "last_update lies in the future"),
        (listed({}), "changed the fields: project, download_count missing"),
        (listed(rows=None), "no list of records in 'rows'"),
        (listed(rows=[{"project": "a", "downloads": 1}]), "download_count missing"),
        (listed({"a": "many"}), "row 2, download_count: must be a number .found 'many'"),
        (listed({"a": -1}), "must be a number from 0 on"),
        (
            listed(rows=[{"project": "a-b", "download_count": 1}, {"project": "a_b", "download_count": 2}]),
            "a-b stands twice",
        ),
        ('{"rows": ', "not JSON"),
        ("[]", "must be a JSON object"),
    ],
)
def test_a_changed_list_is_one_clear_error(text, words):
    with pytest.raises(InputError, match=rf"list\.json: .*{words}"):
        read(text)


def served(body, kind="application/json", **limits):
    with serving({"/top-pypi-packages/top-pypi-packages.min.json": ok(body, kind)}) as server:
        web = Web(attempts=1, address=lambda url: url.replace("https://hugovk.dev", server.base))
        return PYPI.fetch(web, date(2018, 1, 1), context(signals=SIGNALS))


def test_the_present_list_is_fetched_and_read():
    found = PYPI.read(served(listed()), context(signals=SIGNALS))
    assert [slug for slug, _ in found.rows] == [STORES, RUNTIMES]


def test_another_type_or_size_is_refused(monkeypatch):
    with pytest.raises(SourceChanged, match="text/html where application/json was expected"):
        served("<html>", "text/html")
    monkeypatch.setattr(pypi, "LIMIT", 100)
    with pytest.raises(SourceChanged, match="larger than 100 bytes"):
        served(listed())
