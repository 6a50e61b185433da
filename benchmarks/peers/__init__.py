"""The samplers that are compared, one module each, all on the same posterior.

A module has a function ``prepare(case, plan)`` that imports, builds and compiles, and returns what draws with a seed.
"""

from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any

from benchmarks.drawn import Prepare


@dataclass(frozen=True)
class Peer:
    """Where a sampler stands.

    Attributes
    ----------
    module
        Of its ``prepare``.
    environment
        The environment that it needs beside the project's own, or None.
    options
        Further arguments of ``prepare``.
    """

    module: str
    environment: str | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def prepare(self) -> Prepare:
        """Import the sampler's module, and return what prepares it."""
        found = import_module(f"benchmarks.peers.{self.module}").prepare
        return partial(found, **self.options)


RECIPE, KEPT, RIVAL = "recipe", "recipe, kept metric", "nutpie"
PEERS: dict[str, Peer] = {
    RECIPE: Peer("recipe"),
    KEPT: Peer("recipe", options={"warm": True}),
    RIVAL: Peer("by_nutpie"),
    "nutpie low-rank": Peer("by_nutpie", options={"adaptation": "low_rank"}),
    "pymc": Peer("by_pymc"),
    "numpyro": Peer("by_numpyro", environment="numpyro"),
    "stan": Peer("by_stan", environment="stan"),
}
