"""Simulation-based calibration of the cross-section (Talts et al. 2018): true values rank uniformly among draws."""

import numpy as np
import pandas as pd
import pytest

from stackcast.compiled.pymc_model import Effort
from stackcast.evaluate.calibration.ranks import verdicts
from stackcast.evaluate.calibration.replicate import KEPT
from stackcast.history.cross_section import Beliefs, compile_cross_section
from tests.history.worlds import drawn_truth, world

WORLDS = 500
EFFORT = Effort(chains=2, draws=400, tune=250)


def ranks(section, index):
    """Return the ranks of the true values of one world among thinned draws, by quantity, and the divergences."""
    rng = np.random.default_rng([7, index])
    truth = drawn_truth(rng)
    fitted = section.fit(world(rng, truth), index, EFFORT)
    kept = rng.choice(len(fitted.residual), KEPT, replace=False)
    drawn = {
        "residual": fitted.residual[:, None],
        "hindsight": fitted.hindsight[:, None],
        "effects": fitted.effects,
        "alpha": fitted.alpha,
    }
    below = {name: (draws[kept] < truth[name]).sum(axis=0) for name, draws in drawn.items()}
    rows = [(index, name, f"{name} {k}", rank) for name, part in below.items() for k, rank in enumerate(part)]
    return rows, fitted.sampled.divergences


@pytest.mark.slow
def test_true_values_rank_uniformly_among_the_draws_of_500_worlds():
    rng = np.random.default_rng(0)
    section = compile_cross_section(world(rng, drawn_truth(rng)), Beliefs())
    found = [ranks(section, index) for index in range(WORLDS)]
    table = pd.DataFrame([row for rows, _ in found for row in rows], columns=["index", "kind", "name", "rank"])
    read = verdicts(table).set_index("name")
    print(read.round(3).to_string(), sum(divergences for _, divergences in found))
    assert (read["p_value"] > 0.01 / len(read)).all()
    assert ((read["mean_rank"] - 0.5).abs() < 0.05).all()
    assert ((read["sd_rank"] - 1).abs() < 0.07).all()
    assert sum(divergences for _, divergences in found) < WORLDS / 10
