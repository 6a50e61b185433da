"""The plan on paper, by hand."""

import numpy as np

from benchmarks.cluster_plan import plan


def test_whoever_is_free_takes_the_next_task():
    found = plan(np.array([10.0, 4.0, 4.0, 4.0]), 2, 1.0)
    assert found["hours"] * 3600 == 13
    assert found["first_idle_minutes"] * 60 == 2
    assert found["at_work"] == 22 / 26
    assert found["compiling"] == 2 / 26


def test_one_worker_is_always_at_work():
    assert plan(np.array([3.0, 5.0]), 1, 0.0)["at_work"] == 1
