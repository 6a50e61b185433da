"""A real local HTTP server with a publisher's moods: slow, broken, cut short, far too large."""

import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CSV = "text/csv; charset=utf-8"


def ok(body, kind=CSV, **headers):
    """Answer with a body."""
    return lambda request, n: request.answer(200, body, {"Content-Type": kind} | headers)


def status(code, body=b"<html>sorry</html>", **headers):
    """Answer with another status."""
    return lambda request, n: request.answer(code, body, {"Content-Type": "text/html"} | headers)


def first(times, mood, then):
    """Behave one way a few times, then another."""
    return lambda request, n: (mood if n <= times else then)(request, n)


def silent(seconds):
    """Say nothing for a while."""
    return lambda request, n: time.sleep(seconds)


def dripping(seconds):
    """Send a byte now and then, for ever."""

    def drip(request, n):
        request.begin(200, {"Content-Type": CSV})
        for _ in range(1000):
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(seconds)

    return drip


def cut(body, promised):
    """Promise more than is sent."""

    def send(request, n):
        request.begin(200, {"Content-Type": CSV, "Content-Length": str(promised)})
        request.wfile.write(body)

    return send


def endless(size):
    """Send a body of unknown length."""

    def send(request, n):
        request.begin(200, {"Content-Type": CSV})
        for _ in range(size // 1000 + 1):
            request.wfile.write(b"x" * 1000)

    return send


def said(*parts, pause=0.0):
    """Send bytes as they are, status line and all, each after a pause."""

    def send(request, n):
        for part in parts:
            time.sleep(pause)
            request.wfile.write(part)
            request.wfile.flush()

    return send


def garbage(request, n):
    """Answer with something that is not HTTP."""
    request.wfile.write(b"\x00\x01 no protocol\r\n\r\n")


def redirect(to, body=b""):
    """Point elsewhere."""
    return lambda request, n: request.answer(302, body, {"Location": to})


class Handler(BaseHTTPRequestHandler):
    def begin(self, code, headers):
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()

    def answer(self, code, body, headers):
        body = body.encode() if isinstance(body, str) else body
        self.begin(code, {"Content-Length": str(len(body))} | headers)
        self.wfile.write(body)

    def do_GET(self):
        path = self.path.split("?")[0]
        self.server.seen.append((path, dict(self.headers)))
        self.server.times.append(time.monotonic())
        count = sum(p == path for p, _ in self.server.seen)
        with suppress(BrokenPipeError, ConnectionResetError):
            self.server.routes.get(path, status(404))(self, count)

    def log_message(self, *args):
        pass


@contextmanager
def serving(routes):
    """Serve routes (path to mood) on this machine; gives the server: ``seen`` holds what was asked, ``times`` when."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.routes, server.seen, server.times, server.daemon_threads = dict(routes), [], [], True
    server.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
