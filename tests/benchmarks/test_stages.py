"""The clock at the stages of a fit."""

import time
from types import SimpleNamespace

import pytest

from benchmarks import stage_clock, stages
from benchmarks.stage_clock import StageClock


@pytest.mark.parametrize(("module", "function"), {(module, function) for _, module, function in stage_clock.STAGES})
def test_every_stage_is_a_function_that_exists(module, function):
    assert callable(getattr(*stage_clock.place(module, function)))


def test_a_stage_inside_another_counts_by_itself():
    clock = StageClock()
    with clock.stage("outer"):
        with clock.stage("inner"):
            time.sleep(0.05)
        with clock.stage("inner"):
            time.sleep(0.05)
    assert clock.seconds["inner"][0] >= 0.1
    assert clock.seconds["outer"][0] < 0.05


def test_a_stage_that_fails_is_closed():
    clock = StageClock()
    owner = SimpleNamespace(fails=lambda: 1 / 0)
    stage_clock.watch(clock, "tables", owner, "fails")
    with pytest.raises(ZeroDivisionError):
        owner.fails()
    time.sleep(0.05)
    with clock.stage("write"):
        pass
    assert 0 < clock.seconds["tables"][0] < 0.05 <= clock.seconds["other"][0]


def test_warm_up_takes_its_share_of_the_samplers_seconds():
    clock = StageClock()
    clock.seconds["draws"] = [8.0, 16.0]
    clock.move("draws", "warm-up", 0.25)
    assert clock.seconds == {"draws": [6.0, 12.0], "warm-up": [2.0, 4.0]}


def test_what_no_stage_counts_is_other_and_an_absent_stage_takes_nothing():
    whole = stages.complete({"draws": [6.0, 11.0], "other": [0.3, 0.3]}, [0.5, 0.5], [10.0, 15.0])
    found = stages.table({"cold": whole}).set_index("stage")
    assert found.loc["other"].tolist() == [3.5, 3.5]
    assert found.loc["all"].tolist() == [10.0, 15.0]
    assert found.loc["pilot"].tolist() == [0.0, 0.0]
    assert found.drop("all").sum().tolist() == [10.0, 15.0]
    assert list(found.index)[-3:] == ["page", "other", "all"]
