"""The fixtures that every debate of the tests has: its project, its graph, canned runs of it."""

import shutil
from datetime import timedelta

import pytest

from tests.support import (
    BAD_GATES,
    SEED,
    Probe,
    add_tree,
    canned_run,
    copy_project,
    latest_day,
    load_project,
)


def fixtures_of(root, before, horizon):
    """Return the fixtures of the debate in a folder by their names, for a module to take into its own.

    Its clock is the last day of its data; the day ``before`` is an earlier as-of date, ``horizon`` the last quarter of
    its trajectories.
    """
    from stackcast.forecast.prior import prior_trajectories
    from stackcast.graph.data import observe_as_of
    from stackcast.graph.design import build_design
    from stackcast.inference.sample import compile_graph
    from stackcast.runs.folder import Run, load_run

    today = latest_day(root / "observations")

    @pytest.fixture(scope="session")
    def project():
        return load_project(root)

    @pytest.fixture(scope="session")
    def rows(project):
        return project.observations.rows

    @pytest.fixture(scope="session")
    def design(project):
        return build_design(project.observations.rows, project.observations.signals, project.priors, today)

    @pytest.fixture(scope="session")
    def observed(design, rows):
        return observe_as_of(design, rows, today)

    @pytest.fixture(scope="session")
    def earlier(design, rows):
        return observe_as_of(design, rows, before)

    @pytest.fixture(scope="session")
    def trajectories(design, observed):
        return prior_trajectories(design, observed, horizon, 400, SEED)

    @pytest.fixture(scope="session")
    def probe(design, observed):
        """The unconditioned graph, compiled once and lightly."""
        return Probe(design, observed)

    @pytest.fixture(scope="session")
    def compiled(design, observed):
        """The graph as it is sampled: compiled once a session."""
        return compile_graph(design, observed)

    @pytest.fixture
    def copy(tmp_path):
        """A copy of the project that a test may spoil."""
        return copy_project(tmp_path / "project", root)

    @pytest.fixture(scope="session")
    def runs_folder(project, tmp_path_factory):
        """Canned runs: every prior scenario passed, and one neutral run at an earlier date that failed."""
        folder = tmp_path_factory.mktemp("runs")
        for prior_scenario in project.priors.prior_scenarios:
            canned_run(project, folder, today, prior_scenario)
        canned_run(project, folder, before, gates=BAD_GATES, finished=str(today + timedelta(days=1)))
        return folder

    @pytest.fixture(scope="session")
    def passed_run(runs_folder):
        return load_run(f"{today}-neutral", runs_folder)

    @pytest.fixture(scope="session")
    def failed_run(runs_folder):
        return load_run(f"{before}-neutral", runs_folder)

    @pytest.fixture(scope="session")
    def told_run(project, passed_run, runs_folder, tmp_path_factory):
        """The canned neutral run among the others, with the tree of its draws."""
        folder = tmp_path_factory.mktemp("told")
        shutil.copytree(runs_folder, folder, dirs_exist_ok=True)
        found = Run(folder / passed_run.name)
        add_tree(project, found)
        return found

    made = (project, rows, design, observed, earlier, trajectories, probe, compiled, copy, runs_folder, passed_run,
            failed_run, told_run)  # fmt: skip
    return {fixture.__name__: fixture for fixture in made}
