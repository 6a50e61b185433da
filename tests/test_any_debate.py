"""Whatever a debate leaves out: if `check` passes, the graph, its coordinates, its forecast and its tables hold."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackcast.forecast.prior import prior_draws, prior_trajectories
from stackcast.forecast.tables import TableInputs, all_tables
from stackcast.graph.build import build_graph
from stackcast.graph.data import observe_as_of
from stackcast.graph.design import build_design
from stackcast.graph.evaluate import log_likelihood, log_prior, states, with_data
from stackcast.graph.parameters import parameters
from stackcast.inference.coordinates import Coordinates
from stackcast.inference.preconditioner import expected_preconditioner
from stackcast.likelihoods.base import NUMPY
from stackcast.readiness import require_ready
from stackcast.runs.draws import write_draws
from stackcast.runs.folder import write_tables
from stackcast.settings import FitSettings
from tests.any_debate import OPTIONAL, debate_without
from tests.support import MINIMAL, TOY, Probe, horizon_of, latest_day, load_project

DRAWS = 60


def laid_out(root):
    """Return a project that passes what `check` asks, its design, and the data of its last day."""
    project, day = load_project(root), latest_day(root / "observations")
    require_ready(project, day, project.priors.debate.criterion)
    design = build_design(project.observations.rows, project.observations.signals, project.priors, day)
    return project, design, observe_as_of(design, project.observations.rows, day)


def finite(arrays):
    return all(np.isfinite(array).all() for array in arrays)


def require_densities(design, observed):
    p = prior_draws(design, observed, DRAWS, 1)
    assert finite([log_likelihood(design, observed, p), *log_prior(design, observed, p).values()])


def require_coordinates(design, observed):
    """The map is finite and invertible, its stated Jacobian right, and its states are the graph's own."""
    coordinates = Coordinates(design, observed)
    size, data = coordinates.layout.size, observed.data | coordinates.given
    preconditioner = expected_preconditioner(coordinates)
    assert finite(vars(preconditioner).values())
    y = preconditioner(0.5 * np.random.default_rng(2).standard_normal((2, size)))
    found = coordinates.natural(NUMPY, y, data)
    for mine, own in zip(found.states, states(design, with_data(found.params, observed)), strict=True):
        np.testing.assert_allclose(np.broadcast_to(mine, own.shape), own, atol=1e-9)

    def values(y):
        return coordinates.layout.join(coordinates.natural(NUMPY, y, data).params)

    moves = 1e-6 * np.eye(size)
    measured = [np.linalg.slogdet((values(at + moves) - values(at - moves)) / 2e-6)[1] for at in y]
    np.testing.assert_allclose(np.diff(measured), np.diff(found.log_jacobian), atol=1e-3)


def require_graph(design, observed):
    names = {variable.name for variable in build_graph(design, observed).free_RVs}
    assert names == {q.name for q in parameters(design)}


def require_tables(project, design, observed, folder):
    """Every table can be written and read again, and so can the draws."""
    prior, other = (prior_trajectories(design, observed, horizon_of(project), DRAWS, seed) for seed in (1, 2))
    pointwise = log_likelihood(design, observed, prior_draws(design, observed, DRAWS, 1))
    settings = FitSettings(observed.as_of).under(project.priors.debate)
    inputs = TableInputs(settings, project.observations, observed, prior, other, pointwise)
    folder.mkdir()
    tables = all_tables(inputs)
    write_tables(folder, tables)
    write_draws(prior, inputs.answers, 1, folder / "draws.nc")
    for name, table in tables.items():
        written = pd.read_csv(folder / f"{name}.csv")
        assert list(written.columns) == list(table.columns), name
        assert len(written) == len(table), name
    assert finite([prior.states.eta, prior.states.theta, prior.paths])


def require_sound(root, scratch):
    project, design, observed = laid_out(root)
    require_densities(design, observed)
    require_coordinates(design, observed)
    require_graph(design, observed)
    require_tables(project, design, observed, scratch)
    return design


@pytest.mark.parametrize("part", OPTIONAL)
def test_a_debate_may_leave_out_any_one_part(part, tmp_path):
    _, design, observed = laid_out(debate_without(tmp_path / "debate", [part]))
    require_densities(design, observed)
    require_coordinates(design, observed)


def test_a_debate_may_leave_out_every_part(tmp_path):
    design = require_sound(debate_without(tmp_path / "debate", OPTIONAL), tmp_path / "run")
    empty = {dim for dim, labels in design.coords().items() if not labels}
    assert empty >= {"gap_facet", "pulled", "edge", "secondary_signal", "secondary_facet", "indicator", "free_loading"}
    assert empty >= {"own_noise", "deviating", "deviation_node", "lagging", "bounded", "family_node"}


@settings(max_examples=5)
@given(parts=st.sets(st.sampled_from(sorted(OPTIONAL)), min_size=2))
def test_a_debate_may_leave_out_any_parts(parts, tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")
    require_sound(debate_without(folder / "debate", parts), folder / "run")


@pytest.mark.parametrize("root", [TOY, MINIMAL], ids=["toy", "minimal"])
def test_the_tests_own_debates_hold(root, tmp_path):
    require_sound(root, tmp_path / "run")


@pytest.mark.slow
@pytest.mark.parametrize(
    "parts", [[], *([part] for part in OPTIONAL), list(OPTIONAL)], ids=lambda parts: "+".join(parts)
)
def test_density_and_gradient_of_the_graph_are_finite_whatever_is_left_out(parts, tmp_path):
    _, design, observed = laid_out(debate_without(tmp_path / "debate", parts))
    probe = Probe(design, observed)
    for seed in (1, 2):
        p = {name: array[0] for name, array in prior_draws(design, observed, 1, seed).items()}
        found = probe(probe.layout.join(p), observed)
        assert np.isfinite(found.logp)
        assert np.isfinite(found.gradient).all()
