import pytest


@pytest.fixture(scope="session")
def draws(passed_run):
    return passed_run.draws
