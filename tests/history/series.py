"""Invented series: a panel drawn from a known law, and one stack's rows as a table."""

import numpy as np
import pandas as pd

from stackcast.history.filter import Motion
from stackcast.history.panel import Panel

LAW = {
    "innovation_sd": 0.06, "innovation_sd_spread": 0.4, "half_life": 16.0, "half_life_spread": 0.3,
    "slope_response": 0.3, "slope_half_life": 8.0, "start": 1.8, "rest_mean": -0.3, "rest_sd": 1.2,
    "noise_attention": 0.03, "noise_census": 0.08, "noise_survey": 0.15, "noise_spread": 0.3,
    "jump_rate": 0.05, "jump_sd": 1.0,
}  # fmt: skip


def moving(**changed):
    """One series' motion."""
    fixed = {
        "half_life": 16.0, "slope_half_life": 8.0, "step": 0.06, "response": 0.3, "start": 1.8, "rest": -0.3,
        "rest_sd": 1.2, "noise": 0.05, "jump_rate": 1e-9, "jump_sd": 1.0,
    }  # fmt: skip
    return Motion(**{name: np.array([value]) for name, value in (fixed | changed).items()})


def one_series(quarters, y, error=0.0):
    """A panel of one series."""
    known, values, errors, years = np.zeros((4, max(quarters) + 1, 1))
    known[quarters, 0], values[quarters, 0], errors[quarters, 0] = 1.0, y, error
    years[quarters[1:], 0] = np.diff(quarters) / 4
    key = {"stack": "a", "population": "p", "criterion": "c", "source_kind": "census", "first": 2000.5}
    return Panel(pd.DataFrame([key]), known, values, errors, years)


def rows(**columns):
    """A table of shares of one stack and population."""
    table = pd.DataFrame(columns)
    fixed = {"stack": "a", "population": "p", "criterion": "c", "measure": "use", "source_kind": "census", "n": np.nan}
    return table.assign(**{name: value for name, value in fixed.items() if name not in table})
