import pytest

from tests.toy import design, failed_run, observed, passed_run, project, rows, runs_folder, told_run

__all__ = ["design", "failed_run", "observed", "passed_run", "project", "rows", "runs_folder", "told_run"]


@pytest.fixture(scope="session")
def draws(passed_run):
    return passed_run.draws
