"""The posterior predictive check, on PITs whose reading is known."""

import numpy as np
import pandas as pd
import pytest

from stackcast.report.plots.predictive import predictive
from stackcast.report.wording import percent


def fitted(design, pit):
    """A table of fitted figures: one signal of each likelihood, and a bound that is no figure."""
    kinds = {signal.likelihood: slug for slug, signal in design.signals.items()}
    points = pd.DataFrame(
        {"signal": np.repeat(list(kinds.values()), len(pit)), "side": 0, "loo_pit": np.tile(pit, len(kinds))}
    )
    return pd.concat([points, points.tail(1).assign(side=1, loo_pit=1.0)], ignore_index=True)


@pytest.mark.parametrize(("low", "high", "held"), [(0.0, 1.0, 0.9), (0.2, 0.8, 1.0), (-0.9, 1.9, 0.32)])
def test_the_headline_says_how_many_figures_the_intervals_hold(design, low, high, held):
    pit = np.clip(low + (high - low) * (np.arange(100) + 0.5) / 100, 0, 1)
    drawn = predictive(fitted(design, pit), design.signals)
    kinds = len({signal.likelihood for signal in design.signals.values()})
    assert f"hold {percent(held)} of {100 * kinds} fitted" in drawn.texts[0].get_text()
    assert sum(bool(ax.lines) for ax in drawn.axes) == kinds
