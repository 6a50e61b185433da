import pytest

from model.evidence.quantity import KeptDraws


@pytest.fixture(scope="session")
def kept(passed_run, project):
    return KeptDraws.of(passed_run, project.priors)
