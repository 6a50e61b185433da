"""Stan behind httpstan: a server of its own environment, asked over HTTP on this machine."""

import atexit
import gzip
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from benchmarks.peers.environment import ENVIRONMENTS

EVERY = 0.1
"""Seconds between two looks at work that goes on."""
START_S = 60.0


class StanError(Exception):
    """Stan refused; the message is its own."""


class Stan:
    """One program, compiled anew: a cache of its own keeps an earlier compile from flattering this one."""

    def __init__(self, program: str) -> None:
        cache = tempfile.TemporaryDirectory(prefix="stan-")
        atexit.register(cache.cleanup)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._url = f"http://127.0.0.1:{port}/v1/"
        python = ENVIRONMENTS["stan"].executable
        self._server = subprocess.Popen(
            [python, "-m", "httpstan", "--port", str(port)],
            env=os.environ | {"XDG_CACHE_HOME": cache.name},
            stdout=subprocess.DEVNULL,
        )
        atexit.register(self.close)
        self._wait_for_server()
        self._model = self._ask("models", program_code=program)["name"]

    def log_density(self, data: dict[str, Any], position: Sequence[float]) -> float:
        """Return the log density of the unconstrained parameters, up to a constant."""
        return float(self._ask(f"{self._model}/log_prob", data=data, unconstrained_parameters=position)["log_prob"])

    def sample(self, chains: int, **settings: Any) -> list[list[dict[str, Any]]]:
        """Run Stan's adaptive NUTS with a diagonal metric and return, for each chain, its messages.

        Parameters
        ----------
        chains
            As many run at once as there are processors.
        settings
            Arguments of Stan's ``hmc_nuts_diag_e_adapt``; Stan's defaults for the rest.
        """
        function = "stan::services::sample::hmc_nuts_diag_e_adapt"
        begun = [
            self._ask(f"{self._model}/fits", function=function, chain=k, **settings)["name"]
            for k in range(1, chains + 1)
        ]
        return [self._messages(self._finished(name)["name"]) for name in begun]

    def close(self) -> None:
        """End the server."""
        self._server.terminate()
        self._server.wait()

    def _finished(self, operation: str) -> dict[str, Any]:
        while not (found := self._ask(operation))["done"]:
            time.sleep(EVERY)
        result: dict[str, Any] = found["result"]
        if "name" not in result:
            raise StanError(result["message"])
        return result

    def _messages(self, fit: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._read(Request(self._url + fit)).splitlines()]

    def _ask(self, path: str, **body: Any) -> dict[str, Any]:
        content = json.dumps(body).encode() if body else None
        headers = {"Content-Type": "application/json"}
        answer: dict[str, Any] = json.loads(self._read(Request(self._url + path, content, headers)))
        return answer

    def _read(self, request: Request) -> bytes:
        try:
            with urlopen(request) as response:
                content: bytes = response.read()
        except HTTPError as error:
            raise StanError(error.read().decode()) from error
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content

    def _wait_for_server(self) -> None:
        until = time.monotonic() + START_S
        while True:
            try:
                self._read(Request(self._url + "health"))
            except URLError:
                if self._server.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(EVERY)
            else:
                return


def program() -> str:
    """Return the posterior as a Stan program."""
    return Path(__file__).with_name("posterior.stan").read_text()
