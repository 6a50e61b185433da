"""What earlier stacks say, judged on stacks left out: the tables behind `stackcast history` and the page."""

import pandas as pd

from stackcast.evaluate.earlier_laws import judge_series
from stackcast.history.judge import judge
from stackcast.history.ratings import force_signs
from stackcast.history.records import History
from stackcast.history.results import effect_table, fit_effects, prediction_table
from stackcast.priors.load import Priors
from stackcast.progress import Progress, no_progress, within


def judge_history(
    history: History, priors: Priors, seed: int, progress: Progress = no_progress
) -> dict[str, pd.DataFrame]:
    """Return the tables of :class:`stackcast.history.results.Results`, by name.

    Parameters
    ----------
    history
        Earlier stacks.
    priors
        The debate's; the rival of today takes the declared scales.
    seed
        Of every fit, forecast and bootstrap.
    progress
        Called with the share of the work done and a word on it.
    """
    effects = effect_table(fit_effects(history, priors, seed, within(progress, 0.0, 0.1)))
    progress(0.1, "predicting each stack from the others")
    predictions = prediction_table(history, priors, seed)
    signs, layers = force_signs(priors, history), list(priors.layers.layers)
    return {
        "effects": effects,
        "predictions": predictions,
        "stacks": judge(history, signs, layers, within(progress, 0.2, 0.6)),
        "series": judge_series(history, priors, seed, within(progress, 0.6, 1.0)),
    }
