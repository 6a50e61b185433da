"""What ``posterior.nc`` holds: a run's draws in the groups and under the names that ArviZ expects."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from stackcast.forecast.claims import claim_values
from stackcast.forecast.future import Trajectories
from stackcast.forecast.openness import layer_values, printed_values, scales
from stackcast.forecast.predict import replicate_rows
from stackcast.forecast.tables import TableInputs
from stackcast.graph.data import sides
from stackcast.graph.design import Design
from stackcast.graph.parameters import parameters

CHAIN, DRAW, QUARTER, ROW, OUTCOME = "chain", "draw", "quarter", "observation", "y"
GRAPH_QUARTER = "graph_quarter"
"""The quarters of the graph's parameters; ``quarter`` runs on to the horizon."""
PRIOR_DRAWS = 1000
"""At most so many draws of the prior are stored."""
FINEST = 2.0**-20
"""Log likelihoods are stored in steps of this size, about a millionth: so they pack to half."""

type Arrays = Mapping[str, np.ndarray]


def posterior_tree(
    design: Design, e: TableInputs, drawn: Arrays, stats: Arrays, prior: Arrays, log_prior: Arrays
) -> xr.DataTree:
    """Return the content of ``posterior.nc``, described in ``docs/run-folder.md``.

    Parameters
    ----------
    design
        The graph that was sampled.
    e
        Trajectories of posterior and prior to the horizon, with the posterior's log likelihood.
    drawn, stats
        Parameters by name (chain, draw, own dims), and the sampler's statistics (chain, draw).
    prior
        Parameters of the prior, (draw, own dims).
    log_prior
        Log prior densities of the posterior's draws by parameter, (draw, own dims) of all chains.
    """
    chains, draws = stats["diverging"].shape
    few = min(PRIOR_DRAWS, len(e.prior.noise))
    before = {n: array[None, :few].astype("float32") for n, array in prior.items()}  # (draw, ...) to (chain, draw, ...)
    prior_figures = replicate_rows(e.prior, e.observed, e.settings.seed)[:few]
    densities = {name: array.reshape(chains, draws, -1).sum(axis=-1) for name, array in log_prior.items()}
    assert e.log_likelihood is not None
    pointwise = np.round(e.log_likelihood / FINEST) * FINEST
    tree = xr.DataTree.from_dict(
        {
            "posterior": _distribution(design, e, e.posterior, drawn),
            "posterior_predictive": _rows(design, e, e.replicates.reshape(chains, draws, -1).astype("float32")),
            "prior": _distribution(design, e, e.prior, before),
            "prior_predictive": _rows(design, e, prior_figures[None].astype("float32")),
            "sample_stats": _by_draw(stats),
            "log_likelihood": _rows(design, e, pointwise.reshape(chains, draws, -1)),
            "log_prior": _by_draw(densities),
            "observed_data": _rows(design, e, e.observed.rows["value"].to_numpy("float32")),
        }
    )
    tree.attrs = {
        "as_of": e.observed.as_of.isoformat(),
        "prior_scenario": e.observed.prior_scenario,
        "effects_on": int(e.observed.effects_on),
    }
    return tree


def _distribution(design: Design, e: TableInputs, trajectories: Trajectories, drawn: Arrays) -> xr.Dataset:
    """Return parameters, and beside them facets, layers and claims by quarter to the horizon."""
    chains, draws = next(iter(drawn.values())).shape[:2]
    graph, table, gaps = design.coords(), parameters(design), scales(design.priors.facets)
    dims = {q.name: [GRAPH_QUARTER if dim == QUARTER else dim for dim in q.dims] for q in table}
    labels = {GRAPH_QUARTER if dim == QUARTER else dim: graph[dim] for q in table for dim in q.dims}
    variables = {name: ((CHAIN, DRAW, *dims[name]), array) for name, array in drawn.items()}
    facets = printed_values(trajectories.states.eta, design.facets, gaps)
    paths = {
        ("facets", "facet"): facets,
        ("layers", "layer"): layer_values(facets, e.weights),
        ("claims", "claim"): claim_values(trajectories),
    }
    for (name, dim), values in paths.items():
        stacked = np.stack(list(values.values()), axis=-1, dtype="float32")[: chains * draws]
        by_chain = stacked.reshape(chains, draws, *stacked.shape[1:])  # (draw, quarter, dim) to (chain, draw, ...)
        variables[name], labels[dim] = ((CHAIN, DRAW, QUARTER, dim), by_chain), list(values)
    grid = trajectories.design.grid
    more = {
        "date": (QUARTER, [quarter.end.isoformat() for quarter in grid.quarters]),
        "unit": ("facet", [gaps[name].unit if name in gaps else design.priors.debate.share for name in design.facets]),
    }
    return xr.Dataset(variables, _numbered(chains, draws) | {QUARTER: grid.labels} | labels | more)


def _rows(design: Design, e: TableInputs, values: np.ndarray) -> xr.Dataset:
    """Return values of the fitted rows, (row) or (chain, draw, row), with what a reader selects rows by."""
    rows, dims = e.observed.rows, (CHAIN, DRAW, ROW)[3 - values.ndim :]
    of_row = {
        ROW: rows["id"].tolist(),
        "signal": (ROW, rows["signal"].tolist()),
        "likelihood": (ROW, rows["likelihood"].tolist()),
        "side": (ROW, sides(design, e.observed)),
    }
    return xr.Dataset({OUTCOME: (dims, values)}, (_numbered(*values.shape[:2]) if values.ndim == 3 else {}) | of_row)


def _by_draw(values: Arrays) -> xr.Dataset:
    shape = next(iter(values.values())).shape
    return xr.Dataset({name: ((CHAIN, DRAW), array) for name, array in values.items()}, _numbered(*shape))


def _numbered(chains: int, draws: int) -> dict[str, np.ndarray]:
    return {CHAIN: np.arange(chains), DRAW: np.arange(draws)}
