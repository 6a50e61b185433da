"""Hypothetical news move the forecast by the fit's likelihood, are never written, and are refused clearly."""

import hashlib
import json
from datetime import date

import numpy as np
import pytest

from stackcast.cli.app import run as command
from stackcast.errors import GateRefused, InputError
from stackcast.explain.quantity import quantity_of
from stackcast.explain.whatif import read_news, what_if
from tests.support import TOY
from tests.toy import TODAY

PANEL, BOARD, TRIALS = "firm-panel-free-choice", "advert-board-any-day", "trial-output-gap"
QUESTION, OTHER = "home-days-2024-q4-above-30", "adverts-2023-q2-above-20"


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Canned runs keep 200 draws, not 1,000."""
    monkeypatch.setattr("stackcast.explain.whatif.LEAST_DRAWS", 20.0)


def after(project, draws, *texts, refitter=None):
    rows, answers = read_news(texts, project, TODAY)
    return what_if(draws, project, rows, answers, refitter)


def test_higher_news_mean_a_higher_share(project, draws):
    low, high = (after(project, draws, f"{PANEL}={v}@2023-12-31") for v in (0.25, 0.45))
    label = "jobs.policies, 2023-12-31"
    moved = {name: {m.label: m for m in found.moves} for name, found in (("low", low), ("high", high))}
    assert moved["low"][label].before == moved["high"][label].before
    assert moved["low"][label].after < moved["high"][label].after
    assert not low.refitted
    assert low.effective > 20


def test_an_answer_keeps_the_draws_that_agree(project, draws):
    found = after(project, draws, f"{QUESTION}=yes")
    holds = draws.questions[QUESTION] > 0
    moved = {m.label: m for m in found.moves}
    assert moved[QUESTION].after == pytest.approx(1)
    stack = quantity_of(draws, "stack@2025-12-31")
    assert moved[stack.label].after == pytest.approx(stack.draws[holds].mean())
    assert found.effective == pytest.approx(holds.sum())


def test_too_few_draws_are_refused_with_the_way_out(project, draws, monkeypatch):
    answers = (f"{QUESTION}=yes", f"{OTHER}=no")
    agree = int(((draws.questions[QUESTION] > 0) & (draws.questions[OTHER] == 0)).sum())
    assert 0 < agree < len(draws.places)
    assert after(project, draws, *answers).effective == pytest.approx(agree)
    monkeypatch.setattr("stackcast.explain.whatif.LEAST_DRAWS", agree + 1.0)
    with pytest.raises(GateRefused, match="too few"):
        after(project, draws, *answers)
    with pytest.raises(GateRefused, match="cannot stand for a refit"):
        after(project, draws, f"{TRIALS}=900@2023-12-31")


def test_a_refit_answers_where_weights_cannot(project, draws):
    class Refitter:
        def with_rows(self, rows, day):
            self.given = rows, day
            return draws

    refitter = Refitter()
    found = after(project, draws, f"{TRIALS}=900@2023-12-31", refitter=refitter)
    assert found.refitted
    assert refitter.given[1] == date(2023, 12, 31)
    assert all(m.after == pytest.approx(m.before) for m in found.moves)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ((f"{PANEL}=0.2",), "must be SIGNAL=VALUE@DATE"),
        ((f"{PANEL[:-1]}=0.2@2023-12-31",), "did you mean"),
        ((f"{PANEL}=1.2@2023-12-31",), "not a share"),
        (("time-diary-home-days=0@2023-12-31",), "give upper"),
        (("spare-room-rent-ratio=0@2023-12-31",), "give upper"),
        ((f"{TRIALS}=1e9@2023-12-31",), "look at its unit"),
        ((f"{TRIALS}=nan@2023-12-31",), "value: "),
        ((f"{PANEL}=0.2@9999-12-31",), "must lie between 1990-01-01"),
        ((f"{PANEL}=0.2@2022-11-30",), "before the run's as-of date"),
        ((f"{PANEL}=0.2@2023-12-31", f"{PANEL}=0.3@2023-12-31"), "contradiction"),
        ((f"{QUESTION}=yes", f"{QUESTION}=no"), "contradicts"),
        (("no-such-question=yes",), "unknown question"),
    ],
)
def test_news_that_make_no_sense(project, texts, words):
    with pytest.raises(InputError, match=words):
        read_news(texts, project, TODAY)


def test_a_date_that_the_forecast_does_not_reach(project, draws):
    with pytest.raises(InputError, match="does not reach"):
        after(project, draws, f"{PANEL}=0.2@2041-12-31")


def test_a_row_is_as_the_store_would_hold_it(project):
    rows, _ = read_news([f"{BOARD}=0.5@2023-12-31"], project, TODAY)
    row = rows.iloc[0]
    last = project.observations.of(BOARD).sort_values("period_end").iloc[-1]
    assert row["denominator"] == last["denominator"]
    assert row["numerator"] == round(0.5 * last["denominator"])
    assert (row["period_end"] - row["period_start"]) == (last["period_end"] - last["period_start"])


def test_the_command_never_writes_observations(runs_folder, passed_run, capsys):
    def digest():
        files = sorted((TOY / "observations").rglob("*.csv"))
        return hashlib.sha256(b"".join(p.read_bytes() for p in files)).hexdigest()

    before = digest()
    shared = ["--run", passed_run.name, "--out", str(runs_folder), "--project", str(TOY), "--no-refit"]
    assert command(["whatif", f"{PANEL}=0.25@2023-12-31", "--json", *shared]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"k_hat", "refitted", "before", "after"} <= set(told)
    assert set(told["before"]) == set(told["after"])
    assert command(["whatif", f"{PANEL}=0.25@2023-12-31", *shared]) == 0
    assert "nothing is written" in capsys.readouterr().out
    assert command(["whatif", f"{TRIALS}=900@2023-12-31", *shared]) == 1
    assert digest() == before
    assert np.isfinite(told["effective_draws"])
