import functools
import hashlib
import json
import re
from datetime import date, timedelta

import pytest

from stackcast.errors import InputError
from stackcast.sources import openrouter, price_map
from stackcast.sources.base import Unlabelled
from stackcast.sources.openrouter import COLUMNS
from stackcast.sources.openrouter_spend import OPENROUTER_SPEND, SIGNAL, Spend, list_price, prices_of
from stackcast.sources.package_index import INDEX_KINDS
from stackcast.sources.price_map import offers
from stackcast.sources.web import SourceChanged, Web
from tests.sources.server import ok, serving
from tests.sources.support import NONE, TODAY, context, labels, payload, table
from tests.sources.wheels import PADDING, prices, wheel

LABELS = labels(**{"llama-4*": "open", "gpt-5*": "closed", "kimi-k3*": "open"})
PRICES = (
    ("openrouter/meta-llama/llama-4", "openrouter", (1, 1)),
    ("groq/llama-4", "groq", (9, 9)),
    ("gpt-5", "openai", (4, 4)),
    ("azure/gpt-5", "azure", (8, 8)),
    ("openrouter/x/stealth", "openrouter", (2, 2)),
)
DAY = (("meta/llama-4-20260701", 400), ("openai/gpt-5-20260801", 100), ("meta/llama-4:free", 300), ("x/stealth", 50))
M = 1_000_000


def rankings(first="2026-10-24", days=30, models=DAY):
    start = date.fromisoformat(first)
    rows = [((start + timedelta(days=i)).isoformat(), m, n * M) for i in range(days) for m, n in models]
    return payload(table(COLUMNS, *rows), "rankings.csv", None)


def prices_wheel(*lines, origin="litellm.whl"):
    return payload(wheel(PADDING | prices(*(lines or PRICES))), origin, date(2026, 11, 20))


def read(*payloads, labels=LABELS):
    return OPENROUTER_SPEND.read(payloads, context(labels))


def test_tokens_at_list_prices_open_over_open_and_closed():
    found = read(rankings(), prices_wheel())
    ((slug, row),) = found.rows
    # open 400 x 1 a day and free ones for nothing, closed 100 x 4, unlabelled 50 x 2; USD of 30 days
    assert (slug, row.numerator, row.denominator, row.value) == (SIGNAL, 12_000, 24_000, 0.5)
    assert (row.lower, row.upper) == (pytest.approx(400 / 900, rel=1e-5), pytest.approx(500 / 900, rel=1e-5))
    assert (row.period_start, row.period_end, row.published) == (date(2026, 10, 24), date(2026, 11, 22), TODAY)
    assert row.note == "prices of pkg:pypi/litellm@1.2.3, 3 input tokens to 1 output; 100% of tokens priced"
    assert row.source_url == openrouter.DOCUMENT
    assert found.measure == "USD at list prices"
    assert found.unlabelled == {"x/stealth": Unlabelled(3000.0, page="https://openrouter.ai/x/stealth")}
    assert not found.left_out


def test_tokens_without_a_price_widen_the_bounds_at_the_mean_price_of_either_kind():
    more = (*DAY, ("moonshotai/kimi-k3-20260715", 70), ("x/dear", 10), ("other", 20))
    found = read(rankings(models=more), prices_wheel())
    ((_, row),) = found.rows
    # an open token costs 400/700 on average, a closed one 4; kimi is open, the other 30 either
    assert row.value == 0.5
    assert row.upper == pytest.approx((500 + 100 * 4 / 7) / (900 + 100 * 4 / 7), rel=1e-5)
    assert row.lower == pytest.approx(400 / (900 + 30 * 4), rel=1e-5)
    assert found.left_out == ["no list price, 8.4% of the tokens: moonshotai/kimi-k3-20260715, x/dear"]


@pytest.mark.parametrize("paid", range(2 ** len(DAY)))
@pytest.mark.filterwarnings("error")
def test_whichever_models_have_no_token_nothing_is_divided_by_zero(paid):
    models = [(name, n * (paid >> i & 1)) for i, (name, n) in enumerate(DAY)]
    found = read(rankings(models=models), prices_wheel())
    spent = dict(models)
    both = spent["meta/llama-4-20260701"] and spent["openai/gpt-5-20260801"]
    assert len(list(found.rows)) == bool(both)
    for _, row in found.rows:
        assert 0 < row.lower <= row.value <= row.upper < 1
    if not any(spent.values()):
        assert found.left_out == ["no token from 2026-10-24 to 2026-11-22"]
    elif not both:
        assert found.left_out == ["no priced model of one kind: nothing to compare"]


@pytest.mark.filterwarnings("error")
def test_tokens_of_models_without_a_price_may_be_none():
    found = read(rankings(models=(("a/b", 0), ("other", 0))), prices_wheel())
    assert found.left_out == ["no token from 2026-10-24 to 2026-11-22"]


def test_of_several_recorded_files_the_newest_prices_and_the_later_days_count():
    dear = tuple((name, seller, (10, 10)) for name, seller, _ in PRICES)
    older = payload(wheel(PADDING | prices(*dear)), "older.whl", date(2026, 11, 1))
    half = rankings(models=tuple((m, n // 2) for m, n in DAY))
    alone, among = read(rankings(), prices_wheel()), read(half, prices_wheel(), rankings(), older)
    assert list(among.rows) == list(alone.rows)


def test_the_last_30_whole_days_count():
    found = read(rankings("2026-10-01", 54), prices_wheel())  # to 23 November, which is today
    ((_, row),) = found.rows
    assert (row.period_start, row.period_end, row.numerator) == (date(2026, 10, 24), date(2026, 11, 22), 12_000)
    assert read(rankings(days=26), prices_wheel()).left_out == ["26 of 30 days"]
    assert len(read(rankings(days=27), prices_wheel()).rows) == 1


def test_without_both_kinds_there_is_no_share():
    found = read(rankings(), prices_wheel(), labels=NONE)
    assert (list(found.rows), found.left_out) == ([], ["no priced model of one kind: nothing to compare"])
    assert set(found.unlabelled) == {"meta/llama-4-20260701", "openai/gpt-5-20260801", "x/stealth"}


SOLD = (
    ("openrouter/deepseek/deepseek-v4-flash", "openrouter", (1, 1)),
    ("deepseek/deepseek-v4-flash", "deepseek", (2, 2)),
    ("claude-sonnet-4-6", "anthropic", (3, 3)),
    ("anthropic.claude-sonnet-4-6-v1:0", "bedrock", (5, 5)),
    ("azure/claude-sonnet-4-6", "azure", (5, 5)),
    ("groq/kimi-k3", "groq", (6, 6)),
    ("novita/moonshotai/kimi-k3", "novita", (8, 8)),
    ("bedrock/eu/kimi-k3", "bedrock", (9, 9)),
    ("bedrock/us/kimi-k3", "bedrock", (11, 11)),
    ("github_copilot/gpt-5", "github_copilot", (7, 7)),
    ("nobody/free-one", "nobody", (0, 0)),
)


@pytest.mark.parametrize(
    ("name", "price"),
    [
        ("deepseek/deepseek-v4-flash-20260731", 1),  # OpenRouter's own list
        ("anthropic/claude-4.6-sonnet-20260217", 3),  # the maker's, before the clouds'
        ("moonshotai/kimi-k3-20260715", 8),  # the median of three sellers: 6, 8, and Bedrock's 10
        ("openai/gpt-5", None),  # a gateway passes on the price of another
        ("nobody/free-one", None),
        ("x/unheard-of", None),
    ],
)
def test_whose_price_a_model_has(name, price):
    table = offers(json.dumps(PADDING | prices(*SOLD)).encode(), "x", NONE, TODAY)
    assert list_price(name, prices_of(table)) == pytest.approx(price if price else float("nan"), nan_ok=True)


def test_known_prices_and_labels_leave_no_width():
    spend = Spend(
        {"open": 3.0, "closed": 1.0, "": 0.0},
        {"open": 1.0, "closed": 1.0, "": 0.0},
        dict.fromkeys(("open", "closed", ""), 0.0),
    )
    assert (spend.cells()["lower"], spend.cells()["upper"]) == (0.75, 0.75)


@pytest.mark.parametrize(
    ("payloads", "words"),
    [
        ([rankings()], r"needs OpenRouter's rankings and a wheel of litellm \(found 1, 0\)"),
        ([prices_wheel()], r"\(found 0, 1\)"),
        ([rankings(), payload(wheel()[:-40], "a.whl")], r"a\.whl: the wheel is broken"),
        (
            [rankings(), payload(wheel({"a": {}}), "litellm.whl")],
            r"litellm\.whl: upstream has changed the format of the",
        ),
        (
            [payload(table(("day", "model"), ("a", "b")), "rankings.csv"), prices_wheel()],
            r"rankings\.csv: the publisher",
        ),
        ([payload("<html>", "b.csv"), prices_wheel()], r"b\.csv: "),
    ],
)
def test_it_says_which_of_the_two_files_is_wrong(payloads, words):
    with pytest.raises(InputError, match=words):
        read(*payloads)


INDEX = "https://index.example/simple"
EXPORT = "/api/v1/datasets/exports/rankings-daily/2026-11-22.csv"


@pytest.fixture
def publishers(monkeypatch):
    """OpenRouter and a package index on this machine, and how to fetch from both."""
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", INDEX)
    data = prices_wheel().data
    files = [
        {"filename": f"litellm-{version}-py3-none-any.whl", "url": f"https://index.example/files/{version}.whl",
         "upload-time": f"{day}T10:00:00Z", "size": len(data), "hashes": {"sha256": hashlib.sha256(data).hexdigest()}}
        for version, day in (("1.2.3", "2026-11-20"), ("1.1.9", "2026-11-21"), ("1.3.0", "2026-11-24"))
    ]  # fmt: skip
    manifest = {"files": {"csv": {"url": f"https://openrouter.ai{EXPORT}"}}}
    routes = {
        "/api/v1/datasets/exports/rankings-daily/latest.manifest.json": ok(json.dumps(manifest), "application/json"),
        EXPORT: ok(rankings().data),
        "/simple/litellm/": ok(json.dumps({"files": files}), INDEX_KINDS[0]),
        "/files/1.2.3.whl": ok(data, "application/octet-stream"),
    }
    with serving(routes) as server:
        hosts = r"https://(openrouter\.ai|index\.example)"
        web = Web(attempts=1, address=functools.partial(re.sub, hosts, server.base))
        yield server, lambda: OPENROUTER_SPEND.fetch(web, date(2018, 1, 1), context())


def test_both_files_are_fetched_and_the_newest_release_of_the_day(publishers):
    server, fetch = publishers
    payloads = fetch()
    assert [p.origin for p in payloads] == [f"https://openrouter.ai{EXPORT}", "pkg:pypi/litellm@1.2.3"]
    assert read(*payloads).rows == read(rankings(), prices_wheel()).rows
    assert [path for path, _ in server.seen if path.endswith(".whl")] == ["/files/1.2.3.whl"]


def test_a_file_of_another_type_or_hash_is_refused_by_name(publishers):
    server, fetch = publishers
    server.routes[EXPORT] = ok("<html>", "text/html")
    with pytest.raises(SourceChanged, match=r"rankings-daily/2026-11-22\.csv: text/html where"):
        fetch()
    server.routes[EXPORT] = ok(rankings().data)
    server.routes["/files/1.2.3.whl"] = ok(b"PK other", "application/octet-stream")
    with pytest.raises(InputError, match=r"pkg:pypi/litellm@1\.2\.3: the wheel's sha256 is not the one"):
        fetch()
    server.routes["/simple/litellm/"] = ok(json.dumps({"files": []}), INDEX_KINDS[0])
    with pytest.raises(InputError, match="the package index has no final release of litellm"):
        fetch()


def test_an_oversized_price_map_is_refused(monkeypatch):
    monkeypatch.setattr(price_map, "LIMIT", 100)
    with pytest.raises(InputError, match=r"litellm\.whl: .*over 100"):
        read(rankings(), prices_wheel())
