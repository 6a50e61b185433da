"""Fetching from a real server: every way in which a publisher can fail is one clear error, and never data."""

import gzip
import threading
import time
import tracemalloc
from dataclasses import replace
from datetime import date
from functools import partial
from importlib.metadata import version
from types import SimpleNamespace

import httpx
import pytest

from stackcast.errors import StackcastError
from stackcast.sources.web import SourceChanged, SourceUnavailable, Web, printable
from tests.sources.server import (
    cut,
    dripping,
    endless,
    first,
    garbage,
    ok,
    redirect,
    said,
    serving,
    silent,
    status,
)

WEB = Web(timeout=5, attempts=3, wait=0.001)
HASTY = replace(WEB, timeout=0.25, patience=1.2)
LIMIT = 1000
KEY = {"Authorization": "Bearer secret"}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n"
PACKED = HEAD + b"Content-Encoding: gzip\r\n\r\n"
TABLE = bytes(range(256)) * 2
CUT_TABLE = gzip.compress(TABLE)[:-40]
GZIP_START = gzip.compress(b"")[:10]
EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"
CLIENT = httpx.Client
CERTIFICATES = httpx.create_ssl_context()


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Read the certificates once: that takes longer than a request."""
    monkeypatch.setattr(httpx, "Client", partial(CLIENT, verify=CERTIFICATES))


def get(server, path="/x", web=WEB, limit=LIMIT, **more):
    return web.get(server.base + path, kinds=("text/csv",), limit=limit, **more)


def refused(error, mood, web=WEB, **more):
    """Fetch what cannot be had; gives the one line that says so, and the number of requests."""
    with serving({"/x": mood}) as server:
        begin = time.monotonic()
        with pytest.raises(error) as found:
            get(server, web=web, **more)
        assert time.monotonic() - begin < 4
    text = str(found.value)
    assert type(found.value) is error
    assert found.value.exit_status == {SourceUnavailable: 1, SourceChanged: 2}[error]
    assert text.startswith(server.base + "/x: ")
    assert "--file PATH" in text
    assert text.isprintable()
    assert "secret" not in text
    return text, len(server.seen)


def test_a_file_comes_with_its_day():
    with serving({"/x": ok("a,b\n1,2\n", Last_Modified="Sun, 19 Jul 2026 22:00:00 GMT")}) as server:
        found = get(server)
    assert (found.data, found.origin) == (b"a,b\n1,2\n", server.base + "/x")
    assert found.published == date(2026, 7, 19)
    assert server.seen[0][1]["User-Agent"] == f"stackcast/{version('stackcast')} (+project)"


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Sun, 19 Jul 2026 22:00:00 -0500", date(2026, 7, 20)),
        ("Sun, 19 Jul 2099 22:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2300", None),
        ("last week", None),
        ("", None),
    ],
)
def test_the_day_is_that_of_the_server_in_utc_or_none(said, day):
    with serving({"/x": ok("a", Last_Modified=said)}) as server:
        assert get(server).published == day


@pytest.mark.parametrize("zone", ["EAST-12", "WEST+12"])
def test_a_day_without_a_zone_is_in_utc_wherever_we_are(zone, monkeypatch):
    try:
        with (
            monkeypatch.context() as far,
            serving({"/x": ok("a", Last_Modified="19 Jul 2026 22:00:00 -0000")}) as server,
        ):
            far.setenv("TZ", zone)
            time.tzset()
            assert get(server).published == date(2026, 7, 19)
    finally:
        time.tzset()


@pytest.mark.parametrize("kinds", [("Text/CSV",), ("application/zip", "text/csv")])
def test_types_are_compared_without_case_or_parameters(kinds):
    with serving({"/x": ok("a", kind="TEXT/Csv ; charset=latin-1")}) as server:
        assert WEB.get(server.base + "/x", kinds=kinds, limit=LIMIT).data == b"a"


def test_a_file_may_be_as_large_as_the_limit_packed_or_not():
    full = b"x" * LIMIT
    with serving({"/x": ok(full), "/y": ok(gzip.compress(full), Content_Encoding="gzip")}) as server:
        assert get(server).data == get(server, "/y").data == full


@pytest.mark.parametrize(
    ("mood", "web"),
    [
        (status(500), WEB),
        (status(503), WEB),
        (status(520), WEB),
        (status(429, Retry_After="0"), WEB),
        (cut(b"a,b", 100), WEB),
        (garbage, WEB),
        (silent(1.0), HASTY),
        (said(PACKED, CUT_TABLE), WEB),
    ],
    ids=["500", "503", "520", "429", "cut short", "no http", "silent", "packed and cut short"],
)
def test_what_may_pass_is_tried_again_in_silence(mood, web, capsys, caplog):
    with serving({"/x": first(2, mood, ok("fine"))}) as server:
        assert get(server, web=web).data == b"fine"
        assert len(server.seen) == 3
    assert capsys.readouterr() == ("", "")
    assert not [r for r in caplog.records if r.name.startswith("stamina")]


@pytest.mark.parametrize(
    ("mood", "web", "words"),
    [
        (status(500), WEB, "the server answers 500"),
        (status(501), WEB, "the server answers 501"),
        (status(429), WEB, "the server answers 429"),
        (cut(b"a,b", 100), WEB, "peer closed connection"),
        (garbage, WEB, "illegal"),
        (silent(1.0), HASTY, "no answer within 0.25 s"),
        (dripping(0.1), HASTY, "too slow: not complete within 0.3 s"),
        (ok("not gzip", Content_Encoding="gzip"), WEB, "came damaged"),
        (ok(gzip.compress(b"a") + b"more", Content_Encoding="gzip"), WEB, "came damaged"),
        (said(PACKED, CUT_TABLE), WEB, "came cut short"),
        (said(HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n"), WEB, "bad Content-Length"),
    ],
    ids=["500", "501", "429", "cut", "no http", "silent", "drip", "not gzip", "gzip and more", "gzip, cut", "length"],
)
def test_what_does_not_pass_is_one_error(mood, web, words):
    text, asked = refused(SourceUnavailable, mood, web)
    assert words in text
    assert "(3 attempts); try again later" in text
    assert asked == 3


@pytest.mark.parametrize(
    "mood",
    [
        said(b"HTTP/1.1 200 OK\r\nX: ", *[b"x"] * 60, pause=0.05),
        said(PACKED + GZIP_START, *[EMPTY_BLOCK] * 60, pause=0.05),
        first(1, redirect("/x"), dripping(0.05)),
    ],
    ids=["headers", "a packed body that unpacks to nothing", "after a redirect"],
)
def test_whatever_drips_is_given_up(mood):
    text, _ = refused(SourceUnavailable, mood, replace(HASTY, attempts=1))
    assert "too slow: not complete within 0.3 s (1 attempt);" in text


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        (status(404), "not there (404) (1 attempt); the publisher may have moved it"),
        (status(410), "not there (410) (1 attempt); the publisher may have moved it"),
        (ok("a", kind="application/pdf"), "application/pdf where text/csv was expected"),
        (ok("a", kind=""), "no content type where text/csv"),
        (said(b"HTTP/1.1 200 OK\r\n\r\na"), "no content type where text/csv"),
        (ok("\ufeff \n<!DOCTYPE HTML><p>moved"), "a web page where data was expected"),
        (ok(" " * 600 + "<html>moved"), "a web page where data was expected"),
        (ok(gzip.compress(b"<HTML>moved"), Content_Encoding="gzip"), "a web page where data was expected"),
        (ok("x" * 10 * LIMIT), "larger than 1,000 bytes"),
        (cut(b"", 10 * LIMIT), "larger than 1,000 bytes"),
        (endless(10 * LIMIT), "larger than 1,000 bytes"),
        (said(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"3e9\r\n" + b"x" * 1001), "larger than 1,000 bytes"),
        (ok(gzip.compress(b"x" * (LIMIT + 1)), Content_Encoding="gzip"), "larger than 1,000 bytes"),
        (ok("a", Content_Encoding="br"), "packed as br"),
        (ok(""), "the file is empty"),
        (ok("\ufeff \n"), "the file is empty"),
        (redirect("ftp://elsewhere/x"), "leads to an address that is not http or https"),
        (redirect("file:///etc/passwd"), "leads to an address that is not http or https"),
        (redirect(f"http://{'a' * 70}.example/"), "cannot be sent"),
    ],
)
def test_something_else_than_data_is_refused_at_once(mood, words):
    text, asked = refused(SourceChanged, mood)
    assert words in text
    assert "(1 attempt)" in text
    assert asked == 1


def test_a_circle_of_redirects_ends():
    text, asked = refused(SourceChanged, redirect("/x"))
    assert "redirects in a circle" in text
    assert asked == 6


@pytest.mark.parametrize("code", [400, 401, 403, 451])
def test_other_refusals_are_not_repeated(code):
    text, asked = refused(SourceUnavailable, status(code))
    assert f"the server answers {code} (1 attempt)" in text
    assert asked == 1


@pytest.mark.parametrize(
    "mood",
    [
        ok(gzip.compress(b"x" * 20_000_000), Content_Encoding="gzip"),
        endless(5_000_000),
        first(1, redirect("/y", b"x" * 5_000_000), endless(5_000_000)),
    ],
    ids=["bomb", "endless", "endless after a large redirect"],
)
def test_what_a_server_sends_is_never_held_beyond_the_limit(mood):
    with serving({"/x": ok("fine"), "/y": mood}) as server:
        get(server)
        tracemalloc.start()
        with pytest.raises(SourceChanged, match="larger than 100,000 bytes"):
            get(server, "/y", limit=100_000)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert most < 2_000_000


def test_a_socket_is_closed_only_by_the_thread_that_reads_it(monkeypatch):
    opened, closed = [], []

    class Noting(CLIENT):
        def __enter__(self):
            opened.append(threading.get_ident())
            return super().__enter__()

        def __exit__(self, *error):
            super().__exit__(*error)
            closed.append(threading.get_ident())

    monkeypatch.setattr(httpx, "Client", partial(Noting, verify=CERTIFICATES))
    refused(SourceUnavailable, dripping(0.05), replace(HASTY, attempts=1))
    until = time.monotonic() + 3
    while not closed and time.monotonic() < until:
        time.sleep(0.01)
    assert closed == opened != [threading.get_ident()]


@pytest.fixture
def waits(monkeypatch):
    """What would have been waited between attempts."""
    found = []
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=found.append))
    return found


@pytest.mark.parametrize(("asked", "waited"), [("0", 0), ("7", 7), ("3600", 30), ("9" * 400, 30)])
def test_the_server_says_how_long_to_wait_up_to_half_a_minute(asked, waited, waits):
    with serving({"/x": first(2, status(429, Retry_After=asked), ok("fine"))}) as server:
        get(server)
    assert waits == [waited, waited]


def test_a_wait_is_real():
    with serving({"/x": first(1, status(503), ok("fine"))}) as server:
        get(server, web=replace(WEB, wait=0.1))
    assert server.times[1] - server.times[0] >= 0.1


@pytest.mark.parametrize("asked", ["Sun, 19 Jul 2026 22:00:00 GMT", "-5", "soon"])
def test_without_a_number_of_seconds_the_waits_grow(asked, waits):
    refused(SourceUnavailable, status(503, Retry_After=asked), replace(WEB, attempts=4, wait=0.5))
    for wait, least in zip(waits, [0.5, 1, 2], strict=True):
        assert least <= wait <= least + 0.5


def test_redirects_are_followed_and_a_key_stays_at_home():
    with serving({"/y": ok("fine")}) as other, serving({"/x": redirect("/z")}) as server:
        server.routes["/z"] = redirect(other.base + "/y")
        found = get(server, headers=KEY)
    assert (found.data, found.origin) == (b"fine", server.base + "/x")
    assert [h.get("Authorization") for _, h in server.seen] == ["Bearer secret"] * 2
    assert "Authorization" not in other.seen[0][1]


def test_a_key_is_not_sent_to_another_name_of_the_same_machine():
    with serving({"/y": ok("fine")}) as server:
        server.routes["/x"] = redirect(server.base.replace("127.0.0.1", "localhost") + "/y")
        get(server, headers=KEY)
    assert [h.get("Authorization") for _, h in server.seen] == ["Bearer secret", None]


def test_from_https_nothing_goes_to_http(monkeypatch):
    asked = []

    def answer(request):
        asked.append(str(request.url))
        return httpx.Response(302, headers={"Location": "http://a.example/y"})

    monkeypatch.setattr(httpx, "Client", partial(httpx.Client, transport=httpx.MockTransport(answer)))
    with pytest.raises(SourceChanged, match="leads to an address that is not https"):
        WEB.get("https://a.example/x", kinds=("text/csv",), limit=LIMIT, headers=KEY)
    assert asked == ["https://a.example/x"]


@pytest.mark.parametrize("key", ["Bearer secret\n", "Bearer secr\u00e9t secret", "Bearer\x00secret"])
def test_a_key_that_cannot_be_sent_is_not_shown(key):
    text, asked = refused(SourceChanged, ok("fine"), headers={"Authorization": key})
    assert "a header that cannot be sent (1 attempt); check the key" in text
    assert asked == 0


@pytest.mark.parametrize("mood", [status(500), status(401), status(404), garbage, ok("a", kind="text/plain")])
def test_a_key_is_never_shown(mood):
    with serving({"/x": mood}) as server, pytest.raises(StackcastError) as found:
        get(server, headers=KEY)
    assert "secret" not in str(found.value)


def test_what_a_server_says_is_shown_short_and_plain():
    text, _ = refused(SourceChanged, ok("a", kind="a\x1b[31m\x9b" + "c" * 200))
    assert f"/x: a[31m{'c' * 75} where text/csv was expected" in text
    text, _ = refused(SourceUnavailable, said(b"\x1b[31mHTTP" + b"\xe2\x80\xae" * 200 + b"\r\n\r\n"))
    assert len(text) < 300


def test_nobody_there():
    with serving({}) as server:
        base = server.base
    with pytest.raises(SourceUnavailable, match=r"refused \(3 attempts\); try again later"):
        WEB.get(base + "/x", kinds=("text/csv",), limit=LIMIT)
    with pytest.raises(SourceUnavailable, match=r"nobody\.invalid/x: .* \(3 attempts\); try again later"):
        WEB.get("http://nobody.invalid/x", kinds=("text/csv",), limit=LIMIT)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a.example/x", "nonsense", "http://a\n\x1b[1mb/x", ""])
def test_an_address_that_is_none(url):
    with pytest.raises(SourceChanged, match=r"cannot be sent|not https") as found:
        WEB.get(url, kinds=("text/csv",), limit=LIMIT)
    assert str(found.value).isprintable()


def test_an_address_may_be_asked_for_elsewhere():
    with serving({"/mirror/x": ok("fine")}) as server:
        web = replace(WEB, address=lambda url: url.replace("https://a.example", server.base + "/mirror"))
        found = web.get("https://a.example/x", kinds=("text/csv",), limit=LIMIT)
    assert found.origin == "https://a.example/x"


def test_what_a_server_says_is_shown_without_its_tricks():
    assert printable("a\x1b[31m\nb\u202e" + "c" * 200) == "a[31mb" + "c" * 74
