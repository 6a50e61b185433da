"""The prior predictive check puts the real series beside worlds that were observed as they were."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stackcast.evaluate.prior_predictive import PriorReplicates, prior_check, prior_replicates
from stackcast.settings import FitSettings
from tests.toy import TODAY

WORLDS = 400


@pytest.fixture(scope="module")
def found(project):
    return prior_replicates(project, FitSettings(TODAY, seed=3), WORLDS)


def test_every_point_has_its_own_worlds(found, observed):
    assert found.drawn.shape == (WORLDS, len(found.rows))
    assert found.rows.index.is_unique
    assert (observed.rows.loc[found.rows.index, "value"] == found.rows["value"]).all()
    assert found.rows.groupby("signal")["middle"].apply(lambda x: x.is_monotonic_increasing).all()
    counted = observed.rows.loc[found.rows.index, "likelihood"] == "counts"
    whole = found.drawn[:, counted] * found.rows.loc[counted, "trials"].to_numpy()
    assert np.allclose(whole, np.rint(whole), atol=1e-6)


def test_a_world_of_the_prior_lies_anywhere_among_the_others(found):
    """Put in the place of the real record, worlds leave the central 90 % as often as they should."""
    places = []
    for i in range(40):
        others = np.delete(found.drawn, i, axis=0)
        inside = replace(found, rows=found.rows.assign(value=found.drawn[i]), drawn=others)
        places.append(prior_check(inside)["below"].to_numpy())
    below = np.concatenate(places)
    assert below.mean() == pytest.approx(0.5, abs=0.03)
    assert ((below < 0.05) | (below > 0.95)).mean() == pytest.approx(0.10, abs=0.02)


def test_an_impossible_series_stands_out(found):
    gap = next(d for d in found.signals.values() if d.likelihood == "gap")
    slug = found.rows["signal"].value_counts().index[0]
    value = found.rows["value"].mask(found.rows["signal"] == slug, found.drawn.max() * 10)
    spoilt = PriorReplicates(found.signals | {slug: gap}, found.rows.assign(value=value), found.drawn)
    table = prior_check(spoilt).set_index(["statistic", "signal"])
    assert table.loc[("level", slug), "below"] == 1.0
    assert table.loc[("greatest move", slug), "below"] == 0.0


def test_statistics_by_hand(found):
    """Of a gap with three figures, whose latent scale is its own."""
    slug = next(s for s, d in found.signals.items() if d.likelihood == "gap")
    unit = found.signals[slug].per_unit
    days = pd.to_datetime(["2025-01-01", "2025-04-01", "2025-07-01"])
    rows = pd.DataFrame({"signal": slug, "middle": days, "value": np.array([1.0, 4.0, 2.0]) * unit, "trials": 1.0})
    drawn = np.array([[0.0, 0.0, 0.0], [9.0, 9.0, 9.0], [1.0, 4.0, 2.0]]) * unit
    table = prior_check(PriorReplicates(found.signals, rows, drawn)).set_index("statistic")
    assert table["observed"].round(12).to_dict() == {"level": 2.333333333333, "change": 1.0, "greatest move": 3.0}
    assert table["below"].to_dict() == {"level": pytest.approx(1 / 2), "change": pytest.approx(5 / 6),
                                        "greatest move": pytest.approx(5 / 6)}  # fmt: skip
    assert prior_check(PriorReplicates(found.signals, rows.head(2), drawn[:, :2]))["statistic"].tolist() == [
        "level",
        "change",
    ]


def test_figures_that_no_double_holds_stay_in_order(found):
    slug = next(s for s, d in found.signals.items() if d.likelihood == "ratio")
    days = pd.to_datetime(["2025-01-01", "2025-04-01"])
    rows = pd.DataFrame({"signal": slug, "middle": days, "value": 1.0, "trials": 1.0})
    drawn = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 2.0]])
    table = prior_check(PriorReplicates(found.signals, rows, drawn)).set_index("statistic")
    assert np.isfinite(table[["low", "median", "high", "below"]]).all(axis=None)
    assert table.loc["level", "below"] == pytest.approx(2.5 / 4)
