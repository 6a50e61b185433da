from datetime import timedelta

import pytest
from hypothesis import settings

from stackcast.graph.data import know
from stackcast.graph.design import build_design
from stackcast.project import Project
from tests.support import BAD_GATES, EARLIER, HORIZON, ROOT, SEED, TODAY, Probe, canned_run, copy_project

settings.register_profile("suite", max_examples=40, deadline=None, derandomize=True, database=None)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def project():
    return Project.load(ROOT, today=TODAY)


@pytest.fixture(scope="session")
def rows(project):
    return project.observations.rows


@pytest.fixture(scope="session")
def design(project):
    return build_design(project.observations.rows, project.observations.signals, project.priors, TODAY)


@pytest.fixture(scope="session")
def known(design, rows):
    return know(design, rows, TODAY)


@pytest.fixture(scope="session")
def earlier(design, rows):
    return know(design, rows, EARLIER)


@pytest.fixture(scope="session")
def world(design, known):
    from stackcast.forecast.prior import prior_world

    return prior_world(design, known, HORIZON, 400, SEED)


@pytest.fixture(scope="session")
def probe(design, known):
    """The unconditioned graph, compiled once and lightly."""
    return Probe(design, known)


@pytest.fixture(scope="session")
def compiled(design, known):
    """The graph as it is sampled: compiled once a session."""
    from stackcast.inference.sample import compile_graph

    return compile_graph(design, known)


@pytest.fixture
def copy(tmp_path):
    """A copy of the shipped project that a test may spoil."""
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="session")
def runs_folder(project, tmp_path_factory):
    """Canned runs: the three camps passed, and one neutral run at an earlier date that failed."""
    folder = tmp_path_factory.mktemp("runs")
    for camp in ("neutral", "open", "closed"):
        canned_run(project, folder, TODAY, camp)
    canned_run(project, folder, EARLIER, gates=BAD_GATES, finished=str(TODAY + timedelta(days=1)))
    return folder


@pytest.fixture(scope="session")
def passed_run(runs_folder):
    from stackcast.runs.folder import load_run

    return load_run(f"{TODAY}-neutral", runs_folder)


@pytest.fixture(scope="session")
def failed_run(runs_folder):
    from stackcast.runs.folder import load_run

    return load_run("2026-05-31-neutral", runs_folder)
