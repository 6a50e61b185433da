import pandas as pd
import pytest

from stackcast.explain.contradictions import FAR, contradictions

FACET, REFERENCE = "days.home", "time-diary-home-days"


@pytest.fixture
def run_with(project, monkeypatch, passed_run):
    def make(*houses):
        rows = [{"name": n, "facet": FACET, "q05": lo, "q50": mid, "q95": hi} for n, lo, mid, hi in houses]
        monkeypatch.setattr(type(passed_run), "table", lambda self, name: pd.DataFrame(rows))
        return [(c.higher, c.lower, round(c.distance, 3)) for c in contradictions(passed_run, project.observations)]

    return make


def test_far_apart_and_surely_so_is_a_contradiction(run_with):
    assert run_with(("a", -2.0, -1.5, -1.1)) == [(REFERENCE, "a", 1.5)]
    assert run_with(("a", 1.1, 1.5, 2.0), ("b", -0.2, 0.1, 0.4)) == [("a", REFERENCE, 1.5), ("a", "b", 1.4)]


def test_near_or_unsure_is_none(run_with):
    assert run_with(("a", 0.1, 0.9 * FAR, 2.0)) == []
    assert run_with(("a", -3.0, -1.5, 0.2)) == []
