"""One grammar for every quantity, and answers that name what is wrong with a question."""

import pytest

from stackcast.errors import GateRefused, InputError
from stackcast.explain.quantity import headline_quantities, quantity_of


@pytest.mark.parametrize(
    ("text", "label", "unit"),
    [
        ("stack", "stack, 2025-12-31", "home share"),
        ("days@now", "days, 2023-12-31", "home share"),
        ("days@2023-11-30", "days, 2023-12-31", "home share"),
        ("days.output@2024-12-31", "days.output, 2024-12-31", "log points"),
        ("H1", "H1, 2023-12-31", "strength"),
        ("O1.learning@2025-03-31", "O1.learning, 2025-03-31", "strength"),
        ("days.home@2024-12-31>0.1", "P(days.home, 2024-12-31 > 0.1)", "probability"),
        ("home-days-2024-q4-above-30", "home-days-2024-q4-above-30", "probability"),
    ],
)
def test_quantities_by_their_names(draws, text, label, unit):
    found = quantity_of(draws, text)
    assert (found.label, found.unit) == (label, unit)
    assert found.draws.shape == (len(draws.places),)


def test_draws_are_those_of_the_runs_tables(draws, passed_run):
    layers, claims = passed_run.table("layers"), passed_run.table("claims")
    day = passed_run.horizons["near"]
    stated = layers[(layers["name"] == "jobs") & (layers["date"] == day)].iloc[0]
    assert quantity_of(draws, f"jobs@{day}").draws.mean() == pytest.approx(stated["mean"], abs=1e-5)
    assert quantity_of(draws, f"jobs@{day}>0.5").draws.mean() == pytest.approx(stated["p_high"], abs=1e-5)
    now = passed_run.manifest["horizons"]["now"]
    stated = claims[(claims["name"] == "O1") & (claims["date"] == now)].iloc[0]
    assert quantity_of(draws, "O1").draws.mean() == pytest.approx(stated["mean"], abs=1e-5)
    assert (quantity_of(draws, "O1>0").draws.mean()) == pytest.approx(stated["p_operates"], abs=1e-5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stak", "did you mean 'stack'"),
        ("stack@2031-05-31", "the run reaches from"),
        ("stack@christmas", "is not a date"),
        ("stack>much", "is not a number"),
        ("home-days-2024-q4-above-30@now", "has its own date"),
        ("@now", "must be like"),
    ],
)
def test_a_wrong_question_gets_one_answer(draws, text, words):
    with pytest.raises(InputError, match=words.replace("?", r"\?")):
        quantity_of(draws, text)


def test_the_headline_is_whole(draws, project):
    found = headline_quantities(draws)
    assert {f"{n}, 2025-12-31" for n in ("stack", *project.priors.layers.layers, *project.priors.facets)} <= set(found)
    assert {q.id for q in project.observations.questions if q.settled is None} <= set(found)


def test_a_failed_run_answers_nothing(failed_run):
    with pytest.raises(GateRefused):
        quantity_of(failed_run.draws, "stack")
