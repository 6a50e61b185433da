"""Leave-one-out predictive checks: each fitted observation against its forecast from all others.

States through time are flexible enough to follow the observations, so intervals of plain replicates hold nearly all of
them whatever the noise. Pareto-smoothed importance sampling removes each observation's own likelihood (Vehtari,
Gelman and Gabry 2017, Statistics and Computing 27:1413; Vehtari et al. 2024, JMLR 25:72).
"""

import numpy as np


def loo_pit(log_likelihood: np.ndarray, replicates: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each observation's leave-one-out probability integral transform, and its Pareto k-hat.

    Parameters
    ----------
    log_likelihood, replicates
        (draw, row).
    values
        (row) the observations, on the scale of the replicates. Ties count half.
    """
    from arviz_stats.base import array_stats

    log_weights, k_hat = array_stats.psislw(log_likelihood.T, axis=-1)
    weights = np.exp(log_weights.T - log_weights.max(axis=-1))
    weights /= weights.sum(axis=0)
    below = (replicates < values) + 0.5 * (replicates == values)
    return (weights * below).sum(axis=0), np.asarray(k_hat)
