"""One replication: a data set drawn from the prior, refitted with the shipped settings."""

import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from stackcast.errors import InputError
from stackcast.evaluate.calibration.quantities import Quantities, quantities
from stackcast.evaluate.calibration.simulate import simulate
from stackcast.forecast.future import extend
from stackcast.forecast.prior import prior_draws
from stackcast.graph.data import ObservedData
from stackcast.graph.design import Design
from stackcast.graph.evaluate import join_chains, log_likelihood
from stackcast.inference.retries import sample_until_accepted
from stackcast.inference.sample import Sampled, SamplerSettings
from stackcast.pipeline import Session
from stackcast.progress import no_progress
from stackcast.quarters import Quarter
from stackcast.runs.contents import Loose, checked, read_json
from stackcast.settings import FitSettings

AHEAD = 4
"""Quarters ahead at which forecasts are ranked."""
KEPT = 99
"""Thinned draws among which a true value is ranked: ranks run from 0 to 99."""
Record = dict[str, Any]
AGAIN = "`stackcast calibrate` makes it again"


class _Kept(Loose):
    """The part of a finished replication's file that is read again."""

    index: int
    passed: bool
    failed: list[str]
    ranks: dict[str, dict[str, Annotated[int, Field(ge=0, le=KEPT)]]]
    gates: Annotated[dict[str, float | None], Field(default_factory=dict)]


def read_replication(path: Path) -> Record:
    """Read the file of a finished replication.

    Raises
    ------
    InputError
        When it is none, or is that of another.
    """
    found = read_json(path, AGAIN)
    if checked(path, _Kept, found, AGAIN).index != int(path.stem):
        raise InputError(f"{path}: is that of replication {found['index']}; {AGAIN}")
    return found


@dataclass(frozen=True)
class Task:
    """Settings of one replication: equal tasks give equal records, on any machine of one kind.

    Attributes
    ----------
    as_of
        Date whose observation design is simulated.
    seed
        Seed of the whole calibration.
    index
        Number of the replication.
    chains, draws
        Chains, and draws of each at the first attempt.
    """

    as_of: date
    seed: int
    index: int
    chains: int
    draws: int


def replicate(session: Session, task: Task) -> Record:
    """Simulate a data set, refit, and return the ranks of the true values among the draws.

    A fit that fails its gates is ranked as well and marked; one that raises has its error in place of ranks.
    The method is that of Talts et al. (2018, arXiv:1804.06788).
    """
    started = time.monotonic()
    truth_seed, sample_seed, future_seed = (
        int(s) for s in np.random.SeedSequence([task.seed, task.index]).generate_state(3)
    )
    settings = FitSettings(task.as_of, seed=sample_seed, chains=task.chains, draws=task.draws)
    compiled, real = session.observe_as_of(settings, no_progress)
    design, later = compiled.design, Quarter.of(task.as_of) + AHEAD
    truth = prior_draws(design, real, 1, truth_seed)
    simulated = simulate(design, real, truth, truth_seed)
    record: Record = {"index": task.index, "clipped": simulated.clipped, "censored": simulated.censored}
    try:
        sampled, gates, attempts = sample_until_accepted(
            compiled, simulated.observed, SamplerSettings(task.chains, task.draws, seed=sample_seed), no_progress
        )
    except (ArithmeticError, ValueError, RuntimeError) as error:  # what nutpie raises when no start is finite
        failed = {"passed": False, "failed": ["broke off"], "error": str(error)}
        return record | failed | {"ranks": {}, "seconds": time.monotonic() - started}
    chosen = kept_draws(sampled)
    found = [
        _quantities(design, simulated.observed, p, later, seed)
        for p, seed in ((truth, truth_seed), (chosen, future_seed))
    ]
    return record | {
        "passed": all(gate.passed for gate in gates),
        "failed": [gate.name for gate in gates if not gate.passed],
        "attempts": len(attempts),
        "gates": {gate.name: gate.to_json()["value"] for gate in gates},
        "gradients": sampled.gradients,
        "ranks": ranks(*found),
        "seconds": time.monotonic() - started,
    }


def kept_draws(sampled: Sampled) -> dict[str, np.ndarray]:
    """Return :data:`KEPT` draws, evenly spaced over the concatenated chains."""
    draws = join_chains(sampled.parameters)
    total = len(next(iter(draws.values())))
    places = np.linspace(0, total - 1, KEPT).round().astype(int)
    return {name: array[places] for name, array in draws.items()}


def ranks(truth: Quantities, drawn: Quantities) -> dict[str, dict[str, int]]:
    """Return, by kind and label, how many draws lie below the truth."""
    return {
        kind: {label: int((drawn[kind][label] < value[0]).sum()) for label, value in labels.items()}
        for kind, labels in truth.items()
    }


def _quantities(
    design: Design, observed: ObservedData, p: dict[str, np.ndarray], later: Quarter, seed: int
) -> Quantities:
    trajectories = extend(design, observed, p, later, seed)
    return quantities(trajectories, observed, log_likelihood(design, observed, p), later)
