import shutil

import pytest

from stackcast.project import Project
from stackcast.settings import FitSettings
from tests.support import copy_project
from tests.update.support import NOW, THEN, CannedFit, record_all, rewind


@pytest.fixture(scope="session")
def pristine(tmp_path_factory):
    """The shipped project as it stood on :data:`THEN`, with a run as of that day, published and kept in its record."""
    root = rewind(copy_project(tmp_path_factory.mktemp("rewound")), THEN)
    before = Project.load(root, today=NOW)
    CannedFit()(before, FitSettings(THEN), today=THEN, out=root / "runs", progress=None, command="")
    return root


@pytest.fixture
def root(pristine, tmp_path):
    """A copy of it that a test may change."""
    return shutil.copytree(pristine, tmp_path / "project")


@pytest.fixture
def offline(root, tmp_path):
    """Recorded sources: openrouter and epoch have news, eci is broken, vercel is of a later day, others not there."""
    return record_all(root, tmp_path / "recorded")
