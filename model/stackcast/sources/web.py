"""Fetch one file: with retries, time limits, a size limit and a check of its type."""

import re
import time
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from io import BytesIO
from threading import Thread
from typing import TYPE_CHECKING

from stackcast.errors import InputError, StackcastError
from stackcast.sources.payload import Payload

if TYPE_CHECKING:
    import httpx

GONE = (404, 410)
HOPS = 5
LONGEST_WAIT = 30.0
SHOWN = 80
SHOWN_ADDRESS = 400
LATER = "try again later, or save the file by hand and add --file PATH"
GZIP = 16 + zlib.MAX_WBITS
BLANK = re.compile(rb"[\s\xef\xbb\xbf]*")
PAGE = re.compile(BLANK.pattern + rb"<(!doctype )?html", re.IGNORECASE)
CHECK = "check the key if you set one, or save the file by hand and add --file PATH"
MOVED = "the publisher may have moved it; if you have a copy, add --file PATH"


class SourceUnavailable(StackcastError):
    """A source did not answer, or not in time."""


class SourceChanged(InputError):
    """A source answered with something else than what it used to serve."""


class _Failed(Exception):
    """Why an attempt failed; ``Web.get`` makes the one error of it."""

    def __init__(self, kind: type[StackcastError], reason: str, advice: str = LATER) -> None:
        super().__init__(reason)
        self.kind, self.advice = kind, advice


class _Again(_Failed):
    """A failure that may pass; ``wait`` is what the server asked for, in seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(SourceUnavailable, reason)
        self.wait = wait


@dataclass(frozen=True)
class Web:
    """How files are fetched.

    Attributes
    ----------
    timeout
        Seconds without a byte after which an attempt is given up.
    attempts
        How often a failure that may pass is tried.
    wait
        Seconds before the second attempt; later ones wait longer, with jitter, or as long as the server asks.
    patience
        A whole attempt, redirects and all, may take this many times ``timeout``.
    address
        Where an address is really asked for, such as a mirror.
    """

    timeout: float = 20.0
    attempts: int = 4
    wait: float = 0.5
    patience: float = 15.0
    address: Callable[[str], str] = str

    def get(self, url: str, *, kinds: tuple[str, ...], limit: int, headers: Mapping[str, str] | None = None) -> Payload:
        """Fetch one file.

        Parameters
        ----------
        url
            Its address.
        kinds
            Content types that it may have.
        limit
            Largest size, bytes, also after unpacking.
        headers
            Further headers; they are never shown, and ``Authorization`` does not follow a redirect to another host.

        Raises
        ------
        SourceUnavailable
            When the server cannot be reached, is too slow, or keeps failing.
        SourceChanged
            When what came is not what was asked for: another type, a page, too much, or nothing.
        """
        import stamina

        def hook(error: Exception) -> bool | float:
            if not isinstance(error, _Again):
                return False
            return True if error.wait is None else min(error.wait, LONGEST_WAIT)

        stamina.instrumentation.set_on_retry_hooks([])
        tries = stamina.retry_context(
            on=hook, attempts=self.attempts, timeout=None, wait_initial=self.wait, wait_max=LONGEST_WAIT,
            wait_jitter=self.wait,
        )  # fmt: skip
        try:
            for attempt in tries:
                with attempt:
                    data, published = self._once(self.address(url), kinds, limit, headers or {})
                    return Payload(data, url, published)
        except _Failed as why:
            count = f"{attempt.num} attempt{'s' * (attempt.num != 1)}"
            raise why.kind(f"{printable(url, SHOWN_ADDRESS)}: {why} ({count}); {why.advice}") from None
        raise AssertionError("stamina gives an attempt or raises")

    def _once(
        self, asked: str, kinds: tuple[str, ...], limit: int, headers: Mapping[str, str]
    ) -> tuple[bytes, date | None]:
        import httpx

        longest = self.timeout * self.patience
        deadline = time.monotonic() + longest
        agent = {"User-Agent": f"stackcast/{version('stackcast')} (+project)", "Accept": ", ".join(kinds)}

        def fetch() -> tuple[bytes, date | None]:
            with httpx.Client(timeout=self.timeout, headers=agent | {"Accept-Encoding": "gzip"}) as client:
                request = client.build_request("GET", asked, headers=dict(headers))
                return _read(_follow(client, request), kinds, limit, deadline)

        try:
            return _within(longest, fetch)
        except TimeoutError:
            raise _Again(f"too slow: not complete within {longest:g} s") from None
        except httpx.TimeoutException:
            raise _Again(f"no answer within {self.timeout:g} s") from None
        except (httpx.InvalidURL, httpx.LocalProtocolError, UnicodeError):  # their texts may hold a key
            raise _Failed(SourceChanged, "an address or a header that cannot be sent", CHECK) from None
        except httpx.TransportError as error:
            raise _Again(printable(str(error)) or type(error).__name__) from None


def _within[T](seconds: float, work: Callable[[], T]) -> T:
    """Do some work or raise TimeoutError; a socket's own timeout ends neither a look-up nor a slow drip of headers.

    Work that is late is left to end by itself: to close its socket from here would let it read from the next one.
    """
    promise = Future[T]()

    def run() -> None:
        try:
            promise.set_result(work())
        except BaseException as error:
            promise.set_exception(error)

    Thread(target=run, daemon=True).start()
    return promise.result(seconds)


def _follow(client: "httpx.Client", request: "httpx.Request") -> "httpx.Response":
    """Return the answer at the end of the redirects; httpx itself would read the body of each, however large."""
    allowed = ("http", "https") if request.url.scheme == "http" else ("https",)
    for _ in range(HOPS + 1):
        if request.url.scheme not in allowed:
            raise _Failed(SourceChanged, f"leads to an address that is not {' or '.join(allowed)}", MOVED)
        answer = client.send(request, stream=True)
        if answer.next_request is None:
            return answer
        answer.close()
        request = answer.next_request
    raise _Failed(SourceChanged, "redirects in a circle, or too often", MOVED)


def _read(answer: "httpx.Response", kinds: tuple[str, ...], limit: int, deadline: float) -> tuple[bytes, date | None]:
    status = answer.status_code
    if status == 429 or 500 <= status < 600:
        raise _Again(f"the server answers {status}", _seconds(answer.headers.get("Retry-After", "")))
    if status in GONE:
        raise _Failed(SourceChanged, f"not there ({status})", MOVED)
    if status != 200:
        raise _Failed(SourceUnavailable, f"the server answers {status}")
    found = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if found not in map(str.lower, kinds):
        what = f"{printable(found) or 'no content type'} where {' or '.join(kinds)} was expected"
        raise _Failed(SourceChanged, what, MOVED)
    data = _body(answer, limit, deadline)
    if PAGE.match(data):
        raise _Failed(SourceChanged, "a web page where data was expected (HTML: a moved page, or an error?)", MOVED)
    if BLANK.fullmatch(data):
        raise _Failed(SourceChanged, "the file is empty")
    return data, _last_modified(answer.headers.get("Last-Modified", ""))


def _body(answer: "httpx.Response", limit: int, deadline: float) -> bytes:
    """Return the bytes, unpacked here and never past the limit: one chunk of gzip may hold a thousand times as much."""
    packing = answer.headers.get("Content-Encoding", "").strip().lower()
    if packing not in ("", "identity", "gzip"):
        raise _Failed(SourceChanged, f"packed as {printable(packing)}, which nobody asked for")
    too_large = _Failed(SourceChanged, f"larger than {limit:,} bytes, which it never was", MOVED)
    if int(answer.headers.get("Content-Length") or 0) > limit:
        raise too_large
    data, gzip = BytesIO(), zlib.decompressobj(GZIP)
    try:
        for chunk in answer.iter_raw():
            data.write(gzip.decompress(chunk, limit + 1 - data.tell()) if packing == "gzip" else chunk)
            if data.tell() > limit:
                raise too_large
            if gzip.unused_data:
                raise zlib.error
            if time.monotonic() > deadline:
                raise TimeoutError
    except zlib.error:
        raise _Again("the file came damaged") from None
    if packing == "gzip" and not gzip.eof:
        raise _Again("the file came cut short")
    return data.getvalue()


def _last_modified(text: str) -> date | None:
    try:
        moment = parsedate_to_datetime(text)
        day = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).date()
    except (ValueError, TypeError, OverflowError):
        return None
    return day if day <= datetime.now(UTC).date() else None


def _seconds(text: str) -> float | None:
    return float(text) if text.strip().isdecimal() else None


def printable(text: str, most: int = SHOWN) -> str:
    """Return the beginning of a text that a server sent, without control characters."""
    return "".join(c for c in text if c.isprintable())[:most]
