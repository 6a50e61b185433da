"""Choices that data cannot settle, taken otherwise."""

import json
from dataclasses import replace

import numpy as np
import pytest

from stackcast.cli.app import run as command
from stackcast.explain.quantity import quantity_of
from stackcast.explain.sensitivity import EXACT, NO_RUN, STORED, _by_weights, sensitivity
from stackcast.explain.why import REFIT, REFUSED, WEIGHTS
from tests.support import TOY


@pytest.fixture(scope="module")
def table(told_run, project):
    return told_run.draws, sensitivity("jobs@2024-12-31", told_run, project, told_run.path.parent, None, 0)


def test_weights_are_recomputed_exactly(table):
    draws, rows = table
    alone = rows[rows["alternative"] == "jobs by jobs.adverts alone"].iloc[0]
    adverts, jobs = (quantity_of(draws, f"{name}@2024-12-31").draws for name in ("jobs.adverts", "jobs"))
    assert alone["change"] == pytest.approx(adverts.mean() - jobs.mean())
    assert alone["method"] == EXACT


def test_stored_runs_are_used_and_missing_ones_named(table):
    rows = table[1].set_index("alternative")
    assert rows.loc["home", "method"] == STORED
    assert np.isfinite(rows.loc["office", "change"])
    assert rows.loc["without their effects", "method"].startswith(f"{NO_RUN}: stackcast fit")
    assert np.isnan(rows.loc["without their effects", "change"])


def test_a_reference_class_moves_the_forecast_its_own_way(table):
    rows = table[1]
    mine = rows[rows["choice"] == "reference class"].set_index("alternative")["change"]
    observed = mine.dropna()
    assert all((change > 0) == ("home" in name) for name, change in observed.items())


def test_every_choice_is_there(table):
    choices = {"weights", "criterion", "prior_scenario", "claims", "reference class", "intercept priors",
               "priors of parameters", "likelihood", "publisher"}  # fmt: skip
    assert set(table[1]["choice"]) == choices


def test_the_command(told_run, capsys):
    shared = ["--run", told_run.name, "--out", str(told_run.path.parent), "--project", str(TOY)]
    assert command(["sensitivity", "jobs@2024-12-31", "--json", *shared]) == 0
    assert {"choice", "alternative", "change", "k_hat", "method"} <= set(json.loads(capsys.readouterr().out)["rows"][0])
    assert command(["sensitivity", *shared]) == 0
    assert "instead" in capsys.readouterr().out


def test_a_change_is_halved_until_its_weights_are_reliable(table):
    quantity = quantity_of(table[0], "jobs@2024-12-31")
    exponential = np.random.default_rng(3).exponential(size=len(quantity.draws))
    sizes = {f"{size:g}": size for size in (2.0, 1.0, 0.25)}  # of weights that are Pareto with k = size
    found = _by_weights("choice", quantity, sizes, lambda size: size * exponential)
    assert (found.alternative, found.method) == ("0.25", WEIGHTS)
    refused = _by_weights("choice", quantity, {"2": 2.0}, lambda size: size * exponential)
    assert refused.method == REFUSED
    assert np.isnan(refused.change)


class Elsewhere:
    """Refits in which every facet is higher."""

    def __init__(self, draws):
        self.asked, self.draws = [], replace(draws, data=draws.data.assign(facet_state=draws.data["facet_state"] + 1))

    def under(self, prior_scenario, *, effects_on):
        self.asked.append((prior_scenario, effects_on))
        return self.draws


def test_what_has_no_run_is_refitted_where_it_is_data(told_run, project):
    text, refitter = "jobs@2024-12-31", Elsewhere(told_run.draws)
    rows = sensitivity(text, told_run, project, told_run.path.parent, refitter, 0).set_index("alternative")
    assert refitter.asked == [("neutral", False)]
    assert rows.loc["without their effects", "method"] == REFIT
    after, before = (quantity_of(draws, text).draws.mean() for draws in (refitter.draws, told_run.draws))
    assert rows.loc["without their effects", "change"] == pytest.approx(after - before)
    assert rows.loc["full-time", "method"].startswith(NO_RUN)
