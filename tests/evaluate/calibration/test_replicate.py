"""A replication is a function of its task; what is ranked covers claims, facets, layers, scales and the likelihood."""

import json
import logging
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from distributed import Client

from stackcast import pipeline
from stackcast.evaluate.calibration import replicate as module
from stackcast.evaluate.calibration.calibrate import Calibration
from stackcast.evaluate.calibration.quantities import KINDS, quantities
from stackcast.evaluate.calibration.replicate import KEPT, Task, kept_draws, replicate
from stackcast.evaluate.cluster import connect
from stackcast.forecast.prior import prior_trajectories
from stackcast.inference.gates import Gate
from stackcast.inference.sample import Compiled, Sampled
from stackcast.progress import no_progress
from stackcast.quarters import Quarter
from stackcast.settings import FitSettings
from tests.evaluate.test_cluster import separate_cluster
from tests.toy import TODAY

REPLICATIONS = 4
TASK = Task(TODAY, seed=4, index=0, chains=4, draws=50)


@pytest.fixture
def session(project, design):
    return pipeline.Session(project, Compiled(design, None, 1))


def prior_as_posterior(compiled, observed, settings, progress):
    """A sampler that learns nothing: its ranks are uniform by construction, whatever is simulated."""
    from stackcast.forecast.prior import prior_draws

    drawn = prior_draws(compiled.design, observed, 4 * settings.draws, settings.seed)
    by_chain = {name: a.reshape(4, settings.draws, *a.shape[1:]) for name, a in drawn.items()}
    return Sampled(by_chain, {}, None, 7), [], [{}]


def test_everything_is_ranked(design, observed):
    later = Quarter.of(TODAY) + 4
    trajectories = prior_trajectories(design, observed, later, 20, 1)
    found = quantities(trajectories, observed, np.zeros((20, 3)), later)
    assert tuple(found) == KINDS
    assert {f"{c}, now" for c in design.priors.claims} <= set(found["claims"])
    assert {f"{f}, {later}" for f in design.facets} <= set(found["facets"])
    assert "stack, now" in found["layers"]
    assert {"innovation_sd_share", "half_life[jobs.adverts]"} <= set(found["scales"])
    assert all(values.shape == (20,) for labels in found.values() for values in labels.values())


def test_a_record_is_a_function_of_its_task(session, monkeypatch):
    monkeypatch.setattr(module, "sample_until_accepted", prior_as_posterior)
    first, again, other = (replicate(session, task) for task in (TASK, TASK, replace(TASK, index=1)))
    drop = {"seconds"}
    assert {k: v for k, v in first.items() if k not in drop} == {k: v for k, v in again.items() if k not in drop}
    assert first["ranks"] != other["ranks"]
    assert json.loads(json.dumps(first, allow_nan=False)) == first
    assert all(0 <= rank <= KEPT for labels in first["ranks"].values() for rank in labels.values())


def test_ranks_of_the_prior_are_uniform(session, monkeypatch):
    """Truth and draws of one distribution: neither simulation nor ranking leans."""
    monkeypatch.setattr(module, "sample_until_accepted", prior_as_posterior)
    records = [replicate(session, replace(TASK, index=i)) for i in range(60)]
    of = [[r for kind in ("claims", "facets") for r in x["ranks"][kind].values()] for x in records]
    means = np.array(of).mean(axis=0) / KEPT
    assert np.abs(means - 0.5).max() < 4.5 * 12**-0.5 / np.sqrt(60)


def test_a_gate_that_is_no_number_does_not_stop_the_rest(session, monkeypatch):
    stuck = Gate("bfmi", float("nan"), ">= 0.3", False)
    monkeypatch.setattr(module, "sample_until_accepted", lambda *given: (prior_as_posterior(*given)[0], [stuck], [{}]))
    record = replicate(session, TASK)
    assert json.loads(json.dumps(record, allow_nan=False))["gates"] == {"bfmi": None}
    assert record["failed"] == ["bfmi"]


def test_a_fit_that_breaks_off_is_counted(session, monkeypatch):
    def breaks(*_):
        raise RuntimeError("no finite start")

    monkeypatch.setattr(module, "sample_until_accepted", breaks)
    record = replicate(session, TASK)
    assert not record["passed"]
    assert (record["failed"], record["error"], record["ranks"]) == (["broke off"], "no finite start", {})


def test_kept_draws_are_spread_over_all_chains():
    drawn = Sampled({"a": np.arange(4 * 500).reshape(4, 500)}, {}, None)
    kept = kept_draws(drawn)["a"]
    assert len(kept) == KEPT
    assert (kept[0], kept[-1]) == (0, 1999)
    assert np.ptp(np.diff(kept)) <= 1


def test_a_calibration_goes_on_from_what_is_there(project, tmp_path, monkeypatch):
    done = []

    def fake(client, work, tasks, make):
        assert isinstance(make, partial)
        for name, task in tasks.items():
            done.append(task.index)
            yield name, {"index": task.index, "passed": True, "failed": [], "ranks": {}}

    monkeypatch.setattr("stackcast.evaluate.calibration.calibrate.outcomes", fake)
    found = Calibration(project, FitSettings(TODAY, seed=5), tmp_path)
    assert len(found.run(None, 3, no_progress)) == 3
    found.path(1).unlink()
    assert [r["index"] for r in found.run(None, 5, no_progress)] == [0, 1, 2, 3, 4]
    assert done == [0, 1, 2, 1, 3, 4]
    assert Calibration(project, FitSettings(TODAY, seed=6), tmp_path).home != found.home


FOREIGN = [None, 3, [], {}, {"index": 1}, {"index": 2, "passed": True, "failed": [], "ranks": {}}]
FOREIGN += [{"index": 1, "passed": True, "failed": [], "ranks": ranked} for ranked in (3, {"claims": {"a": 1.5}})]
TEXTS = ["", '{"index": 1, "passed"', "\0\0\0", "[" * 100_000, *map(json.dumps, FOREIGN)]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_replication_that_cannot_be_read_is_named_and_made_again(project, tmp_path, monkeypatch, caplog, text):
    done = []

    def fake(client, work, tasks, make):
        for name, task in tasks.items():
            done.append(task.index)
            yield name, {"index": task.index, "passed": True, "failed": [], "ranks": {"claims": {"a": 1}}}

    monkeypatch.setattr("stackcast.evaluate.calibration.calibrate.outcomes", fake)
    found = Calibration(project, FitSettings(TODAY, seed=5), tmp_path)
    found.run(None, 3, no_progress)
    found.path(1).write_text(text)
    (found.path(1).parent / "notes.json").write_text("[]")
    done.clear()
    with caplog.at_level(logging.WARNING, "stackcast"):
        assert [r["index"] for r in found.run(None, 3, no_progress)] == [0, 1, 2]
    assert done == [1]
    (line,) = {record.getMessage() for record in caplog.records}
    assert line.startswith(f"skipped: {found.path(1)}: ")
    assert line.endswith("`stackcast calibrate` makes it again")
    caplog.clear()
    assert len(found.records()) == 3
    assert not caplog.records


@pytest.mark.slow
def test_one_worker_two_and_a_cluster_that_loses_one_give_the_same_ranks(project, tmp_path):
    def replications(client, name, progress=no_progress):
        found = Calibration(project, FitSettings(TODAY, seed=2), tmp_path / name).run(client, REPLICATIONS, progress)
        assert all(record["ranks"] for record in found)
        return [{k: v for k, v in record.items() if k != "seconds"} for record in found]

    with connect(None, 1) as client:
        first = replications(client, "one")
    with connect(None, 2) as client:
        assert replications(client, "two") == first
    with separate_cluster(tmp_path, 2) as (address, started, add), Client(scheduler_file=str(address)) as client:
        client.wait_for_workers(2, timeout=30)
        killed = []

        def kill(share, word):
            if share == 1 / REPLICATIONS:
                started[1].kill()
                killed.append(started[1].wait())
                add()

        assert replications(client, "lost", kill) == first
        assert len(killed) == 1
