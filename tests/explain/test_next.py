"""The value of information agrees with what is known in closed form, and says how to get each figure."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stackcast.cli.app import run as command
from stackcast.explain.figure_draws import KeptFigure
from stackcast.explain.next import expected_gain, next_due, value_of
from stackcast.explain.quantity import quantity_of
from stackcast.graph.data import encode_figures
from stackcast.likelihoods import Encoded
from stackcast.likelihoods.base import POINT
from tests.support import TOY
from tests.toy import TODAY

DRAWS = 4000


def normal_figure(project, mu, noise):
    """A gap's next figure, normal but for its heavier tails, around a known latent value."""
    slug = next(s for s, d in project.observations.signals.items() if d.likelihood == "share" and not d.measures.claim)
    signal = project.observations.signals[slug]
    encoded = Encoded(np.zeros(1), np.ones(1), *np.zeros((3, 1)))
    return KeptFigure(pd.Series({"id": "a", "signal": slug}), signal, mu, np.full(len(mu), noise), encoded, 1.0)


@pytest.mark.parametrize("noise", [0.3, 1.0, 3.0])
def test_the_gain_is_that_of_the_closed_form(project, noise):
    rng = np.random.default_rng(4)
    mu = rng.standard_normal(DRAWS)
    values = mu + 0.5 * rng.standard_normal(DRAWS)
    reduction, error, information = expected_gain(values, normal_figure(project, mu, noise), 0.0, 1)
    exact = 1 / (1 + noise**2) / 1.25
    assert reduction == pytest.approx(exact, abs=4 * error + 0.01)
    assert information == pytest.approx(0.5 * np.log(1 + 1 / noise**2), abs=0.1)


def test_a_figure_says_nothing_about_what_is_unrelated(project):
    rng = np.random.default_rng(5)
    figure = normal_figure(project, rng.standard_normal(DRAWS), 0.5)
    reduction, error, _ = expected_gain(rng.standard_normal(DRAWS), figure, 0.0, 1)
    assert abs(reduction) < 4 * error + 0.01


def test_what_is_due_is_still_to_come(project):
    due = next_due(project, {"trial-output-gap": "trials"}, TODAY)
    by = {one.signal: one for one in due}
    assert by["trial-output-gap"].how == "stackcast pull trials"
    assert all(one.due > TODAY for one in due)
    assert all(one.row["period_end"] >= one.row["period_start"] for one in due)
    assert not any(project.observations.signals[one.signal].retired for one in due)
    assert by["firm-panel-free-choice"].how.startswith("https://")
    observed = project.observations.rows.groupby("signal")["period_end"].max()
    assert all(one.row["period_end"] > observed[one.signal] for one in due)


def test_the_table_is_ranked_and_repeats(project, draws):
    due = next_due(project, {}, TODAY)
    quantity = quantity_of(draws, "days@2024-12-31")
    first, again = (value_of(quantity, draws, project, due, 3) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    assert first["reduction"].is_monotonic_decreasing
    assert (first["error"] >= 0).all()
    assert (first["information"] > -0.05).all()


CENSORED = {
    "ceiling of none": ("attendance-software-share", {"value": 0.0, "upper": 0.02}),
    "floor of all": ("firm-panel-free-choice", {"value": 1.0, "lower": 0.97}),
    "floor": ("firm-panel-free-choice", {"value": 0.4, "lower": 0.4}),
    "ceiling": ("time-diary-never-home", {"value": 40.0, "upper": 40.0}),
    "ceiling of a ratio": ("spare-room-rent-ratio", {"value": 0.0, "upper": 0.4}),
    "none of a count": ("advert-board-any-day", {"value": 0.0, "numerator": 0.0, "denominator": 50.0}),
    "all of a count": ("advert-board-any-day", {"value": 1.0, "numerator": 50.0, "denominator": 50.0}),
}


@pytest.mark.parametrize("case", CENSORED)
@pytest.mark.filterwarnings("error")
def test_a_last_figure_that_is_a_bound_foretells_a_figure_and_no_bound(project, draws, case):
    slug, cells = CENSORED[case]
    rows = project.observations.rows.copy()
    last = rows[(rows["signal"] == slug) & rows["retracted"].isna()].sort_values(["period_end", "published"]).index[-1]
    rows.loc[last, ["lower", "upper"]] = np.nan
    rows.loc[last, list(cells)] = list(cells.values())
    spoiled = replace(project, observations=replace(project.observations, rows=rows))
    (due,) = (one for one in next_due(spoiled, {}, TODAY) if one.signal == slug)
    assert encode_figures(pd.DataFrame([due.row]), project.observations.signals[slug]).side[0] == POINT
    found = value_of(quantity_of(draws, "stack@2024-12-31"), draws, spoiled, [due], 3)
    assert found["signal"].tolist() == [slug]
    assert np.isfinite(found[["reduction", "error", "information"]].to_numpy(float)).all()
    usual = value_of(quantity_of(draws, "stack@2024-12-31"), draws, project, next_due(project, {}, TODAY), 3)
    usual = usual.set_index("signal").loc[slug]
    assert found["information"].iloc[0] == pytest.approx(usual["information"], rel=0.5, abs=0.3)


def test_the_command_gives_rows(runs_folder, passed_run, capsys):
    shared = ["--run", passed_run.name, "--out", str(runs_folder), "--project", str(TOY)]
    assert command(["next", "jobs.policies@2024-12-31", "--json", *shared]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"signal", "due", "how", "reduction", "error"} <= set(told["rows"][0])
    assert command(["next", "O1", *shared]) == 0
    assert "variance taken away" in capsys.readouterr().out.replace("\n", " ")
