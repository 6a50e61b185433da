"""The fixtures of the shipped debate, and the two invented debates beside it."""

import pytest
from hypothesis import settings

from tests.fixtures import fixtures_of
from tests.support import EARLIER, HORIZON, MINIMAL, ROOT, TOY, load_project

settings.register_profile("suite", max_examples=40, deadline=None, derandomize=True, database=None)
settings.load_profile("suite")

globals().update(fixtures_of(ROOT, EARLIER, HORIZON))


@pytest.fixture(scope="session")
def toy():
    """An invented debate with every optional part."""
    return load_project(TOY)


@pytest.fixture(scope="session")
def minimal():
    """An invented debate without any optional part."""
    return load_project(MINIMAL)
