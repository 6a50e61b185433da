"""The priors drawn: what was elicited, and what it implies."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from stackcast.project import Project, utc_today
from stackcast.report.wording import capital

DRAWS = 2000
SEED = 20230305
YEARS = 4


def draw_priors(project: Project, table: pd.DataFrame, folder: Path, progress: Callable[[float, str], None]) -> None:
    """Draw every prior into a folder, as ``<name>.svg`` and ``<name>.png``.

    Parameters
    ----------
    project
        Whose priors.
    table
        The catalogue of priors; its size is said in the foot line.
    folder
        Where to.
    progress
        Called with the share of the work done and a word on it.
    """
    from stackcast.report.plots.prior_densities import equilibria, scale_priors
    from stackcast.report.plots.prior_predictive import prior_predictive
    from stackcast.report.plots.style import save

    foot = f"stackcast · priors as of {utc_today()} · {len(table)} in the catalogue"
    priors = project.priors
    progress(0.0, "drawing the elicited scales")
    save(scale_priors(priors.measurement.scales), folder, "prior_scales", foot)
    progress(0.3, "drawing the equilibria")
    save(equilibria(priors), folder, "prior_equilibria", foot)
    progress(0.5, "drawing from the priors")
    openness, speeds = _worlds(project)
    progress(0.9, "drawing what the priors imply")
    save(prior_predictive(openness, speeds, priors.reference_classes, priors.debate), folder, "prior_predictive", foot)
    progress(1.0, "done")


def _worlds(project: Project) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return shares now by title, and absolute speeds of share facets in logit a year, from draws of the prior."""
    from stackcast.forecast.openness import STACK, declared_weights, facet_values, layer_values
    from stackcast.forecast.prior import prior_trajectories
    from stackcast.quarters import Quarter
    from stackcast.readiness import require_ready
    from stackcast.runs.context import observe
    from stackcast.settings import FitSettings

    priors, day = project.priors, utc_today()
    require_ready(project, day, priors.debate.criterion)
    design, observed = observe(project, FitSettings(day))
    horizon = max(Quarter.parse(priors.debate.horizons.far), Quarter.of(day) + 4 * YEARS)
    trajectories = prior_trajectories(design, observed, horizon, DRAWS, SEED)
    now = trajectories.now_index
    layers = layer_values(facet_values(trajectories), declared_weights(priors))
    titles = {name: layer.title for name, layer in priors.layers.layers.items()} | {STACK: capital(priors.debate.whole)}
    eta = trajectories.states.eta[:, :, design.is_share == 1]
    speeds = np.abs(eta[:, now + 4 * YEARS] - eta[:, now]) / YEARS
    return {titles[name]: values[:, now] for name, values in layers.items()}, speeds.ravel()
