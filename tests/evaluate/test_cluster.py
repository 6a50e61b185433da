"""Tasks give the same results on one worker, on two, and on a cluster whose workers are killed."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from stackcast.cli.app import run
from stackcast.errors import InputError
from stackcast.evaluate.cluster import connect, outcomes, time_left
from tests.support import CHILD_PATH, ROOT

TASKS = {f"{i:02d}": i for i in range(8)}


def make():
    return {"made": 0}


def draw(tool, seed):
    """A task that takes a while, uses its tool, and returns numbers of its own seed."""
    tool["made"] += 1
    time.sleep(0.15)
    return np.random.default_rng(seed).standard_normal(3).tolist()


def fail(tool, seed):
    raise InputError(f"no {seed}")


def die_once(tool, marker):
    """Kill the worker at the first call, and answer at the second."""
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "survived"


def expected():
    return {name: np.random.default_rng(i).standard_normal(3).tolist() for name, i in TASKS.items()}


@contextmanager
def separate_cluster(tmp_path, workers):
    """A scheduler and workers in processes of their own, as on another machine."""
    address = tmp_path / "scheduler.json"
    environment = os.environ | {"PYTHONPATH": CHILD_PATH}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path, "env": environment}
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--scheduler-file", str(address), "--no-dashboard",
            "--host", "127.0.0.1", "--port", "0"]  # fmt: skip
    started = [subprocess.Popen(dask, **quiet)]
    one = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(address), "--nthreads", "1",
           "--no-dashboard", "--local-directory", str(tmp_path), "--no-nanny"]  # fmt: skip
    try:
        while not address.exists():
            time.sleep(0.05)
        started += [subprocess.Popen(one, **quiet) for _ in range(workers)]
        yield address, started, lambda: started.append(subprocess.Popen(one, **quiet))
    finally:
        for process in started:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def client():
    with connect(None, 2) as client:
        yield client


def test_two_workers_give_what_the_tasks_give(client):
    assert dict(outcomes(client, draw, TASKS, make)) == expected()


def test_what_a_task_raises_is_raised(client):
    with pytest.raises(InputError, match="no 7"):
        list(outcomes(client, fail, {"a": 7}, make))


def test_a_task_outlives_its_worker(client, tmp_path):
    found = dict(outcomes(client, die_once, {"a": str(tmp_path / "died")}, make))
    assert found == {"a": "survived"}


def test_workers_killed_under_way_change_nothing(tmp_path):
    from distributed import Client

    with separate_cluster(tmp_path, 2) as (address, started, add), Client(scheduler_file=str(address)) as client:
        client.wait_for_workers(2, timeout=30)
        found = {}
        for name, result in outcomes(client, draw, TASKS, make):
            found[name] = result
            if len(found) == 2:
                started[1].send_signal(signal.SIGKILL)
                add()
        assert found == expected()


def test_nobody_at_the_address(monkeypatch, capsys):
    monkeypatch.setattr("stackcast.evaluate.cluster.CONNECT_SECONDS", 0.3)
    assert run(["calibrate", "--scheduler", "tcp://127.0.0.1:9", "--project", str(ROOT)]) == 2
    assert "no Dask scheduler answers" in capsys.readouterr().err


def test_the_time_left_is_that_of_the_rate_so_far():
    assert time_left(0, 10, time.monotonic()) == "0 of 10"
    assert time_left(2, 10, time.monotonic() - 120) == "2 of 10, about 8 min left"
    assert time_left(10, 10, time.monotonic()) == "10 of 10"


def write(tool, path):
    """Write a run's kind of file."""
    from stackcast.files.atomic import write_netcdf

    write_netcdf(xr.Dataset({"a": ("draw", [1.0, 2.0])}), Path(path))
    return float(xr.load_dataset(path, engine="h5netcdf")["a"].sum())


def test_a_task_may_write_a_run(client, tmp_path):
    assert dict(outcomes(client, write, {"a": str(tmp_path / "a.nc")}, make)) == {"a": 3.0}
