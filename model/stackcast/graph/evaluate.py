"""From draws of parameters to states, signal paths and observed rows, in NumPy, by the graph's own functions."""

from collections.abc import Mapping

import numpy as np

from stackcast.graph import paths
from stackcast.graph.data import ObservedData
from stackcast.graph.design import Design
from stackcast.graph.dynamics import State
from stackcast.graph.parameters import parameters
from stackcast.graph.paths import Params, noise, signal_paths
from stackcast.graph.shifts import SHIFTS, shift_of, shifts
from stackcast.likelihoods import FAMILIES
from stackcast.likelihoods.base import NUMPY

ROW_KEYS = ("y", "trials", "error", "side", "signal", "weight", *SHIFTS)


def with_data(p: Params, observed: ObservedData) -> dict[str, np.ndarray]:
    """Return draws together with the data that the paths read."""
    return dict(p) | {name: observed.data[name] for name in paths.DATA if name in observed.data}


def join_chains(parameters: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Join chains: (chain, draw, ...) becomes (draw, ...)."""
    return {name: a.reshape(-1, *a.shape[2:]) for name, a in parameters.items()}


def states(design: Design, p: Params) -> State:
    """Return the states (draw, quarter, component) of draws; ``p`` as of :func:`with_data`."""
    return paths.states(NUMPY, design, p)


def known_rows(observed: ObservedData, name: str) -> dict[str, np.ndarray]:
    """Return the arrays of one likelihood's rows, without the empty slots."""
    filled = observed.data[f"{name}_mask"] > 0
    return {key: observed.data[f"{name}_{key}"][filled] for key in ROW_KEYS}


def weigh(paths: np.ndarray, signal: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Average each row's signal over the quarters of its own period: (draw, row)."""
    out = np.empty((len(paths), len(signal)))  # from (draw, quarter, signal)
    for i, (s, w) in enumerate(zip(signal, weight, strict=True)):
        out[:, i] = paths[:, w > 0, s] @ w[w > 0]  # sum_t w_it mu_jt
    return out


def expected_rows(
    design: Design, observed: ObservedData, p: Params, path: State | None = None
) -> dict[str, tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]]:
    """Return, by likelihood, the rows' arrays, their expected latent values and their extra noise, (draw, row).

    ``path`` holds the states (draw, quarter, component), where they are known already.
    """
    p = with_data(p, observed)
    expected = signal_paths(NUMPY, design, p, path or states(design, p))
    scale, shared = noise(NUMPY, design, p), shifts(NUMPY, design, p)
    out = {}
    for name in design.likelihoods:
        rows = known_rows(observed, name)
        mu = weigh(expected, rows["signal"], rows["weight"]) + shift_of(shared, rows["signal"], rows)
        out[name] = (rows, mu, scale[..., rows["signal"]])
    return out


def observation_moments(
    design: Design, observed: ObservedData, p: Params, path: State | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the expected latent value and the sd of every observed row, (draw, row)."""
    mus, sds = [], []
    for name, (rows, mu, scale) in expected_rows(design, observed, p, path).items():
        mus.append(mu)
        sds.append(FAMILIES[name].sd(mu, scale, rows["trials"], rows["error"]))
    return np.concatenate(mus, axis=-1), np.concatenate(sds, axis=-1)


def log_likelihood(design: Design, observed: ObservedData, p: Params) -> np.ndarray:
    """Return the pointwise log likelihood (draw, row), rows in the order of ``observed.rows``."""
    out = np.empty((len(next(iter(p.values()))), len(observed.rows)))
    for name, (rows, mu, scale) in expected_rows(design, observed, p).items():
        places = np.flatnonzero(observed.rows["likelihood"].to_numpy() == name)
        arguments = (rows[key] for key in ("y", "trials", "error", "side"))
        out[:, places] = FAMILIES[name].logp(NUMPY, *arguments, mu, scale)
    return out


def log_prior(design: Design, observed: ObservedData, p: Params) -> dict[str, np.ndarray]:
    """Return the log prior density of every parameter, (draw, own dims)."""
    out = {}
    for q in parameters(design, observed.data):
        out[q.name] = q.logpdf(p)
    return out
