"""Compiled code goes to a folder that can be written, whatever HOME is."""

import os
import subprocess
import sys

import pytest

from stackcast.caches import ENVIRONMENT, cache_folder, place_caches
from tests.support import CHILD_PATH


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """An environment that names no cache; temporary files go to a folder of the test."""
    for name in (ENVIRONMENT, "XDG_CACHE_HOME", "PYTENSOR_FLAGS", "MPLCONFIGDIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    return monkeypatch


@pytest.mark.parametrize("home", ["/dev/null/x", "", "relative"])
def test_a_home_that_cannot_be_used_is_passed_over(bare, tmp_path, home):
    bare.setenv("HOME", home)
    bare.chdir(tmp_path)
    assert cache_folder().parent == tmp_path / "temporary"
    assert not (tmp_path / "relative").exists()


def test_without_a_home_the_temporary_files_serve(bare, tmp_path):
    def nobody(*_):
        raise RuntimeError("Could not determine home directory.")

    bare.setattr("pathlib.Path.home", nobody)
    assert cache_folder().parent == tmp_path / "temporary"


@pytest.mark.parametrize("kind", ["file", "\0", "own"])
def test_the_named_folder_comes_first_where_it_can_be_made(bare, tmp_path, kind):
    bare.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "file").write_text("x")
    if kind == "\0":
        bare.setitem(os.environ.__dict__["_data"], os.environ.encodekey(ENVIRONMENT), b"a\0b")
    else:
        bare.setenv(ENVIRONMENT, str(tmp_path / kind))
    expected = tmp_path / "own" if kind == "own" else tmp_path / "home" / ".cache" / "stackcast"
    assert cache_folder() == expected


def test_what_the_user_has_set_stays(bare, tmp_path):
    bare.setenv(ENVIRONMENT, str(tmp_path / "it's, a cache"))
    bare.setenv("MPLCONFIGDIR", "mine")
    place_caches()
    assert os.environ["MPLCONFIGDIR"] == "mine"


def test_pytensor_compiles_where_it_is_told_whatever_the_folder_is_called(tmp_path):
    folder = tmp_path / "it's, a cache"
    environment = {**os.environ, ENVIRONMENT: str(folder), "HOME": "/dev/null/x", "PYTHONPATH": CHILD_PATH}
    environment.pop("PYTENSOR_FLAGS", None)
    asked = "import stackcast.cli.app, pytensor; print(pytensor.config.base_compiledir, pytensor.config.numba__cache)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == f"{folder / 'pytensor'} False"


def test_flags_that_only_say_where_do_not_change_the_name_of_the_code(bare, minimal):
    from stackcast.graph.design import build_design
    from stackcast.inference.code_key import code_key

    rows = minimal.observations.rows
    design = build_design(rows, minimal.observations.signals, minimal.priors, rows["published"].max().date())
    key = code_key(design)
    place_caches()
    assert code_key(design) == key
    bare.setenv("PYTENSOR_FLAGS", "optimizer=None")
    assert code_key(design) != key
