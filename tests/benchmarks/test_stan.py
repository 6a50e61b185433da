import numpy as np
import pytest

from benchmarks.case import Scale, load_case
from benchmarks.peers.by_stan import columns, elapsed, labels
from benchmarks.peers.environment import NotHereError, interpreter
from benchmarks.peers.stan_data import stan_data
from benchmarks.peers.stan_server import Stan, program
from stackcast.forecast.prior import prior_draws
from tests.support import TODAY, Probe

POINTS = 4


def draw(lp, n_leapfrog):
    return {"version": 1, "topic": "sample", "values": {"lp__": lp, "n_leapfrog__": n_leapfrog, "a.1": lp / 2}}


def test_draws_and_seconds_are_read_from_stans_messages():
    log = [
        " Elapsed Time: 2.5 seconds (Warm-up)",
        "               0.75 seconds (Sampling)",
        "               3.25 seconds (Total)",
    ]
    messages = [{"version": 1, "topic": "logger", "values": [line]} for line in log]
    step_size = {"version": 1, "topic": "sample", "values": ["Step size = 0.1"]}
    names, every = columns([[draw(-1.0, 7), step_size, draw(-2.0, 15), *messages]])
    assert names == ["lp__", "n_leapfrog__", "a.1"]
    assert every.tolist() == [[[-1.0, 7.0, -0.5], [-2.0, 15.0, -1.0]]]
    assert elapsed(messages) == {"Warm-up": 2.5, "Sampling": 0.75}


def test_elements_are_named_in_the_order_of_a_numpy_array():
    assert labels("rate", ()) == ["rate"]
    assert labels("shock", (2, 2)) == ["shock.1.1", "shock.1.2", "shock.2.1", "shock.2.2"]


@pytest.fixture(scope="module")
def stan():
    try:
        interpreter("stan")
    except NotHereError as missing:
        pytest.skip(str(missing))
    running = Stan(program())
    yield running
    running.close()


@pytest.mark.slow
@pytest.mark.parametrize("scale", [None, Scale(signals=2), Scale(steps=2), Scale(rows=2)])
def test_the_program_is_the_graphs_density_but_for_a_constant(stan, scale):
    case = load_case(TODAY, scale)
    probe, data = Probe(case.design, case.observed), stan_data(case)
    layout = probe.layout
    points = layout.join(prior_draws(case.design, case.observed, POINTS, 1))
    points[1:] = np.random.default_rng(2).uniform(-2, 2, points[1:].shape)
    claims, shape = layout.slices["claim_shock"], layout.shapes["claim_shock"]
    mine, theirs = [], []
    for x in points:
        position = x.copy()
        position[claims] = x[claims].reshape(shape).T.ravel()  # Stan's matrices run by column
        theirs.append(stan.log_density(data, position.tolist()))
        mine.append(probe(x, case.observed).logp)
    assert np.ptp(mine) > 1000
    assert np.ptp(np.subtract(theirs, mine)) < 1e-9 * np.abs(mine).max()
