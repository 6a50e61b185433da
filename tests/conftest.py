import shutil
from datetime import timedelta

import pytest
from hypothesis import settings

from stackcast.graph.data import observe_as_of
from stackcast.graph.design import build_design
from stackcast.project import Project
from tests.support import (
    BAD_GATES,
    EARLIER,
    HORIZON,
    MINIMAL,
    ROOT,
    SEED,
    TODAY,
    TOY,
    Probe,
    add_tree,
    canned_run,
    copy_project,
    load_project,
)

settings.register_profile("suite", max_examples=40, deadline=None, derandomize=True, database=None)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def project():
    return Project.load(ROOT, today=TODAY)


@pytest.fixture(scope="session")
def toy():
    """An invented debate with every optional part."""
    return load_project(TOY)


@pytest.fixture(scope="session")
def minimal():
    """An invented debate without any optional part."""
    return load_project(MINIMAL)


@pytest.fixture(scope="session")
def rows(project):
    return project.observations.rows


@pytest.fixture(scope="session")
def design(project):
    return build_design(project.observations.rows, project.observations.signals, project.priors, TODAY)


@pytest.fixture(scope="session")
def observed(design, rows):
    return observe_as_of(design, rows, TODAY)


@pytest.fixture(scope="session")
def earlier(design, rows):
    return observe_as_of(design, rows, EARLIER)


@pytest.fixture(scope="session")
def trajectories(design, observed):
    from stackcast.forecast.prior import prior_trajectories

    return prior_trajectories(design, observed, HORIZON, 400, SEED)


@pytest.fixture(scope="session")
def probe(design, observed):
    """The unconditioned graph, compiled once and lightly."""
    return Probe(design, observed)


@pytest.fixture(scope="session")
def compiled(design, observed):
    """The graph as it is sampled: compiled once a session."""
    from stackcast.inference.sample import compile_graph

    return compile_graph(design, observed)


@pytest.fixture
def copy(tmp_path):
    """A copy of the shipped project that a test may spoil."""
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="session")
def runs_folder(project, tmp_path_factory):
    """Canned runs: the three prior scenarios passed, and one neutral run at an earlier date that failed."""
    folder = tmp_path_factory.mktemp("runs")
    for prior_scenario in ("neutral", "open", "closed"):
        canned_run(project, folder, TODAY, prior_scenario)
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


@pytest.fixture(scope="session")
def told_run(project, passed_run, runs_folder, tmp_path_factory):
    """The canned neutral run among the others, with the tree of its draws."""
    from stackcast.runs.folder import Run

    folder = tmp_path_factory.mktemp("told")
    for source in runs_folder.iterdir():
        shutil.copytree(source, folder / source.name)
    found = Run(folder / passed_run.name)
    add_tree(project, found)
    return found
