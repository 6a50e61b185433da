"""``python -m tests.canned_fit ARGUMENTS`` is ``stackcast ARGUMENTS`` with draws of the prior for a posterior.

Nothing is compiled or sampled; all else is the real flow, so that a process can be killed at any moment of it.
"""

import signal
import sys
import time

import numpy as np

from stackcast.forecast.prior import prior_draws
from stackcast.inference import gates, retries, sample
from stackcast.inference.gates import Gate
from stackcast.inference.preconditioner import Preconditioner
from stackcast.inference.sample import STATS, Compiled, Sampled
from stackcast.inference.saved_preconditioner import SavedPreconditioner

SECONDS = 1.0
"""How long the sampler seems to work."""
OF_ONE = SavedPreconditioner(np.array(["one[]"]), Preconditioner(np.ones(1), np.ones(1), np.ones((1, 1)), np.zeros(1)))
FINE = Gate("any", 0.0, "as if draws of the prior were a posterior's", True)


def canned_sample(compiled, observed, settings, progress=None, kept=None):
    """Return draws of the prior in the shape of a sampler's."""
    drawn = prior_draws(compiled.design, observed, settings.chains * settings.draws, settings.seed)
    shape = (settings.chains, settings.draws)
    stats = {name: np.zeros(shape) for name in STATS} | {"energy": np.random.default_rng(1).normal(size=shape)}
    return Sampled({k: v.reshape(*shape, *v.shape[1:]) for k, v in drawn.items()}, stats, OF_ONE)


def slow_sample(*asked):
    """Return the same draws after a while."""
    time.sleep(SECONDS)
    return canned_sample(*asked)


def install(put=setattr, sampler=canned_sample):
    """Replace the compiler, the sampler and the gates; ``put`` may be monkeypatch's."""
    put(sample, "compile_graph", lambda design, observed, cores=None: Compiled(design, None, 1))
    put(retries, "sample", sampler)
    put(retries, "mixing_gates", lambda *_: [FINE])
    put(gates, "coverage_gate", lambda *_: FINE)


def main(arguments):
    """Run the command with the sampler replaced.

    From here on it hears interrupts, also where a shell started it in the background, whose processes ignore them.
    """
    install(sampler=slow_sample)
    from stackcast.cli.app import run

    signal.signal(signal.SIGINT, signal.default_int_handler)
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
