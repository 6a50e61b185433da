"""What must hold of any data that ship: their own files are read, and name what the project has."""

from datetime import date

from stackcast.explain.quantity import quantity_of
from stackcast.scenario.decide import decide, read_decision
from stackcast.scenario.schema import declared, read_scenarios
from tests.support import ROOT


def test_the_shipped_scenarios_hold(project, passed_run):
    now, far = (date.fromisoformat(passed_run.horizons[name]) for name in ("now", "far"))
    assert declared(ROOT)
    every = read_scenarios(None, project, now, far)
    assert all(one.rationale for one in every)
    for name in declared(ROOT):
        assert {one.name for one in read_scenarios(name, project, now, far)} <= {one.name for one in every}


def test_the_decision_of_the_documents_can_be_asked(passed_run):
    given = read_decision(ROOT / "docs" / "examples" / "foundations.yaml")
    assert quantity_of(passed_run.draws, given.quantity).draws.std() > 0
    assert set(decide(given, passed_run.draws).choices["choice"]) == set(given.payoffs)
