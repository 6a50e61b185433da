"""Relative CRPS is one for a forecast that is the rival's own, and worse for one that is not."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import norm

from stackcast.evaluate.score import rival_forecast, score_run
from stackcast.likelihoods import FAMILIES
from stackcast.runs.contents import seal
from stackcast.runs.folder import DRAWS, Run
from tests.support import canned_run

SLUG = "spare-room-rent-ratio"


@pytest.fixture(scope="module")
def case(project, tmp_path_factory):
    """A run, and a project whose only later figure is one ratio."""
    rows = project.observations.rows
    mine = rows[rows["signal"] == SLUG].sort_values("period_end")
    plain = mine[mine["lower"].isna() & mine["upper"].isna()]
    row = plain.iloc[-1]
    day = (row["published"] - pd.Timedelta(days=1)).date()
    before = rows["published"] <= pd.Timestamp(day)
    kept = rows[before | (rows["id"] == row["id"])]
    project = dataclasses.replace(project, observations=dataclasses.replace(project.observations, rows=kept))
    run = canned_run(project, tmp_path_factory.mktemp("relative"), day)
    return run, project, row, rows[before & (rows["signal"] == SLUG)]


def with_forecast(run, mean, sd):
    """Put a normal forecast of the signal, on the log scale, into a run's draws."""
    with xr.open_dataset(run.path / DRAWS, engine="h5netcdf") as handle:
        draws = handle.load()
    z = norm.ppf((np.arange(draws.sizes["draw"]) + 0.5) / draws.sizes["draw"])
    draws["signal_path"].loc[{"signal": SLUG}] = (mean + sd * z)[:, None]
    draws["noise"].loc[{"signal": SLUG}] = 1e-9
    draws.to_netcdf(run.path / DRAWS, engine="h5netcdf")
    seal(run.path, run.manifest)
    return Run(run.path)


def test_the_rivals_own_forecast_scores_one(case):
    run, project, row, past = case
    signal = project.observations.signals[SLUG]
    rival = rival_forecast("persistence", past, signal, row)
    last, sd = rival.mean, rival.sd
    assert last == pytest.approx(float(FAMILIES["ratio"].to_latent(past.sort_values("period_end")["value"].iloc[-1])))
    card = score_run(with_forecast(run, last, sd), project)
    assert card.figures["id"].tolist() == [row["id"]]
    assert card.overall.relative_crps == pytest.approx(1.0, abs=0.02)
    truth = float(np.log(row["value"]))
    assert score_run(with_forecast(run, truth, sd / 4), project).overall.relative_crps < 0.9
    assert score_run(with_forecast(run, last + 5 * sd, sd), project).overall.relative_crps > 2
