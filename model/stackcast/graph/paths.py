"""From free parameters to the paths of states and signals, in arithmetic that NumPy and PyTensor share.

Every function takes ``p``, a mapping from parameter names to arrays. In the graph these are tensors with the
parameter's own dims; afterwards they are NumPy arrays with leading draw axes. Nothing here differs between the two.
"""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from stackcast.graph.design import Design
from stackcast.graph.dynamics import Dynamics, Facets, State, impulse_responses, innovation_sd, transition
from stackcast.likelihoods import FAMILIES

Params = Mapping[str, Any]


def dynamics(xp: SimpleNamespace, design: Design, p: Params) -> Dynamics:
    """Return the parameters of the step function."""
    share = design.is_share
    kind = p["innovation_sd_share"][..., None] * share + p["innovation_sd_gap"][..., None] * (1.0 - share)
    onto = np.array([[float(f == name) for f in design.facets] for name in design.pulled])
    return Dynamics(
        speed=1.0 - 0.5 ** (1.0 / p["half_life"]),
        innovation_sd=kind * xp.exp(design.priors.measurement.scales.innovation_sd_spread.value * p["innovation_sd_z"]),
        response=p["slope_response"][..., None] * share,
        pull=p["gap_pull"] @ onto,
    )


def claim_paths(design: Design, p: Params) -> Any:
    """Return the claims (quarter, factor); ``p`` holds the data ``claim_mean`` besides the free parameters."""
    size, keep = design.grid.size, design.wiring.factor_memory
    first = (np.arange(size) == 0)[:, None]
    fresh = np.where(first, 1.0, innovation_sd(keep)) * p["claim_shock"]
    left = impulse_responses(keep, size) @ fresh.swapaxes(-1, -2)[..., None]
    return p["claim_mean"][..., None, :] + left[..., 0].swapaxes(-1, -2)


def deviation_paths(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return the deviations (quarter, deviating)."""
    moves = deviation_spread(design, p) * deviation_shocks(xp, design, p)
    return impulse_responses(design.wiring.deviation_memory, design.grid.size) @ moves


def targets(design: Design, p: Params, theta: Any) -> Any:
    """Return where the claims would bring each facet to rest (quarter, facet); ``effect_factor`` is data in ``p``."""
    start, end = design.edge_ends
    effect = start @ ((p["effect"] * p["effect_multiplier"])[..., None] * end)
    return p["equilibrium"][..., None, :] + theta @ effect


def facet_start(design: Design, p: Params, d: Dynamics) -> Facets:
    """Return the facets in their first quarter."""
    spread = d.response * d.innovation_sd / innovation_sd(design.wiring.slope_memory)
    return Facets(p["equilibrium"] + start_spread(design) * p["start_z"], spread * p["slope_z"])


def start_spread(design: Design) -> np.ndarray:
    """Return the sd of each facet's first quarter around its resting point, (facet)."""
    s = design.priors.measurement.scales
    return np.asarray(s.start_share.value * design.is_share + s.start_gap.value * (1.0 - design.is_share))


def states(xp: SimpleNamespace, design: Design, p: Params) -> State:
    """Return the states (quarter, component) of every quarter.

    ``p`` holds, besides the free parameters, the data ``claim_mean`` and ``effect_factor``.
    """
    theta, d = claim_paths(design, p), dynamics(xp, design, p)
    shock, active = facet_shocks(xp, design, p), design.active

    def advance(shock: Any, target: Any, active: Any, eta: Any, slope: Any, *given: Any) -> Facets:
        return transition(Facets(eta, slope), shock, target, active, Dynamics(*given), design.wiring)

    start = facet_start(design, p, d)
    sequences = (shock[..., 1:, :], targets(design, p, theta)[..., :-1, :], active[1:])
    facets = joined(xp, start, xp.unfold(advance, start, sequences, d))
    return State(facets.eta, facets.slope, theta, deviation_paths(xp, design, p))


def joined(xp: SimpleNamespace, start: Facets, later: Sequence[Any]) -> Facets:
    """Put the first quarter before the later ones."""
    parts = zip(start, later, strict=True)
    return Facets(*(xp.concatenate([first[..., None, :], rest], axis=-2) for first, rest in parts))


def facet_shocks(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return the facets' innovations (quarter, facet), zero until a facet lives."""
    return _placed(xp, p["facet_shock"], design.facet_nodes, (design.grid.size, len(design.facets)))


def deviation_shocks(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return the deviations' standard innovations (quarter, deviating), zero before a signal's first row."""
    return _placed(xp, p["deviation_shock"], design.deviation_nodes, (design.grid.size, len(design.deviating)))


def deviation_spread(design: Design, p: Params) -> Any:
    """Return the sd of the deviations' innovations (quarter, deviating): zero before a signal's first row."""
    fresh = np.zeros((design.grid.size, len(design.deviating)))
    for k, first in enumerate(design.deviation_start.values()):
        fresh[first, k] = 1.0
        fresh[first + 1 :, k] = innovation_sd(design.wiring.deviation_memory)
    return p["deviation_sd"][..., None, :] * fresh


def _placed(xp: SimpleNamespace, x: Any, nodes: Sequence[tuple[int, int]], shape: tuple[int, int]) -> Any:
    place = np.full(shape, len(nodes))
    place[tuple(np.array(nodes).T)] = np.arange(len(nodes))
    return _with_zero(xp, x)[..., place]


def base(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return what each signal reads when its facet or claim stands at zero: neutral reading or house effect."""
    signs = np.array([design.signals[slug].measures.sign for slug in design.secondary_signals])
    place = np.full(len(design.slugs), len(design.secondary_signals) + len(design.indicators))
    for i, slug in enumerate((*design.secondary_signals, *design.indicators)):
        place[design.slugs.index(slug)] = i
    return _with_zero(xp, xp.concatenate([signs * p["house"], p["intercept"]], axis=-1))[..., place]


def loadings(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return how far each signal moves with one unit of what it measures, signed."""
    place = np.full(len(design.slugs), len(design.free_loadings))
    for i, slug in enumerate(design.free_loadings):
        place[design.slugs.index(slug)] = i
    signs = np.array([d.measures.sign for d in design.signals.values()])
    ones = xp.ones_like(p["loading"][..., :1])
    return signs * xp.concatenate([p["loading"], ones], axis=-1)[..., place]


def noise(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return the extra noise sd of each signal."""
    s = design.priors.measurement.scales
    kind = np.array([list(FAMILIES).index(d.likelihood) for d in design.signals.values()])
    place = np.full(len(design.slugs), len(design.own_noise))
    for i, slug in enumerate(design.own_noise):
        place[design.slugs.index(slug)] = i
    own = _with_zero(xp, p["noise_z"])[..., place]
    return p["noise"][..., kind] * xp.exp(s.noise_spread.value * own)


def shared_errors(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return the error (quarter, signal) that the cuts of one table share, tilted by what speaks for openness."""
    nodes = {node: i for i, node in enumerate(design.family_nodes)}
    families = [d.family for d in design.signals.values()]
    place = np.array([[nodes.get((f, q.year), len(nodes)) for f in families] for q in design.grid.quarters])
    openness_sign = np.array([design.openness_sign(slug) for slug in design.slugs])
    return openness_sign * _with_zero(xp, p["family_sd"][..., None] * p["family_shock"])[..., place]


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
    targets = [*design.facets, *design.factors]
    target = np.array([targets.index(d.measures.target) for d in design.signals.values()])
    own = [design.deviating.index(s) if s in design.deviation_start else len(design.deviating) for s in design.slugs]
    latent = xp.concatenate([states.eta, states.theta], axis=-1)[..., target]
    deviation = _with_zero(xp, states.deviation)[..., np.array(own)]
    return loadings(xp, design, p)[..., None, :] * latent + deviation + shared_errors(xp, design, p)


def _with_zero(xp: SimpleNamespace, x: Any) -> Any:
    return xp.concatenate([x, xp.zeros_like(x[..., :1])], axis=-1)
