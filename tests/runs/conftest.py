import pytest

from tests.support import MINIMAL, TOY, add_tree, canned_run, latest_day, load_project
from tests.toy import copy, failed_run, passed_run, project, runs_folder

__all__ = ["copy", "debate", "failed_run", "passed_run", "project", "runs_folder", "whole_run"]


@pytest.fixture(scope="session", params=["toy", "minimal"])
def debate(request):
    """A debate with every part, and one with none that may be left out."""
    return load_project({"toy": TOY, "minimal": MINIMAL}[request.param])


@pytest.fixture(scope="session")
def whole_run(debate, tmp_path_factory):
    """A canned run of it with the tree of its draws, in a folder ``runs``."""
    folder = tmp_path_factory.mktemp("project") / "runs"
    run = canned_run(debate, folder, latest_day(debate.root / "observations"))
    add_tree(debate, run)
    return run
