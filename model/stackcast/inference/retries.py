"""Sample until every gate holds: a retry schedule of longer warm-ups and smaller steps."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from stackcast.graph.data import ObservedData
from stackcast.graph.design import Design
from stackcast.graph.evaluate import join_chains, states, with_data
from stackcast.graph.parameters import INNOVATIONS
from stackcast.inference.gates import Gate, completeness, mixing_gates, sampler_gates
from stackcast.inference.sample import Compiled, Sampled, SamplerSettings, sample
from stackcast.inference.saved_preconditioner import SavedPreconditioner
from stackcast.progress import Progress


class Attempt(NamedTuple):
    """Warm-up draws, target acceptance, and multiple of the draws that were asked for."""

    tune: int
    target_accept: float
    times: int


ATTEMPTS = (Attempt(150, 0.87, 1), Attempt(400, 0.95, 1), Attempt(1000, 0.99, 2))
"""The retry schedule: a run that fails a gate goes on to the next attempt; the last one is final."""
REUSING = Attempt(100, 0.87, 1)
"""The attempt before the schedule, where an earlier run's preconditioner is reused."""


def sample_until_accepted(
    compiled: Compiled,
    observed: ObservedData,
    settings: SamplerSettings,
    progress: Progress,
    saved: SavedPreconditioner | None = None,
) -> tuple[Sampled, list[Gate], list[dict[str, Any]]]:
    """Sample along the retry schedule until every gate holds, or it ends.

    Parameters
    ----------
    compiled, observed
        The compiled graph and its data.
    settings
        Chains, draws and seed of the first attempt; each later attempt adds one to the seed.
    progress
        Called with the share of the whole fit that is done: sampling takes it from 0.25 to 0.85.
    saved
        The preconditioner of an earlier run: one more attempt, before the schedule, uses it.

    Returns
    -------
    sampled, gates, attempts
        Draws and gates of the last attempt, and the settings and results of each attempt.
    """
    schedule = ATTEMPTS if saved is None else (REUSING, *ATTEMPTS)
    attempts: list[dict[str, Any]] = []
    for number, (tune, target_accept, times) in enumerate(schedule):
        reused = saved if schedule[number] is REUSING else None
        draws, seed = times * settings.draws, settings.seed + number
        asked = replace(settings, draws=draws, tune=tune, target_accept=target_accept, seed=seed)
        word = "sampling" if number == 0 else f"sampling again, attempt {number + 1}"

        def on_draw(share: float, detail: str, word: str = word) -> None:
            progress(0.25 + 0.6 * share, f"{word}: {detail}")

        sampled = sample(compiled, observed, asked, on_draw, reused)
        whole = completeness(sampled.parameters, asked.chains, asked.draws)
        gates = [whole, *sampler_gates(sampled.stats)]
        if whole.passed:
            gates += mixing_gates(reported(compiled.design, observed, sampled), asked.chains)
        attempts.append(
            {
                "preconditioner": "pilot" if reused is None else "saved",
                "tune": tune,
                "target_accept": target_accept,
                "draws": draws,
                "steps_a_draw": float(sampled.stats["n_steps"].mean()),
                "failed": [g.name for g in gates if not g.passed],
            }
        )
        if all(g.passed for g in gates):
            break
    return sampled, gates, attempts


def reported(design: Design, observed: ObservedData, sampled: Sampled) -> dict[str, np.ndarray]:
    """Return what must have mixed, (chain, draw, element): states through time, and every parameter but innovations."""
    path = states(design, with_data(join_chains(sampled.parameters), observed))
    shape = sampled.stats["diverging"].shape
    # (chain * draw, quarter, element) -> (chain, draw, quarter * element)
    out = {f"{name}_path": getattr(path, name).reshape(*shape, -1) for name in ("eta", "theta")}
    return out | {name: a for name, a in sampled.parameters.items() if name not in INNOVATIONS}
