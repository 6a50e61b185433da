"""A stored refit that is not what was written is named in a line and made again, or skipped; never believed."""

import json
import logging
import os
import shutil
from datetime import date

import numpy as np
import pytest

from stackcast.errors import InputError
from stackcast.explain.refit import FOLDER, Refitter
from stackcast.explain.stored_refit import CHANGE, GATES
from stackcast.runs.contents import DRAWS, PRECONDITIONER, seal
from stackcast.runs.folder import Run
from tests.canned_fit import OF_ONE, canned_sample, install

EARLIER = date(2021, 12, 31)


@pytest.fixture
def samples(monkeypatch):
    """The canned sampler, and the preconditioners that it was given."""
    given = []

    def counted(compiled, observed, settings, progress=None, kept=None):
        given.append(kept)
        return canned_sample(compiled, observed, settings, progress, kept)

    install(monkeypatch.setattr, counted)
    return given


@pytest.fixture
def stored(project, passed_run, tmp_path, samples):
    """A function that makes a new refitter of a run with one stored refit, the folder of that refit, and its draws."""
    shutil.copytree(passed_run.path, tmp_path / passed_run.name)

    def refitter():
        return Refitter(Run(tmp_path / passed_run.name), project, tmp_path)

    draws, _ = refitter().as_of(EARLIER)
    (folder,) = (tmp_path / FOLDER).iterdir()
    samples.clear()
    return refitter, folder, draws


def cut(path):
    path.write_bytes(path.read_bytes()[:-20])


def flipped(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def a_folder(path):
    path.unlink()
    path.mkdir()


def foreign(content):
    def write(path):
        path.write_text(json.dumps(content))

    write.__name__ = f"is {json.dumps(content)}"
    return write


JSONS = [None, 3, "x", [], [{"name": "r_hat"}], {}, {"gates": 3, "ids": 3}, {"gates": [{}], "ids": [{}]}]
DAMAGE = [cut, flipped, a_folder, os.unlink]
CASES = [(name, damage) for name in (CHANGE, GATES, DRAWS) for damage in DAMAGE]
CASES += [(name, foreign(content)) for name in (CHANGE, GATES) for content in JSONS]


def named(given):
    return getattr(given, "__name__", given)


@pytest.mark.parametrize(("name", "damage"), CASES, ids=named)
def test_it_is_named_and_made_again(stored, samples, caplog, name, damage):
    refitter, folder, draws = stored
    damage(folder / name)
    with caplog.at_level(logging.WARNING, "stackcast"):
        assert refitter().as_of(EARLIER, make=False) is None
        again, ids = refitter().as_of(EARLIER)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 2
    assert all(line.startswith(f"skipped: {folder}/") and "\n" not in line for line in lines), lines
    assert len(samples) == 1
    np.testing.assert_array_equal(again.data["facet_state"], draws.data["facet_state"])
    assert len(ids) > 3
    caplog.clear()
    assert refitter().as_of(EARLIER)[1] == ids
    assert (len(samples), caplog.records) == (1, [])
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_one_written_before_refits_were_sealed_is_made_again(stored, samples, caplog):
    refitter, folder, _ = stored
    change = json.loads((folder / CHANGE).read_text())
    del change["contents"]
    (folder / CHANGE).write_text(json.dumps(change))
    (folder / GATES).write_text("[]\n")
    refitter().as_of(EARLIER)
    assert "contents: Field required; the refit is made again" in caplog.text
    assert len(samples) == 1


def test_a_file_in_its_place_is_named_before_anything_is_sampled(stored, samples):
    refitter, folder, _ = stored
    shutil.rmtree(folder)
    folder.write_text("a file\n")
    with pytest.raises(InputError, match="is no folder, and has the name of a refit; move it away"):
        refitter().as_of(EARLIER)
    assert not samples


def test_a_damaged_one_that_may_not_be_replaced_is_made_for_the_session(stored, samples, monkeypatch, caplog):
    refitter, folder, draws = stored
    cut(folder / GATES)
    before = (folder / GATES).read_bytes()
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode == os.R_OK and access(path, mode))
    one = refitter()
    for _ in range(2):
        again, _ = one.as_of(EARLIER)
        np.testing.assert_array_equal(again.data["facet_state"], draws.data["facet_state"])
    assert len(samples) == 1
    assert (folder / GATES).read_bytes() == before


@pytest.mark.parametrize("damage", [*DAMAGE, foreign([1])], ids=named)
def test_a_damaged_preconditioner_of_the_run_is_named_and_not_used(stored, samples, caplog, damage):
    refitter, folder, _ = stored
    run = refitter().run
    OF_ONE.save(run.path / PRECONDITIONER)
    seal(run.path, run.manifest)
    damage(run.path / PRECONDITIONER)
    shutil.rmtree(folder)
    refitter().as_of(EARLIER)
    assert samples == [None]
    assert [PRECONDITIONER in record.getMessage() for record in caplog.records] == [True] * (damage is not os.unlink)


def test_a_whole_preconditioner_of_the_run_is_used(stored, samples, caplog):
    refitter, folder, _ = stored
    run = refitter().run
    OF_ONE.save(run.path / PRECONDITIONER)
    seal(run.path, run.manifest)
    shutil.rmtree(folder)
    refitter().as_of(EARLIER)
    assert samples[0].labels.tolist() == OF_ONE.labels.tolist()
    assert not caplog.records
