"""One file from the web, or one clear error: retried, timed, limited in size, and of the type that was asked for."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from model.errors import InputError, StackcastError
from model.sources.base import Payload

if TYPE_CHECKING:
    import httpx

RETRIED = (429, 500, 502, 503, 504)
GONE = (404, 410)
LONGEST_WAIT = 30.0
SHOWN = 80
LATER = "try again later, or save the file by hand and add --file PATH"
MOVED = "the publisher may have moved it; if you have a copy, add --file PATH"


class SourceUnavailable(StackcastError):
    """A source did not answer, or not in time."""


class SourceChanged(InputError):
    """A source answered with something else than what it used to serve."""


class _Again(Exception):
    """A failure that may pass; ``wait`` is what the server asked for, in seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(frozen=True)
class Web:
    """How files are fetched.

    Attributes
    ----------
    timeout
        Seconds without a byte after which an attempt is given up; a whole transfer may take ``patience`` times that.
    attempts
        How often a failure that may pass is tried.
    wait
        Seconds before the second attempt; later ones wait longer, with jitter, or as long as the server asks.
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
            Largest size, bytes.
        headers
            Further headers; they are never shown, and a key does not follow a redirect to another host.

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
                    return self._once(url, kinds, limit, dict(headers or {}))
        except _Again as error:
            raise SourceUnavailable(f"{url}: {error} ({self.attempts} attempts); {LATER}") from None
        raise AssertionError("stamina gives an attempt or raises")

    def _once(self, url: str, kinds: tuple[str, ...], limit: int, headers: dict[str, str]) -> Payload:
        import httpx

        agent = {"User-Agent": f"stackcast/{version('stackcast')}", "Accept": ", ".join(kinds)}
        asked = self.address(url)
        deadline = time.monotonic() + self.timeout * self.patience
        try:
            with (
                httpx.Client(timeout=self.timeout, follow_redirects=True, max_redirects=5) as client,
                client.stream("GET", asked, headers=agent | headers) as answer,
            ):
                _check_hops(url, answer)
                _check_status(url, answer)
                _check_type(url, answer, kinds)
                data = _body(url, answer, limit, deadline)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise SourceChanged(f"{url}: leads to an address that is neither http nor https; {MOVED}") from None
        except httpx.TooManyRedirects:
            raise SourceChanged(f"{url}: redirects in a circle; {MOVED}") from None
        except httpx.TimeoutException:
            raise _Again(f"no answer within {self.timeout:g} s") from None
        except httpx.TransportError as error:
            raise _Again(printable(str(error)) or type(error).__name__) from None
        return Payload(data, url, _last_modified(answer))


def _check_hops(url: str, answer: "httpx.Response") -> None:
    schemes = [r.url.scheme for r in (*answer.history, answer)]
    if schemes[0] == "https" and "http" in schemes:
        raise SourceChanged(f"{url}: redirects from https to http, which anyone on the way could change; {MOVED}")


def _check_status(url: str, answer: "httpx.Response") -> None:
    status = answer.status_code
    if status in RETRIED:
        raise _Again(f"the server answers {status}", _seconds(answer.headers.get("Retry-After")))
    if status in GONE:
        raise SourceChanged(f"{url}: not there ({status}); {MOVED}")
    if status != 200:
        raise SourceUnavailable(f"{url}: the server answers {status}; {LATER}")


def _check_type(url: str, answer: "httpx.Response", kinds: tuple[str, ...]) -> None:
    found = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if found not in kinds:
        raise SourceChanged(f"{url}: {printable(found) or 'no content type'} where {' or '.join(kinds)} was expected")


def _body(url: str, answer: "httpx.Response", limit: int, deadline: float) -> bytes:
    too_large = SourceChanged(f"{url}: larger than {limit:,} bytes, which it never was; {MOVED}")
    if int(answer.headers.get("Content-Length") or 0) > limit:
        raise too_large
    data = bytearray()
    for chunk in answer.iter_bytes():
        data += chunk
        if len(data) > limit:
            raise too_large
        if time.monotonic() > deadline:
            raise _Again(f"too slow: {len(data):,} bytes came in the time allowed")
    start = bytes(data[:512]).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise SourceChanged(f"{url}: a web page where data was expected; {MOVED}")
    if not data.strip():
        raise SourceChanged(f"{url}: the file is empty; {LATER}")
    return bytes(data)


def _last_modified(answer: "httpx.Response") -> date | None:
    try:
        day = parsedate_to_datetime(answer.headers["Last-Modified"]).astimezone(UTC).date()
    except (KeyError, ValueError, TypeError):
        return None
    return day if day <= datetime.now(UTC).date() else None


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.strip().isdecimal() else None


def printable(text: str) -> str:
    """Return the beginning of a text that a server sent, without control characters."""
    return "".join(c for c in text if c.isprintable())[:SHOWN]
