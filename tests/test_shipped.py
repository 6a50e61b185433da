"""What must hold of any data that ship: their own files are read, and name what the project has."""

from datetime import date

import numpy as np
import pytest

from stackcast.explain.quantity import quantity_of
from stackcast.forecast.future import extend
from stackcast.forecast.prior import prior_draws
from stackcast.forecast.tables import TableInputs
from stackcast.graph.evaluate import log_likelihood, log_prior
from stackcast.inference.sample import STATS
from stackcast.posterior.tree import write_tree
from stackcast.runs.context import observe
from stackcast.runs.folder import POSTERIOR
from stackcast.runs.posterior import posterior_tree
from stackcast.scenario.decide import decide, read_decision
from stackcast.scenario.schema import declared, read_scenarios
from stackcast.settings import FitSettings
from tests.support import ROOT, TODAY, horizon_of

MOST_BYTES = 60e6
"""Of ``posterior.nc``."""


def test_the_shipped_scenarios_hold(project, passed_run):
    now, far = (date.fromisoformat(passed_run.horizons[name]) for name in ("now", "far"))
    assert declared(ROOT)
    every = read_scenarios(None, project, now, far)
    assert all(one.rationale for one in every)
    for name in declared(ROOT):
        assert {one.name for one in read_scenarios(name, project, now, far)} <= {one.name for one in every}


def test_the_decision_of_the_documents_can_be_asked(passed_run):
    given = read_decision(ROOT / "docs" / "examples" / "foundations.yaml")
    assert quantity_of(passed_run.draws, given.quantity).draws.std() > 0
    assert set(decide(given, passed_run.draws).choices["choice"]) == set(given.payoffs)


@pytest.mark.slow
def test_the_file_of_the_shipped_debate_stays_small(project, tmp_path):
    """Four chains of a thousand draws of the prior: as many numbers as a run has."""
    settings = FitSettings(TODAY)
    design, observed = observe(project, settings)
    chains, draws = settings.chains, settings.draws
    drawn, before = prior_draws(design, observed, chains * draws, 1), prior_draws(design, observed, 2000, 2)
    posterior, prior = (extend(design, observed, p, horizon_of(project), 1) for p in (drawn, before))
    likelihood, densities = log_likelihood(design, observed, drawn), log_prior(design, observed, drawn)
    inputs = TableInputs(settings, project.observations, observed, posterior, prior, likelihood)
    stats = {name: np.random.default_rng(1).random((chains, draws)) for name in STATS}
    by_chain = {name: a.reshape(chains, draws, *a.shape[1:]) for name, a in drawn.items()}
    write_tree(posterior_tree(design, inputs, by_chain, stats, before, densities), tmp_path / POSTERIOR)
    assert (tmp_path / POSTERIOR).stat().st_size < MOST_BYTES
