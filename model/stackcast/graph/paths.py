"""From free parameters to the paths of states and signals, in arithmetic that NumPy and PyTensor share.

Every function takes ``p``, a mapping from parameter names to arrays. In the graph these are tensors with the
parameter's own dims; afterwards they are NumPy arrays with leading draw axes. Nothing here differs between the two, and
a parameter that does not exist is read as by :mod:`stackcast.graph.gather`. Greek letters in comments are those of
:mod:`stackcast.graph.dynamics`; ``...`` stands for the draw axes.
"""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from stackcast.graph.design import Design
from stackcast.graph.dynamics import Dynamics, Facets, State, factor_sd, impulse_responses, innovation_sd, transition
from stackcast.graph.gather import concatenate, gather, places

Params = Mapping[str, Any]
PAST = ("force_mean", "force_factor", "transfer_sd", "edge_rating", "edge_unit")
"""Data of earlier stacks; only where the priors have history."""
DATA = ("claim_mean", "effect_multiplier", "equilibrium_mean", "equilibrium_sd", *PAST)
"""Data that are read from ``p`` beside the free parameters; the second only where claims have effects."""


def dynamics(xp: SimpleNamespace, design: Design, p: Params) -> Dynamics:
    """Return the parameters of the transition."""
    share, spread = design.is_share, design.priors.measurement.scales.innovation_sd_spread.value
    typical = p["innovation_sd_share"][..., None] * share  # (..., facet)
    if design.gaps:
        typical = typical + p["innovation_sd_gap"][..., None] * (1.0 - share)
    return Dynamics(
        speed=1.0 - 0.5 ** (1.0 / p["half_life"]),  # kappa
        innovation_sd=typical * xp.exp(spread * p["innovation_sd_z"]),  # sigma
        response=p["slope_response"][..., None] * share,  # beta
        pulls=tuple(p["gap_pull"] @ onto for onto in design.pulling.values()),  # g_k: (..., pulled) to (..., facet)
    )


def claim_paths(design: Design, p: Params) -> Any:
    """Return the claims (quarter, factor); ``p`` holds the data ``claim_mean`` besides the free parameters."""
    size, rho = design.grid.size, design.wiring.factor_memory
    scaled = factor_sd(design.wiring, size) * p["claim_shock"]  # omega
    # (factor, later, quarter) @ (..., factor, quarter, 1): each factor's responses sum its own innovations
    departure = impulse_responses(rho, size) @ scaled.swapaxes(-1, -2)[..., None]
    return p["claim_mean"][..., None, :] + departure[..., 0].swapaxes(-1, -2)  # m + (theta - m)


def deviation_paths(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return the deviations (quarter, deviating)."""
    if not design.deviating:
        return np.zeros((design.grid.size, 0))
    scaled = deviation_spread(design, p) * deviation_shocks(xp, design, p)
    return impulse_responses(design.wiring.deviation_memory, design.grid.size) @ scaled  # over quarters


def effect_sizes(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return the size of every effect, (..., edge), without its sign: declared ones, and those of earlier stacks.

    In logit: of a declared effect with one prior sd of the claim, of another with one sd between earlier stacks.
    """
    if not design.transferred:
        return p["effect"]
    log_size = p["force_mean"] + p["force_z"] @ p["force_factor"].T  # log lambda, (..., force)
    place = places([force.name for _, force in design.transferred], design.forces)
    moved = xp.exp(log_size[..., place] + p["transfer_sd"] * p["transfer_z"])  # (..., transferred_edge)
    coords = design.coords()
    return gather(
        xp,
        concatenate(xp, [p.get("effect"), moved]),
        places(coords["edge"], [*coords["declared_edge"], *coords["transferred_edge"]]),
    )


def effects(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return the effect of one prior sd of each edge's claim, (..., edge), without its sign: the Lambda of a path."""
    if not design.transferred:
        return p["effect"] * p["effect_multiplier"]
    return effect_sizes(xp, design, p) * p["effect_multiplier"] * p["edge_unit"]  # u lambda


def resting_points(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return where each facet rests while its claims are neutral, (..., facet): alpha, and its category's ratings."""
    if not design.transferred:
        return p["equilibrium"]
    _, end = design.edge_ends
    rated = effect_sizes(xp, design, p) * p["effect_multiplier"] * p["edge_rating"]  # lambda x, (..., edge)
    return p["equilibrium"] + rated @ end


def targets(xp: SimpleNamespace, design: Design, p: Params, theta: Any) -> Any:
    """Return where the claims would bring each facet to rest (quarter, facet), alpha + Lambda theta."""
    alpha = resting_points(xp, design, p)[..., None, :]
    if not design.edges:
        return alpha + np.zeros((design.grid.size, 1))  # the same in every quarter
    start, end = design.edge_ends
    # (factor, edge) @ ((..., edge, 1) * (edge, facet)): Lambda, (..., factor, facet)
    loading = start @ (effects(xp, design, p)[..., None] * end)
    return alpha + theta @ loading


def facet_start(xp: SimpleNamespace, design: Design, p: Params, d: Dynamics) -> Facets:
    """Return the facets in their first quarter."""
    spread = d.response * d.innovation_sd / innovation_sd(design.wiring.slope_memory)  # stationary sd of the slope
    return Facets(resting_points(xp, design, p) + start_spread(design) * p["start_z"], spread * p["slope_z"])


def start_spread(design: Design) -> np.ndarray:
    """Return the sd of each facet's first quarter around its equilibrium, (facet)."""
    s = design.priors.measurement.scales
    return np.asarray(s.start_share.value * design.is_share + s.start_gap.value * (1.0 - design.is_share))


def states(xp: SimpleNamespace, design: Design, p: Params) -> State:
    """Return the states (quarter, component) of every quarter; ``p`` holds :data:`DATA` besides the parameters."""
    theta, d = claim_paths(design, p), dynamics(xp, design, p)
    shock, active = facet_shocks(xp, design, p), design.active

    def advance(shock: Any, target: Any, active: Any, eta: Any, slope: Any, *fixed: Any) -> Facets:
        return transition(Facets(eta, slope), shock, target, active, Dynamics.of(*fixed), design.wiring)

    start = facet_start(xp, design, p, d)
    # quarter t + 1 comes from its own shock and the target of quarter t
    sequences = (shock[..., 1:, :], targets(xp, design, p, theta)[..., :-1, :], active[1:])
    facets = joined(xp, start, xp.unfold(advance, start, sequences, d.arrays()))
    return State(facets.eta, facets.slope, theta, deviation_paths(xp, design, p))


def joined(xp: SimpleNamespace, start: Facets, later: Sequence[Any]) -> Facets:
    """Put the first quarter (..., facet) before the later ones (..., quarter, facet)."""
    parts = zip(start, later, strict=True)
    return Facets(*(xp.concatenate([first[..., None, :], rest], axis=-2) for first, rest in parts))


def facet_shocks(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return the facets' innovations epsilon (quarter, facet), zero until a facet is active."""
    shape = (design.grid.size, len(design.facets))
    return gather(xp, p.get("facet_shock"), _node_places(design.facet_nodes, shape))


def deviation_shocks(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return the deviations' innovations nu (quarter, deviating), zero before a signal's first row."""
    shape = (design.grid.size, len(design.deviating))
    return gather(xp, p.get("deviation_shock"), _node_places(design.deviation_nodes, shape))


def _node_places(nodes: Sequence[tuple[int, int]], shape: tuple[int, int]) -> np.ndarray:
    """Return the number of each node in a table of quarters and series, and theirs where there is no node."""
    place = np.full(shape, len(nodes))
    for number, node in enumerate(nodes):
        place[node] = number
    return place


def deviation_spread(design: Design, p: Params) -> Any:
    """Return the sd of the deviations' innovations (quarter, deviating): zero before a signal's first row."""
    unit = np.zeros((design.grid.size, len(design.deviating)))
    for k, first in enumerate(design.deviation_start.values()):
        unit[first, k] = 1.0  # stationary in its first quarter
        unit[first + 1 :, k] = innovation_sd(design.wiring.deviation_memory)  # sqrt(1 - rho_u^2)
    return p["deviation_sd"][..., None, :] * unit  # tau


def base(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return what each signal reads when its facet or claim is zero, (signal): house effect or intercept, or zero."""
    sign = np.array([design.signals[slug].measures.sign for slug in design.secondary_signals])
    drawn = [sign * p["house"] if design.secondary_signals else None, p.get("intercept")]
    place = places(design.slugs, [*design.secondary_signals, *design.indicators])
    return gather(xp, concatenate(xp, drawn), place)


def loadings(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return how far each signal moves with one unit of what it measures, signed, (signal); one where it is fixed."""
    sign = np.array([d.measures.sign for d in design.signals.values()])
    return sign * gather(xp, p.get("loading"), places(design.slugs, design.free_loadings), missing=1.0)


def noise(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return the extra noise sd of each signal, (signal)."""
    spread = design.priors.measurement.scales.noise_spread.value
    kind = places([d.likelihood for d in design.signals.values()], design.likelihoods)
    own = gather(xp, p.get("noise_z"), places(design.slugs, design.own_noise))
    return p["noise"][..., kind] * xp.exp(spread * own)


def shared_errors(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return the error (quarter, signal) that the cuts of one table share, signed toward the side ``high``."""
    node = {node: i for i, node in enumerate(design.family_nodes)}
    families = [d.family for d in design.signals.values()]
    place = np.array([[node.get((f, q.year), len(node)) for f in families] for q in design.grid.quarters])
    sign = np.array([design.openness_sign(slug) for slug in design.slugs])
    drawn = p["family_sd"][..., None] * p["family_shock"] if node else None
    return sign * gather(xp, drawn, place)


def signal_paths(xp: SimpleNamespace, design: Design, p: Params, states: State) -> Any:
    """Return the expected latent value (quarter, signal) of every signal.

    Parameters
    ----------
    states
        Components last, quarter second to last: ``eta``, ``theta`` and ``deviation`` are read.
    """
    return base(xp, design, p)[..., None, :] + movements(xp, design, p, states)


def movements(xp: SimpleNamespace, design: Design, p: Params, states: State) -> Any:
    """Return what moves each signal (quarter, signal): its facet or claim, its deviation, the error that cuts share."""
    target = places([d.measures.target for d in design.signals.values()], [*design.facets, *design.factors])
    latent = xp.concatenate([states.eta, states.theta], axis=-1)[..., target]  # (..., quarter, signal)
    drawn = states.deviation if design.deviating else None
    deviation = gather(xp, drawn, places(design.slugs, design.deviating))  # u
    return loadings(xp, design, p)[..., None, :] * latent + deviation + shared_errors(xp, design, p)
