"""What a user gets who installs the wheel, away from the repository."""

import json
import os
import subprocess
import sys
import tarfile
import zipfile

import pytest

from stackcast.project_folder import INPUTS
from tests.support import ROOT, TODAY

USER = """
import json, pathlib, stackcast
from datetime import date
from stackcast.cli.app import run
statuses = [run(["init", "mine"]), run(["check", "--project", "mine"])]
from stackcast import Project
from stackcast.graph.build import build_graph
from stackcast.graph.data import observe_as_of
from stackcast.graph.design import build_design
day = date.fromisoformat({day!r})
project = Project.load("mine", today=day)
rows = project.observations.rows
design = build_design(rows, project.observations.signals, project.priors, day)
graph = build_graph(design, observe_as_of(design, rows, day))
counts = [len(graph.free_RVs), len(graph.observed_RVs)]
told = {{"file": stackcast.__file__, "statuses": statuses, "counts": counts}}
pathlib.Path("told.json").write_text(json.dumps(told))
"""


def python(*arguments, cwd, path=None):
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | (
        {"PYTHONPATH": str(path)} if path else {}
    )
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=True
    ).stdout


def build(kind, source, target):
    python("-m", "hatchling", "build", "-t", kind, "-d", str(target), cwd=source)
    (made,) = target.iterdir()
    return made


def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return sorted(archive.namelist())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder with the wheel's files and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    flags = ["--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check", "--quiet"]
    python("-m", "pip", "install", *flags, "--target", str(folder), str(wheel), cwd=folder)
    return folder


@pytest.fixture
def user(tmp_path):
    """The folder of somebody whose own files have common names."""
    (tmp_path / "model.py").write_text("raise SystemExit('the model.py of the user was imported')\n")
    return tmp_path


def test_the_wheel_holds_the_package_and_its_metadata_only(wheel):
    found = names(wheel)
    assert {name.split("/")[0] for name in found} == {"stackcast", "stackcast-0.1.0.dist-info"}
    assert "stackcast/py.typed" in found
    carried = {name.removeprefix("stackcast/shipped/") for name in found if name.startswith("stackcast/shipped/")}
    here = (p for name in INPUTS for p in (ROOT / name).rglob("*") if p.is_file())
    assert carried == {p.relative_to(ROOT).as_posix() for p in here}


def test_the_source_archive_makes_the_same_wheel(wheel, tmp_path):
    archive = build("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path, filter="data")
    again = build("wheel", tmp_path / archive.name.removesuffix(".tar.gz"), tmp_path / "again")
    assert names(again) == names(wheel)


def test_an_editable_install_names_the_source_folder_and_nothing_else(tmp_path):
    code = f"import hatchling.build; hatchling.build.build_editable({str(tmp_path)!r})"
    python("-c", code, cwd=ROOT)
    (editable,) = tmp_path.iterdir()
    with zipfile.ZipFile(editable) as archive:
        outside = [name for name in archive.namelist() if ".dist-info/" not in name]
        assert outside == ["_stackcast.pth"]
        assert archive.read(*outside).decode().split() == [str(ROOT / "model")]


def test_an_installed_wheel_makes_a_project_checks_it_and_builds_its_graph(installed, user):
    python("-c", USER.format(day=str(TODAY)), cwd=user, path=installed)
    told = json.loads((user / "told.json").read_text())
    assert told["file"] == str(installed / "stackcast" / "__init__.py")
    assert told["statuses"] == [0, 0]
    free, observed = told["counts"]
    assert free > observed > 1


def test_a_model_py_of_the_user_breaks_nothing(installed, user):
    said = python("-m", "stackcast", "--version", cwd=user, path=installed)
    assert said == "stackcast 0.1.0\n"
    code = "from stackcast import Project, fit, load_run; print(fit.__module__)"
    assert python("-c", code, cwd=user, path=installed) == "stackcast.pipeline\n"
