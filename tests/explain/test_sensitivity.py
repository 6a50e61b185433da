"""Choices that data cannot settle, taken otherwise."""

import json

import numpy as np
import pytest

from stackcast.cli.app import run as command
from stackcast.explain.quantity import KeptDraws, Quantity
from stackcast.explain.sensitivity import EXACT, NO_RUN, STORED, _by_weights, sensitivity
from stackcast.explain.why import REFIT, REFUSED, WEIGHTS
from tests.support import ROOT


@pytest.fixture(scope="module")
def table(told_run, project):
    kept = KeptDraws.of(told_run, project.priors)
    return kept, sensitivity("models@2027-12-31", kept, project, told_run.path.parent, None, 0)


def test_weights_are_recomputed_exactly(table):
    kept, rows = table
    alone = rows[rows["alternative"] == "models by models.spend alone"].iloc[0]
    spend, models = (kept.quantity(f"{name}@2027-12-31").draws for name in ("models.spend", "models"))
    assert alone["change"] == pytest.approx(spend.mean() - models.mean())
    assert alone["method"] == EXACT


def test_stored_runs_are_used_and_missing_ones_named(table):
    rows = table[1].set_index("alternative")
    assert rows.loc["open", "method"] == STORED
    assert np.isfinite(rows.loc["closed", "change"])
    assert rows.loc["without their effects", "method"].startswith(f"{NO_RUN}: stackcast fit")
    assert np.isnan(rows.loc["without their effects", "change"])


def test_a_more_open_reference_class_opens(table):
    rows = table[1]
    mine = rows[rows["choice"] == "reference class"].set_index("alternative")["change"]
    observed = mine.dropna()
    assert all((change > 0) == ("open" in name) for name, change in observed.items())


def test_every_choice_is_there(table):
    choices = {"weights", "criterion", "prior_scenario", "claims", "reference class", "neutral readings",
               "priors of parameters", "likelihood", "publisher"}  # fmt: skip
    assert set(table[1]["choice"]) == choices


def test_the_command(told_run, capsys):
    shared = ["--run", told_run.name, "--out", str(told_run.path.parent), "--project", str(ROOT)]
    assert command(["sensitivity", "models@2027-12-31", "--json", *shared]) == 0
    assert {"choice", "alternative", "change", "k_hat", "method"} <= set(json.loads(capsys.readouterr().out)["rows"][0])
    assert command(["sensitivity", *shared]) == 0
    assert "instead" in capsys.readouterr().out


def test_a_change_that_weights_cannot_bear_is_halved_until_they_can(table):
    kept, _ = table
    quantity = kept.quantity("models@2027-12-31")
    exponential = np.random.default_rng(3).exponential(size=len(quantity.draws))
    sizes = {f"{size:g}": size for size in (2.0, 1.0, 0.25)}  # of weights that are Pareto with k = size
    found = _by_weights("choice", quantity, sizes, lambda size: size * exponential)
    assert (found.alternative, found.method) == ("0.25", WEIGHTS)
    refused = _by_weights("choice", quantity, {"2": 2.0}, lambda size: size * exponential)
    assert refused.method == REFUSED
    assert np.isnan(refused.change)


class Elsewhere:
    """Refits that hold every quantity one higher."""

    def __init__(self, kept):
        self.kept, self.asked = kept, []

    def under(self, **change):
        self.asked.append(change)
        return self

    def quantity(self, text):
        return Quantity("q", "unit", self.kept.quantity(text).draws + 1)


def test_what_has_no_run_is_refitted_where_it_is_data(told_run, project):
    kept = KeptDraws.of(told_run, project.priors)
    refitter = Elsewhere(kept)
    rows = sensitivity("models@2027-12-31", kept, project, told_run.path.parent, refitter, 0).set_index("alternative")
    assert refitter.asked == [{"effects_on": False}]
    assert rows.loc["without their effects", "method"] == REFIT
    assert rows.loc["without their effects", "change"] == pytest.approx(1)
    assert rows.loc["unrestricted licences only", "method"].startswith(NO_RUN)
