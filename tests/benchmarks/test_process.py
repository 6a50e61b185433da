import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.case import Case
from benchmarks.drawn import Drawn, Plan
from benchmarks.meter import Meter, Spent, own_peak, tree_memory
from benchmarks.peers import environment
from benchmarks.peers.by_numpyro import covered
from benchmarks.process import NoDrawsError, Order, Ran, run, without_code
from benchmarks.samplers import costs, measure
from stackcast.inference.sample import usable_cores
from tests.support import TODAY


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """No environment has been made."""
    monkeypatch.setattr(environment, "HOME", tmp_path)
    return tmp_path


def order(name):
    return Order(name, TODAY, Plan(chains=1, draws=10, tune=10), (1,))


def test_a_sampler_whose_environment_is_missing_has_a_row_that_says_how_to_make_it(nowhere, design, observed):
    (row,) = measure(Case(design, observed), [order("numpyro")])
    assert row == {
        "sampler": "numpyro",
        "note": "not installed: python -m benchmarks.peers.environment numpyro",
    }


def test_an_environment_that_cannot_be_made_leaves_its_reason(nowhere, monkeypatch):
    monkeypatch.setattr(environment, "find_python", lambda version: Path(sys.executable))
    monkeypatch.setattr(environment, "HERE", nowhere)  # where no requirements are
    environment.make("stan")
    with pytest.raises(environment.NotHereError, match=r"could not be installed: .*requirements-stan\.txt"):
        environment.interpreter("stan")


def test_an_environment_is_made_anew_when_its_requirements_change(nowhere, monkeypatch):
    monkeypatch.setattr(environment, "HERE", nowhere)
    monkeypatch.setattr(environment, "find_python", lambda version: Path(sys.executable))
    calls = []
    monkeypatch.setattr(environment, "call", lambda *command: calls.append(command))
    wanted = nowhere / "requirements-stan.txt"
    for version, times in (("1.0", 1), ("1.0", 1), ("1.1", 2)):
        wanted.write_text(f"httpstan=={version}\n")
        environment.make("stan")
        assert len(calls) == 2 * times  # a venv and its packages


def test_a_process_that_breaks_off_says_why():
    with pytest.raises(NoDrawsError, match=r"^ProblemsFound: .* lies in the future"):
        run(Order("recipe", TODAY.replace(year=1990), Plan(), (1,)))


def test_compile_inside_the_call_that_samples_is_taken_out_of_its_seconds():
    drawn = Drawn.of(
        {}, np.zeros((1, 2)), np.full((1, 2), 5), gradients=40, compile_s=3.0, gradient_us=40.0, metric_s=2.0
    )
    found = costs("stan", Ran(7, drawn, Spent(10.0, 9.0, 100.0, 0.0), Spent(23.0, 21.0, 200.0, 50.0)))
    assert found == {
        "sampler": "stan", "seed": 7, "compile_s": 13.0, "warm_up_s": 15.0, "draw_s": 5.0, "sample_s": 20.0,
        "sample_cpu_s": 18.0, "compile_mb": 100.0, "peak_mb": 200.0, "added_mb": 50.0, "gradient_us": 40.0,
        "metric_s": 2.0,
    }  # fmt: skip


def test_no_sampler_uses_more_processors_than_there_are():
    drawn = Drawn.of({}, np.zeros((1, 2)), np.full((1, 2), 5), gradients=40, compile_s=3.0)
    assert Ran(7, drawn, Spent(0.0, 0.0, 0.0, 0.0), Spent(23.0, 999.0, 0.0, 0.0)).sample_cpu_s == usable_cores() * 20.0


def test_a_sampler_finds_no_code_of_an_earlier_one(monkeypatch):
    monkeypatch.setenv("PYTENSOR_FLAGS", "floatX=float64")
    found = without_code(Path("own"), Path("theirs"))
    assert found == {"STACKCAST_CACHE": "own", "PYTENSOR_FLAGS": "floatX=float64,base_compiledir=theirs"}
    monkeypatch.delenv("PYTENSOR_FLAGS")
    assert without_code(Path("own"), Path("theirs"))["PYTENSOR_FLAGS"] == "base_compiledir=theirs"


def test_a_step_of_compile_within_another_counts_once():
    assert covered([(0.0, 4.0), (1.0, 2.0), (3.0, 5.0), (7.0, 8.0)]) == 6.0
    assert covered([]) == 0.0


CHILD = """
import time
held = bytearray(200_000_000)
while time.process_time() < 0.8: pass
time.sleep(0.7)
"""


def test_a_process_does_not_start_with_its_parents_memory():
    large = np.ones(40_000_000)
    command = [sys.executable, "-c", "from benchmarks.meter import own_peak; print(own_peak())"]
    assert float(subprocess.run(command, check=True, capture_output=True, text=True).stdout) < large.nbytes / 2**20


def test_the_meter_counts_children():
    before = tree_memory()
    with Meter() as meter:
        subprocess.run([sys.executable, "-c", CHILD], check=True)
    assert meter.spent.wall_s > 1.4
    assert 0.7 < meter.spent.cpu_s < meter.spent.wall_s
    assert meter.spent.peak_mb > before + 180
    assert 180 < meter.spent.added_mb < meter.spent.peak_mb


def test_the_meter_does_not_count_what_was_held_before():
    held = np.ones(40_000_000)
    size = held.nbytes / 2**20
    before = own_peak()
    del held
    with Meter() as meter:
        pass
    assert meter.spent.peak_mb < before - size / 2
