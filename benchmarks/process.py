"""Run a sampler in a process of its own, and read what it leaves."""

import json
import os
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from benchmarks.case import Scale
from benchmarks.drawn import Drawn, Plan
from benchmarks.meter import Spent
from benchmarks.peers import PEERS
from benchmarks.peers.environment import NotHereError, interpreter
from benchmarks.worker import COSTS, REASON
from stackcast.inference.sample import usable_cores


class NoDrawsError(Exception):
    """A sampler could not be run; the message says why, in one line."""


@dataclass(frozen=True)
class Order:
    """What a sampler's process is to do.

    Attributes
    ----------
    sampler
        A name in ``PEERS``.
    day
        As-of date.
    plan
        How much to draw.
    seeds
        One run for each, after one compile.
    scale
        Size of a simulated design; None for the shipped figures.
    world_seed
        Seed of the simulated world.
    """

    sampler: str
    day: date
    plan: Plan
    seeds: tuple[int, ...]
    scale: Scale | None = None
    world_seed: int = 1


@dataclass(frozen=True)
class Ran:
    """Draws of one seed with what they cost: ``prepare`` is shared by all seeds."""

    seed: int
    drawn: Drawn
    prepare: Spent
    sample: Spent

    @property
    def compile_s(self) -> float:
        """Seconds of imports, graph and compile."""
        return self.prepare.wall_s + self.drawn.compile_s

    @property
    def sample_s(self) -> float:
        """Seconds of warm-up and draws."""
        return self.sample.wall_s - self.drawn.compile_s

    @property
    def sample_cpu_s(self) -> float:
        """The same by all processors.

        Compile inside the call is taken to keep one of them busy. Where it kept more, as JAX's does, the rest would
        count as sampling, so no more is counted than there are processors.
        """
        return min(self.sample.cpu_s - self.drawn.compile_s, usable_cores() * self.sample_s)


def run(order: Order, compiled: Path | None = None) -> list[Ran]:
    """Run a sampler in its environment, and return what it drew with each seed.

    Neither the project nor PyTensor finds code of an earlier compile.

    Parameters
    ----------
    order
        What to do.
    compiled
        A folder where PyTensor may find what earlier runs compiled, and leaves its own.

    Raises
    ------
    NoDrawsError
        If its environment is not there, or its process broke off before the first seed was done.
    """
    try:
        python = interpreter(PEERS[order.sampler].environment)
    except NotHereError as error:
        raise NoDrawsError(str(error)) from error
    text = json.dumps(asdict(order), default=date.isoformat)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        caches = without_code(folder / "code", compiled or folder / "pytensor")
        subprocess.run([python, "-m", "benchmarks.worker", text, name], check=False, env=os.environ | caches)
        if not (folder / COSTS).is_file():
            reason = folder / REASON
            raise NoDrawsError(reason.read_text().strip() if reason.is_file() else "its process was ended")
        costs = json.loads((folder / COSTS).read_text())
        prepare = Spent(**costs["prepare"])
        return [
            Ran(int(seed), Drawn.load(folder / f"{seed}.npz"), prepare, Spent(**spent))
            for seed, spent in costs["seeds"].items()
        ]


def without_code(own: Path, pytensor: Path) -> dict[str, str]:
    """Return the environment variables that put the project's compiled code, and PyTensor's, in these folders."""
    flags = filter(None, (os.environ.get("PYTENSOR_FLAGS"), f"base_compiledir={pytensor}"))
    return {"STACKCAST_CACHE": str(own), "PYTENSOR_FLAGS": ",".join(flags)}
