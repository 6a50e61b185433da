"""Stan's NUTS on the plain graph, written as a Stan program, with Stan's defaults."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from benchmarks.case import Case
from benchmarks.drawn import Draw, Drawn, Plan

TUNE = 1000
ELAPSED = re.compile(r"([\d.]+) seconds \((Warm-up|Sampling)\)")


def prepare(case: Case, plan: Plan) -> Draw:
    """Start Stan and compile the program."""
    from benchmarks.peers.stan_data import stan_data
    from benchmarks.peers.stan_server import Stan, program
    from stackcast.inference.layout import Layout

    data, layout, tune = stan_data(case), Layout.of(case.design, case.observed), plan.tune or TUNE
    stan = Stan(program())

    def draw(seed: int) -> Drawn:
        chains = stan.sample(
            plan.chains, data=data, random_seed=seed, num_warmup=tune, num_samples=plan.draws, save_warmup=True
        )
        names, every = columns(chains)
        found = {name: every[..., place] for place, name in enumerate(names)}
        parameters = {
            q.name: np.stack([found[label] for label in labels(q.name, layout.shapes[q.name])], axis=-1).reshape(
                *every.shape[:2], *layout.shapes[q.name]
            )[:, tune:]
            for q in layout.table
        }
        seconds = [elapsed(messages) for messages in chains]
        warm_up_s, all_s = sum(s["Warm-up"] for s in seconds), sum(sum(s.values()) for s in seconds)
        steps = found["n_leapfrog__"]
        return Drawn.of(
            parameters, found["divergent__"][:, tune:], steps[:, tune:], float(steps.sum()), warm_up_s / all_s
        )

    return draw


def columns(chains: Iterable[list[dict[str, Any]]]) -> tuple[list[str], np.ndarray]:
    """Return the names of all that Stan tells of a draw, and the draws, warm-up first: (chain, draw, name)."""
    drawn = [
        [m["values"] for m in messages if m["topic"] == "sample" and isinstance(m["values"], dict)]
        for messages in chains
    ]
    return list(drawn[0][0]), np.array([[list(values.values()) for values in chain] for chain in drawn])


def labels(name: str, shape: tuple[int, ...]) -> list[str]:
    """Return Stan's names of a parameter's elements, the last index fastest."""
    return [".".join([name, *(str(i + 1) for i in place)]) for place in np.ndindex(shape)]


def elapsed(messages: Iterable[dict[str, Any]]) -> dict[str, float]:
    """Return the seconds of a chain's warm-up and sampling, as Stan logs them."""
    logged = " ".join(str(m["values"]) for m in messages if m["topic"] == "logger")
    return {phase: float(seconds) for seconds, phase in ELAPSED.findall(logged)}
