"""What a run says of its debate: horizons that lie ahead, the criterion used, and no file that no fit reads."""

from dataclasses import replace
from datetime import date

import pytest

from stackcast.errors import InputError
from stackcast.evaluate.backtest import variants_of
from stackcast.pipeline import fit
from stackcast.project import Project
from stackcast.runs.manifest import horizons, inputs, run_name
from stackcast.settings import FitSettings
from tests.support import ROOT, latest_day

TOY = ROOT / "tests" / "data" / "toy"
DAY = latest_day(TOY / "observations")


@pytest.fixture(scope="module")
def toy():
    return Project.load(TOY, today=DAY)


@pytest.mark.parametrize(
    ("day", "named"),
    [
        (date(2024, 9, 30), {"now": "2024-09-30", "near": "2024-12-31", "far": "2025-12-31"}),
        (date(2024, 10, 1), {"now": "2024-12-31", "far": "2025-12-31"}),
    ],
)
def test_the_near_horizon_is_named_while_it_lies_ahead(toy, day, named):
    assert horizons(toy.priors, day) == named


def test_a_forecast_that_would_end_before_it_begins_is_refused(toy, tmp_path):
    with pytest.raises(InputError, match=r"priors/debate\.yaml: horizons\.far is 2025-Q4.*declare a later quarter"):
        fit(toy, FitSettings(date(2025, 10, 1)), out=tmp_path, today=date(2025, 10, 1))
    assert list(tmp_path.iterdir()) == []


def test_the_debate_s_own_criterion_is_declared_however_it_is_asked_for(toy):
    debate = toy.priors.debate
    asked = [FitSettings(DAY), FitSettings(DAY, criterion=debate.criterion)]
    assert {run_name(s, inputs(toy, s)) for s in (one.under(debate) for one in asked)} == {
        run_name(asked[1], inputs(toy, asked[1]))
    }
    assert all(one.declared(debate) for one in asked)
    other = FitSettings(DAY, criterion="full-time")
    assert other.under(debate).criterion == "full-time"
    assert not other.declared(debate)
    assert not FitSettings(DAY, prior_scenario="home").declared(debate)
    plain = debate.model_copy(update={"criterion": None})
    assert FitSettings(DAY).under(plain).criterion is None
    assert FitSettings(DAY).declared(plain)


def test_what_might_be_done_changes_no_run():
    files = Project.load(ROOT, today=latest_day(ROOT / "observations")).input_hashes()
    assert "priors/debate.yaml" in files
    assert "priors/scenarios/open.yaml" in files
    assert not any("interventions" in name for name in files)


def test_a_backtest_has_a_variant_for_each_declared_prior_scenario(toy):
    assert list(variants_of(toy.priors)) == ["full", "without claims", "home prior scenario", "office prior scenario"]
    neutral = {"neutral": toy.priors.prior_scenarios["neutral"]}
    assert list(variants_of(replace(toy.priors, prior_scenarios=neutral))) == ["full", "without claims"]
