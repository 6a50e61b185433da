"""Influences agree with what is known in closed form, refits take over where weights are refused, paths add up."""

import json

import numpy as np
import pytest
import xarray as xr

from stackcast.cli.app import run as command
from stackcast.explain.quantity import Quantity, quantity_of
from stackcast.explain.refit import Refitter, masked
from stackcast.explain.why import (
    REFIT,
    REFUSED,
    WEIGHTS,
    Item,
    influence,
    items,
    ledger,
    ledger_table,
    path,
    stored_steps,
    year_ends,
)
from stackcast.graph.evaluate import log_likelihood
from stackcast.pipeline import fit
from stackcast.runs.draws import Draws
from stackcast.runs.folder import Run
from stackcast.settings import FitSettings
from tests.support import SEED, TOY, canned_run, prior_point
from tests.toy import TODAY

DRAWS = 4000


def conjugate(seed=1, noise=2.0):
    """A normal mean with a standard normal prior and two figures of one noise: posterior draws, and the figures."""
    y = np.array([1.5, -0.5])
    precision = 1 + len(y) / noise**2
    mean = (y / noise**2).sum() / precision
    draws = mean + np.random.default_rng(seed).standard_normal(DRAWS) / np.sqrt(precision)
    log_density = -0.5 * ((y[:, None] - draws) / noise) ** 2
    without = [(y[1 - i] / noise**2) / (1 + 1 / noise**2) for i in range(2)]
    return Quantity("q", "unit", draws), log_density, [mean - w for w in without]


def item(name, log_density):
    return Item(name, (name,), -log_density, -log_density)


def test_influence_is_that_of_the_closed_form():
    quantity, log_density, exact = conjugate()
    for i in range(2):
        found = influence(quantity, item(str(i), log_density[i]))
        assert found.method == WEIGHTS
        assert found.size == pytest.approx(exact[i], abs=4 * found.error)
        assert found.error < 0.02


def test_weights_that_cannot_be_trusted_are_refused():
    quantity, log_density, _ = conjugate(noise=0.01)
    found = influence(quantity, item("sharp", 1000 * log_density[0]))
    assert found.method == REFUSED
    assert found.k_hat > 0.7
    assert np.isnan(ledger_table([found])["influence"].iloc[0])


class FakeRefitter:
    """Counts its refits; without an item, the quantity is 1 lower."""

    def __init__(self, quantity, debate):
        other = xr.Dataset({"question_holds": (("question", "draw"), [quantity.draws - 1])}, {"question": ["q"]})
        self.asked, self.draws = [], Draws(other, TODAY, {}, debate, {}, {})

    def without(self, ids):
        self.asked.append(ids)
        return self.draws


def test_refits_take_over_where_weights_are_refused(project):
    quantity, log_density, _ = conjugate()
    found = [item("mild", log_density[0]), *(item(f"sharp{i}", 1e4 * log_density[1] * (i + 1)) for i in range(3))]
    refitter, heard = FakeRefitter(quantity, project.priors.debate), []
    rows = ledger(quantity, "q", found, refitter, 2, lambda share, word: heard.append(word))
    assert [r.method for r in rows] == [REFIT, REFIT, WEIGHTS, REFUSED]
    assert rows[0].size == pytest.approx(1)
    assert len(refitter.asked) == len(heard) == 2
    assert [r.method for r in ledger(quantity, "q", found, None, 2)].count(REFUSED) == 3


def test_items_hold_every_figure_once(project, told_run):
    ids = set(told_run.table("fitted")["id"])
    for by in ("observation", "signal", "publisher"):
        found = items(told_run, project, by)
        held = [i for item in found for i in item.ids]
        assert len(held) == len(set(held))
        assert set(held) == ids
    assert len(found) < len(items(told_run, project, "signal")) < len(ids)


def test_a_masked_row_adds_nothing_and_takes_nothing_else_away(design, observed):
    p = prior_point(design, observed, SEED)
    ids = observed.rows["id"].iloc[[0, 20, 60]].tolist()
    whole, part = log_likelihood(design, observed, p), log_likelihood(design, masked(observed, ids), p)
    stays = ~observed.rows["id"].isin(ids).to_numpy()
    assert part.shape[1] == whole.shape[1] - 3
    np.testing.assert_array_equal(part, whole[:, stays])


def test_the_path_adds_up(project, tmp_path, passed_run):
    days = ("2021-06-30", "2022-12-31")
    early = [canned_run(project, tmp_path, TODAY.fromisoformat(day), seed=i) for i, day in enumerate(days)]
    way = path("days@2024-12-31", stored_steps([*early, passed_run], passed_run), passed_run)
    layers = passed_run.layers
    prior = layers[(layers["name"] == "days") & (layers["date"] == "2024-12-31")]["prior_mean"].iloc[0]
    assert way["before"].iloc[0] == pytest.approx(prior)
    assert way["change"].sum() == pytest.approx(quantity_of(passed_run.draws, "days@2024-12-31").draws.mean() - prior)
    assert (way["before"].iloc[1:].to_numpy() == way["after"].iloc[:-1].to_numpy()).all()
    assert way["observations"].sum() >= len(passed_run.table("fitted"))


def test_the_path_stops_at_the_ends_of_years_in_which_something_was_published(passed_run):
    published = passed_run.table("fitted")["published"]
    days = year_ends(passed_run)
    assert [day.year for day in days] == list(range(int(published.min()[:4]), TODAY.year))
    assert all((day.month, day.day) == (12, 31) and day < TODAY for day in days)


def test_the_command_prints_and_gives_rows(told_run, tmp_path, capsys):
    shared = ["--run", told_run.name, "--out", str(told_run.path.parent), "--project", str(TOY), "--refits", "0"]
    assert command(["why", "days@now", "--by", "observation", "--to", str(tmp_path), *shared]) == 0
    assert "influences do not add up" in capsys.readouterr().out
    assert {p.name for p in tmp_path.iterdir()} >= {"why-path.svg", "why-path.png"}
    assert command(["why", "days@now", "--json", *shared]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"name", "influence", "error", "k_hat", "method"} <= set(told["rows"][0])
    assert command(["why", "days", "--by", "mood", *shared]) == 2


@pytest.mark.slow
def test_a_refit_without_nothing_is_the_run(project, tmp_path):
    """A refit with the same rows, seed and preconditioner gives the same draws, and is stored."""
    fit(project, FitSettings(TODAY), today=TODAY, out=tmp_path)
    found = fit(project, FitSettings(TODAY, seed=2), today=TODAY, out=tmp_path, reuse_preconditioner=True)
    refitter = Refitter(Run(found.path), project, tmp_path)
    mine, again = found.draws, refitter.without(())
    np.testing.assert_array_equal(quantity_of(again, "stack").draws, quantity_of(mine, "stack").draws)
    np.testing.assert_array_equal(
        again.questions["home-days-2024-q4-above-30"], mine.questions["home-days-2024-q4-above-30"]
    )
    refitter.without(())
    assert refitter.made == 1
