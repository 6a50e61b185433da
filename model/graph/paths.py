"""From free parameters to the paths of states and signals, in arithmetic that NumPy and PyTensor share.

Every function takes ``p``, a mapping from parameter names to arrays. In the graph these are tensors with the
parameter's own dims; afterwards they are NumPy arrays with leading draw axes. Nothing here differs between the two.
"""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from model.families import FAMILIES
from model.graph.design import Design
from model.graph.dynamics import Dynamics, Shock, State, step

Params = Mapping[str, Any]


def dynamics(xp: SimpleNamespace, design: Design, p: Params) -> Dynamics:
    """Return the parameters of the step function.

    ``p`` holds, besides the free parameters, the data ``claim_mean`` and ``effect_factor``.
    """
    s = design.priors.measurement.scales
    share = design.is_share
    kind = p["step_share"][..., None] * share + p["step_gap"][..., None] * (1.0 - share)
    start, end = design.edge_ends
    onto = np.array([[float(f == name) for f in design.facets] for name in design.pulled])
    return Dynamics(
        rest=p["rest"],
        speed=1.0 - 0.5 ** (1.0 / p["half_life"]),
        step=kind * xp.exp(s.step_spread.value * p["step_z"]),
        response=p["slope_response"][..., None] * share,
        effect=start @ ((p["effect"] * p["effect_factor"])[..., None] * end),
        pull=p["gap_pull"] @ onto,
        mean=p["claim_mean"],
    )


def shocks(xp: SimpleNamespace, design: Design, p: Params) -> tuple[State, Shock]:
    """Return the state of the first quarter and the shocks of all later ones.

    Returns
    -------
    State, Shock
        Components last; the shocks have their quarter as second to last axis.
    """
    d = dynamics(xp, design, p)
    spread = d.response * d.step / np.sqrt(1.0 - design.wiring.slope_memory**2)
    wander = wander_shocks(xp, design, p)
    start = State(
        eta=d.rest + facet_start_spread(design) * p["start_z"],
        slope=spread * p["slope_z"],
        theta=d.mean + p["claim_shock"][..., 0, :],
        wander=wander[..., 0, :],
    )
    facet, alive = facet_shocks(xp, design, p)
    return start, Shock(facet[..., 1:, :], p["claim_shock"][..., 1:, :], wander[..., 1:, :], alive[1:])


def facet_start_spread(design: Design) -> np.ndarray:
    """Return the sd of each facet's first quarter around its resting point, (facet)."""
    s = design.priors.measurement.scales
    return np.asarray(s.start_share.value * design.is_share + s.start_gap.value * (1.0 - design.is_share))


def states(xp: SimpleNamespace, design: Design, p: Params) -> State:
    """Return the states (quarter, component) of every quarter: the step function, run over the shocks."""
    start, innovations = shocks(xp, design, p)

    def advance(*given: Any) -> State:
        shock, given = Shock(*given[: len(Shock._fields)]), given[len(Shock._fields) :]
        state, fixed = State(*given[: len(State._fields)]), Dynamics(*given[len(State._fields) :])
        return step(state, shock, fixed, design.wiring)

    return joined(xp, start, xp.unfold(advance, start, innovations, dynamics(xp, design, p)))


def joined(xp: SimpleNamespace, start: State, later: Sequence[Any]) -> State:
    """Put the first quarter before the later ones."""
    parts = zip(start, later, strict=True)
    return State(*(xp.concatenate([first[..., None, :], rest], axis=-2) for first, rest in parts))


def facet_shocks(xp: SimpleNamespace, design: Design, p: Params) -> tuple[Any, np.ndarray]:
    """Return the facets' innovations (quarter, facet), zero until a facet lives, and which live when."""
    nodes = design.facet_nodes
    place = np.full((design.grid.size, len(design.facets)), len(nodes))
    for i, (t, f) in enumerate(nodes):
        place[t, f] = i
    return _with_zero(xp, p["facet_shock"])[..., place], (place < len(nodes)).astype(float)


def wander_shocks(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return the wanders' scaled innovations (quarter, wanderer): zero outside a signal's span."""
    nodes = design.wander_nodes
    place = np.full((design.grid.size, len(design.wanderers)), len(nodes))
    fresh = np.empty(len(nodes))
    starts = [first for first, _ in design.wander_span.values()]
    for i, (t, k) in enumerate(nodes):
        place[t, k] = i
        fresh[i] = 1.0 if t == starts[k] else np.sqrt(1.0 - design.wiring.wander_memory**2)
    owner = np.array([k for _, k in nodes], dtype=int)
    scaled = p["wander_sd"][..., owner] * fresh * p["wander_shock"]
    return _with_zero(xp, scaled)[..., place]


def base(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return what each signal reads when its facet or claim stands at zero: neutral reading or house effect."""
    signs = np.array([design.signals[slug].measures.sign for slug in design.sources])
    place = np.full(len(design.slugs), len(design.sources) + len(design.indicators))
    for i, slug in enumerate((*design.sources, *design.indicators)):
        place[design.slugs.index(slug)] = i
    return _with_zero(xp, xp.concatenate([signs * p["house"], p["intercept"]], axis=-1))[..., place]


def loadings(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return how far each signal moves with one unit of what it measures, signed."""
    place = np.full(len(design.slugs), len(design.scaled))
    for i, slug in enumerate(design.scaled):
        place[design.slugs.index(slug)] = i
    signs = np.array([d.measures.sign for d in design.signals.values()])
    ones = xp.ones_like(p["loading"][..., :1])
    return signs * xp.concatenate([p["loading"], ones], axis=-1)[..., place]


def noise(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return the extra noise sd of each signal."""
    s = design.priors.measurement.scales
    kind = np.array([list(FAMILIES).index(d.likelihood) for d in design.signals.values()])
    place = np.full(len(design.slugs), len(design.noisy))
    for i, slug in enumerate(design.noisy):
        place[design.slugs.index(slug)] = i
    own = _with_zero(xp, p["noise_z"])[..., place]
    return p["noise"][..., kind] * xp.exp(s.noise_spread.value * own)


def shared_errors(xp: SimpleNamespace, design: Design, p: Params) -> Any:
    """Return the error (quarter, signal) that the cuts of one table share, tilted by what speaks for openness."""
    nodes = {node: i for i, node in enumerate(design.family_nodes)}
    families = [d.family for d in design.signals.values()]
    place = np.array([[nodes.get((f, q.year), len(nodes)) for f in families] for q in design.grid.quarters])
    tilt = np.array([design.tilt(slug) for slug in design.slugs])
    return tilt * _with_zero(xp, p["family_sd"][..., None] * p["family_shock"])[..., place]


def signal_paths(xp: SimpleNamespace, design: Design, p: Params, states: State) -> Any:
    """Return the expected latent value (quarter, signal) of every signal.

    Parameters
    ----------
    states
        Components last, quarter second to last: ``eta``, ``theta`` and ``wander`` are read.
    """
    targets = [*design.facets, *design.strands]
    target = np.array([targets.index(d.measures.target) for d in design.signals.values()])
    own = [design.wanderers.index(s) if s in design.wander_span else len(design.wanderers) for s in design.slugs]
    latent = xp.concatenate([states.eta, states.theta], axis=-1)[..., target]
    wander = _with_zero(xp, states.wander)[..., np.array(own)]
    level = base(xp, design, p)[..., None, :] + loadings(xp, design, p)[..., None, :] * latent
    return level + wander + shared_errors(xp, design, p)


def _with_zero(xp: SimpleNamespace, x: Any) -> Any:
    return xp.concatenate([x, xp.zeros_like(x[..., :1])], axis=-1)
