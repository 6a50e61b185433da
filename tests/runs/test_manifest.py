"""What a run says of its debate: horizons that lie ahead, the criterion used, and no file that no fit reads."""

from dataclasses import replace
from datetime import date

import pytest

from stackcast.errors import InputError
from stackcast.evaluate.backtest import variants_of
from stackcast.pipeline import fit
from stackcast.runs.manifest import horizons, inputs, run_name
from stackcast.settings import FitSettings
from tests.support import ROOT, load_project
from tests.toy import TODAY as DAY


@pytest.mark.parametrize(
    ("day", "named"),
    [
        (date(2024, 9, 30), {"now": "2024-09-30", "near": "2024-12-31", "far": "2025-12-31"}),
        (date(2024, 10, 1), {"now": "2024-12-31", "far": "2025-12-31"}),
    ],
)
def test_the_near_horizon_is_named_while_it_lies_ahead(project, day, named):
    assert horizons(project.priors, day) == named


def test_a_forecast_that_would_end_before_it_begins_is_refused(project, tmp_path):
    with pytest.raises(InputError, match=r"priors/debate\.yaml:9:\d+: 2025-Q4 is not after .* declare a later quarter"):
        fit(project, FitSettings(date(2025, 10, 1)), out=tmp_path, today=date(2025, 10, 1))
    assert list(tmp_path.iterdir()) == []


def test_the_debate_s_own_criterion_is_declared_however_it_is_asked_for(project):
    debate = project.priors.debate
    asked = [FitSettings(DAY), FitSettings(DAY, criterion=debate.criterion)]
    assert {run_name(s, inputs(project, s)) for s in (one.under(debate) for one in asked)} == {
        run_name(asked[1], inputs(project, asked[1]))
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
    files = load_project(ROOT).files
    assert "priors/debate.yaml" in files
    assert "priors/scenarios/open.yaml" in files
    assert not any("interventions" in name for name in files)


def test_a_backtest_has_a_variant_for_each_declared_prior_scenario(project):
    assert list(variants_of(project.priors)) == [
        "full",
        "without claims",
        "home prior scenario",
        "office prior scenario",
    ]
    neutral = {"neutral": project.priors.prior_scenarios["neutral"]}
    assert list(variants_of(replace(project.priors, prior_scenarios=neutral))) == ["full", "without claims"]
