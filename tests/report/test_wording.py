"""Numbers as words: shares, probabilities, what other weights give, and what a claim above zero means."""

import dataclasses
from datetime import date

import pytest

from stackcast.forecast.claims import reads
from stackcast.forecast.openness import STACK
from stackcast.priors.debate import Essay
from stackcast.report.over_weights import over_weights, weighted
from stackcast.report.wording import bare_percent, chance, percent


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "< 1\u00a0%"), (0.0049, "< 1\u00a0%"), (0.006, "0.01"), (0.5, "0.50"), (0.994, "0.99"),
        (0.9951, "> 99\u00a0%"), (1.0, "> 99\u00a0%"),
    ],
)  # fmt: skip
def test_a_probability_is_never_nought_or_one(value, said):
    assert chance(value) == said


@pytest.mark.parametrize(("value", "said"), [(0.0, "< 1"), (0.012, "1"), (0.43, "43"), (0.999, "> 99")])
def test_a_share_is_never_nought_or_all(value, said):
    assert bare_percent(value) == said
    assert percent(value) == f"{said}\u00a0%"


def test_a_claim_reads_above_neutral_or_is_stronger_than_when_the_debate_began(project):
    debate = project.priors.debate
    assert reads(debate, history=False) == "reads above neutral"
    assert reads(debate, history=True) == "is stronger than in mid 2020"
    early = debate.model_copy(update={"essay": debate.essay.model_copy(update={"day": date(2023, 3, 5)})})
    assert reads(early, history=True) == "is stronger than in early 2023"
    assert reads(debate.model_copy(update={"essay": None}), history=True) == "is stronger than when the debate began"
    assert isinstance(debate.essay, Essay)


def test_a_run_has_history_where_the_file_was_there_and_asked_for(passed_run, monkeypatch):
    assert not passed_run.has_history
    manifest = passed_run.manifest
    files = manifest["inputs"]["files"] | {"priors/history.yaml": "a" * 64}
    given = manifest | {"inputs": manifest["inputs"] | {"files": files}}
    monkeypatch.setitem(passed_run.__dict__, "manifest", given)
    assert passed_run.has_history
    without = dataclasses.replace(passed_run.settings, history=False)
    monkeypatch.setattr(type(passed_run), "settings", property(lambda self: without))
    assert not passed_run.has_history


def test_the_range_over_weights_runs_from_facet_to_facet(passed_run):
    found, weights = over_weights(passed_run), passed_run.manifest["weights"]
    facets = passed_run.facets.set_index(["name", "date"])["q50"]
    layers = passed_run.layers
    for day in passed_run.horizons.values():
        ends = {name: [facets[facet, day] for facet in of] for name, of in weights.items() if name != STACK}
        ends[STACK] = [value for name in weights[STACK] for value in ends[name]]
        for name, values in ends.items():
            assert found[name, day] == (min(values), max(values))
            middle = layers[(layers["name"] == name) & (layers["date"] == day)]["q50"].iloc[0]
            assert min(values) - 0.05 <= middle <= max(values) + 0.05
    row = {"p_high_weights": 0.126, "p_high_simplex": 0.001}
    assert weighted(row) == "0.13, < 1\u00a0%"
