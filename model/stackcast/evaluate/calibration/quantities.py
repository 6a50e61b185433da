"""The ranked quantities: claims, facets, layers at three dates, parameters, and the joint log likelihood."""

from collections.abc import Mapping

import numpy as np

from stackcast.forecast.claims import claim_values
from stackcast.forecast.future import Trajectories
from stackcast.forecast.openness import declared_weights, facet_values, layer_values
from stackcast.graph.data import ObservedData
from stackcast.graph.design import Design
from stackcast.graph.parameters import INNOVATIONS
from stackcast.quarters import Quarter

KINDS = ("claims", "facets", "layers", "scales", "likelihood")
JOINT = "log likelihood"
Quantities = dict[str, dict[str, np.ndarray]]


def quantities(
    trajectories: Trajectories, observed: ObservedData, log_likelihood: np.ndarray, later: Quarter
) -> Quantities:
    """Return every ranked quantity, (draw), by kind and label.

    States are taken in the middle of their own record, at the as-of quarter, and at a later one, so that forecasts are
    ranked too.

    Parameters
    ----------
    trajectories
        Draws to a horizon.
    observed
        The observation design.
    log_likelihood
        (draw, row).
    later
        A quarter of the future, up to the horizon.
    """
    design = trajectories.design
    facets, claims = facet_values(trajectories), claim_values(trajectories)
    layers = layer_values(facets, declared_weights(design.priors))
    middles = middle_of_record(design, observed)
    at = {"now": trajectories.now_index, str(later): design.grid.index(later)}

    def by_date(paths: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        out: dict[str, np.ndarray] = {}
        for name, path in paths.items():
            places = {"middle": middles[name], **at} if name in middles else at
            out |= {f"{name}, {word}": path[:, t] for word, t in places.items()}
        return out

    return {
        "claims": by_date(claims),
        "facets": by_date(facets),
        "layers": by_date(layers),
        "scales": parameters_by_label(design, trajectories.params),
        "likelihood": {JOINT: log_likelihood.sum(axis=1)},
    }


def parameters_by_label(design: Design, p: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return every parameter but the innovations, one entry an element, (draw)."""
    from stackcast.graph.parameters import parameters

    coords = design.coords()
    out: dict[str, np.ndarray] = {}
    for q in parameters(design):
        if q.name in INNOVATIONS:
            continue
        labels = coords[q.dims[0]] if q.dims else [""]
        columns = p[q.name].reshape(len(p[q.name]), -1).T
        out |= {f"{q.name}[{label}]" if label else q.name: x for label, x in zip(labels, columns, strict=True)}
    return out


def middle_of_record(design: Design, observed: ObservedData) -> dict[str, int]:
    """Return the median quarter (index) of the rows of each facet and factor that has any."""
    weight: dict[str, np.ndarray] = {}
    for name in observed.likelihoods:
        filled = observed.data[f"{name}_mask"] > 0
        for s, w in zip(observed.data[f"{name}_signal"][filled], observed.data[f"{name}_weight"][filled], strict=True):
            target = design.signals[design.slugs[s]].measures.target
            weight[target] = weight.get(target, 0.0) + w
    return {name: int(np.searchsorted(np.cumsum(w), w.sum() / 2)) for name, w in weight.items()}
