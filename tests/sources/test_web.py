"""Fetching from a real server: every way in which a publisher can fail is one clear error, and never data."""

import time
from datetime import date

import pytest

from model.errors import StackcastError
from model.sources.web import SourceChanged, SourceUnavailable, Web, printable
from tests.sources.server import (
    cut,
    dripping,
    endless,
    first,
    garbage,
    ok,
    redirect,
    serving,
    silent,
    status,
)

WEB = Web(timeout=0.3, attempts=3, wait=0.001, patience=2)
LIMIT = 1000


def get(server, path="/x", web=WEB, **more):
    return web.get(server.base + path, kinds=("text/csv",), limit=LIMIT, **more)


def test_a_file_comes_with_its_day():
    with serving({"/x": ok("a,b\n1,2\n", Last_Modified="Sun, 19 Jul 2026 22:00:00 GMT")}) as server:
        found = get(server)
    assert (found.data, found.origin) == (b"a,b\n1,2\n", server.base + "/x")
    assert found.published == date(2026, 7, 19)
    assert server.seen[0][1]["User-Agent"].startswith("stackcast/")


@pytest.mark.parametrize("said", ["Sun, 19 Jul 2099 22:00:00 GMT", "last week", ""])
def test_a_day_that_cannot_be_is_no_day(said):
    with serving({"/x": ok("a", Last_Modified=said)}) as server:
        assert get(server).published is None


@pytest.mark.parametrize(
    "mood",
    [status(500), status(503), status(429, Retry_After="0"), cut(b"a,b", 100), garbage, silent(1.0)],
    ids=["500", "503", "429", "cut short", "no http", "silent"],
)
def test_what_may_pass_is_tried_again(mood):
    with serving({"/x": first(2, mood, ok("fine"))}) as server:
        assert get(server).data == b"fine"
        assert len(server.seen) == 3


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        (status(500), "the server answers 500"),
        (cut(b"a,b", 100), "peer closed connection"),
        (garbage, "illegal"),
        (silent(1.0), "no answer within 0.3 s"),
        (dripping(0.1), "too slow"),
    ],
    ids=["500", "cut short", "no http", "silent", "dripping"],
)
def test_what_does_not_pass_is_one_error(mood, words):
    with serving({"/x": mood}) as server:
        begin = time.monotonic()
        with pytest.raises(SourceUnavailable) as found:
            get(server)
        assert time.monotonic() - begin < 4
    text = str(found.value)
    assert words in text
    assert server.base + "/x" in text
    assert "(3 attempts)" in text
    assert "--file PATH" in text
    assert "\n" not in text
    assert len(server.seen) == 3
    assert found.value.exit_status == 1


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        (status(404), "not there (404)"),
        (status(410), "not there (410)"),
        (ok("a", kind="application/pdf"), "application/pdf where text/csv was expected"),
        (ok("a", kind=""), "no content type where text/csv"),
        (ok("\ufeff \n<!DOCTYPE HTML><p>moved"), "a web page where data was expected"),
        (ok("<html>moved"), "a web page where data was expected"),
        (ok("x" * 10 * LIMIT), "larger than 1,000 bytes"),
        (endless(10 * LIMIT), "larger than 1,000 bytes"),
        (ok(" \n"), "the file is empty"),
        (redirect("ftp://elsewhere/x"), "neither http nor https"),
        (redirect("/x"), "redirects in a circle"),
    ],
)
def test_something_else_than_data_is_refused_at_once(mood, words):
    with serving({"/x": mood}) as server:
        with pytest.raises(SourceChanged) as found:
            get(server)
        assert found.value.exit_status == 2
        assert words in str(found.value)
        assert len(server.seen) <= 6
        if "circle" not in words:
            assert len(server.seen) == 1


def test_other_refusals_are_not_repeated():
    with serving({"/x": status(403)}) as server:
        with pytest.raises(SourceUnavailable, match="the server answers 403"):
            get(server)
        assert len(server.seen) == 1


def test_the_server_says_how_long_to_wait():
    with serving({"/x": first(1, status(429, Retry_After="1"), ok("fine"))}) as server:
        begin = time.monotonic()
        get(server)
        assert time.monotonic() - begin >= 1


def test_redirects_are_followed_and_a_key_stays_at_home():
    with serving({"/y": ok("fine")}) as other, serving({"/x": redirect(other.base + "/y")}) as server:
        assert get(server, headers={"Authorization": "Bearer secret"}).data == b"fine"
        assert server.seen[0][1]["Authorization"] == "Bearer secret"
        assert "Authorization" not in other.seen[0][1]


def test_a_key_is_never_shown():
    with serving({"/x": status(500)}) as server, pytest.raises(StackcastError) as found:
        get(server, headers={"Authorization": "Bearer secret"})
    assert "secret" not in str(found.value)


def test_nobody_there():
    with serving({}) as server:
        base = server.base
    with pytest.raises(SourceUnavailable, match="3 attempts"):
        WEB.get(base + "/x", kinds=("text/csv",), limit=LIMIT)


def test_an_address_may_be_asked_for_elsewhere():
    with serving({"/mirror/x": ok("fine")}) as server:
        web = Web(
            timeout=0.3, attempts=1, address=lambda url: url.replace("https://a.example", server.base + "/mirror")
        )
        found = web.get("https://a.example/x", kinds=("text/csv",), limit=LIMIT)
    assert found.origin == "https://a.example/x"


def test_what_a_server_says_is_shown_without_its_tricks():
    assert printable("a\x1b[31m\nb\u202e" + "c" * 200) == "a[31mb" + "c" * 74
