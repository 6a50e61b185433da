"""The model of `docs` once more, in plain loops over labels and days: it shares no code with `stackcast.graph`.

Slow and simple on purpose: what the graph expects of a row must be what these sums give.
"""

from datetime import timedelta
from itertools import pairwise
from math import exp, log, sqrt

import numpy as np


def quarter_of(day):
    return f"{day.year}-Q{(day.month + 2) // 3}"


def labelled(design, p, coords):
    """Return every parameter of the first draw as a mapping from labels to numbers."""
    from stackcast.graph.parameters import parameters

    out = {}
    for q in parameters(design):
        value = np.asarray(p[q.name][0])
        if not q.dims:
            out[q.name] = float(value)
        elif len(q.dims) == 1:
            out[q.name] = dict(zip(coords[q.dims[0]], value.tolist(), strict=True))
        else:
            rows, columns = (coords[d] for d in q.dims)
            out[q.name] = {(r, c): value[i, j] for i, r in enumerate(rows) for j, c in enumerate(columns)}
    return out


def effects_of(project, v, prior_scenario):
    """Return every effect by (factor, facet): how far a claim at one moves a facet, and how far the rating does."""
    priors, history, out = project.priors, project.priors.history, {}
    for claim, content in priors.claims.items():
        for c, factor in content.factors(claim).items():
            by = prior_scenario.multipliers[c]
            for e in factor.effects:
                label = f"{c} -> {e.facet}"
                if label in v.get("effect", {}):
                    out[c, e.facet] = e.sign * by * v["effect"][label], 0.0
            if history is None or claim not in history.effects.forces or factor.side != content.side:
                continue
            i = history.effects.forces.index(claim)
            log_size = history.effects.log_mean[i]
            for j, force in enumerate(history.effects.forces[: i + 1]):
                log_size += history.effects.factor[i, j] * v["force_z"][force]
            for f, facet in priors.facets.items():
                if facet.kind != "share" or not (facet.category or f in (e.facet for e in factor.effects)):
                    continue
                known = history.categories.get(facet.category)
                spread = history.transfer_sd if known is None else known.transfer_sd
                size = exp(log_size + spread * v["transfer_z"][f"{c} -> {f}"]) * by
                size *= 1 if content.side == priors.debate.sides.high.name else -1
                out[c, f] = size * history.unit.value, 0.0 if known is None else size * known.ratings[claim]
    return out


def paths(project, design, p, prior_scenario):
    """Return facets and claims by (name, quarter), and the labelled parameters."""
    coords = design.coords()
    v = labelled(design, p, coords)
    scales = project.priors.measurement.scales
    facets, factors, quarters = project.priors.facets, project.priors.factors, coords["quarter"]
    fade = 0.5 ** (1 / scales.slope_half_life.value)
    eta, slope, theta, sigma, beta, rest = {}, {}, {}, {}, {}, {}
    effects = effects_of(project, v, prior_scenario)
    for f, d in facets.items():
        typical = v["innovation_sd_share"] if d.kind == "share" else v["innovation_sd_gap"]
        sigma[f] = typical * exp(scales.innovation_sd_spread.value * v["innovation_sd_z"][f])
        beta[f] = v["slope_response"] if d.kind == "share" else 0.0
        around = scales.start_share.value if d.kind == "share" else scales.start_gap.value
        rest[f] = v["equilibrium"][f] + sum(rated for (_, g), (_, rated) in effects.items() if g == f)
        eta[f, quarters[0]] = rest[f] + around * v["start_z"][f]
        slope[f, quarters[0]] = beta[f] * sigma[f] / sqrt(1 - fade**2) * v["slope_z"][f]
    for c in factors:
        theta[c, quarters[0]] = prior_scenario.means[c] + v["claim_shock"][quarters[0], c]
    for before, now in pairwise(quarters):
        for c, factor in factors.items():
            rho = 0.5 ** (1 / factor.half_life)
            fresh = sqrt(1 - rho**2) * v["claim_shock"][now, c]
            theta[c, now] = prior_scenario.means[c] + rho * (theta[c, before] - prior_scenario.means[c]) + fresh
        for f, d in facets.items():
            shock = v["facet_shock"].get(f"{f}@{now}")
            if shock is None:
                eta[f, now], slope[f, now] = eta[f, before], slope[f, before]
                continue
            target = rest[f]
            for (c, g), (moved, _) in effects.items():
                if g == f:
                    target += moved * theta[c, before]
            if d.gap_pull:
                target -= v["gap_pull"][f] * eta[d.gap_pull, before]
            kappa = 1 - 0.5 ** (1 / v["half_life"][f])
            eta[f, now] = eta[f, before] + slope[f, before] + kappa * (target - eta[f, before]) + sigma[f] * shock
            slope[f, now] = fade * slope[f, before] + beta[f] * sigma[f] * shock
    return eta, theta, v


def deviation(design, scales, v, slug):
    """Return a signal's own deviation by quarter, within its span."""
    rho, out, last = 0.5 ** (1 / scales.deviation_half_life.value), {}, None
    for quarter in design.coords()["quarter"]:
        shock = v["deviation_shock"].get(f"{slug}@{quarter}")
        if shock is None:
            continue
        tau = v["deviation_sd"][slug]
        last = tau * shock if last is None else rho * last + sqrt(1 - rho**2) * tau * shock
        out[quarter] = last
    return out


def expected(project, design, observed, p):
    """Return the expected latent value of every known row, in the order of ``known.rows``."""
    scales = project.priors.measurement.scales
    eta, theta, v = paths(project, design, p, project.priors.prior_scenarios[observed.prior_scenario])
    state, quarters = {**eta, **theta}, set(design.coords()["quarter"])
    names = project.priors.debate.sides
    speaks = {names.high.name: 1, names.low.name: -1, "neutral": 0}
    out = []
    for row in observed.rows.itertuples():
        signal = design.signals[row.signal]
        target, sign = signal.measures.target, signal.measures.sign
        openness_sign = sign * (1 if signal.measures.facet else speaks[project.priors.factors[target].side])
        if signal.likelihood == "gap" and signal.measures.facet:
            openness_sign = -openness_sign
        own = deviation(design, scales, v, row.signal)
        days, total, day = 0, 0.0, row.period_start
        while day <= row.period_end:
            q = quarter_of(day)
            if q in quarters:
                level = v["intercept"].get(row.signal, sign * v["house"].get(row.signal, 0.0))
                level += sign * v["loading"].get(row.signal, 1.0) * state[target, q] + own.get(q, 0.0)
                node = v["family_shock"].get(f"{signal.family}@{q[:4]}", 0.0)
                total, days = total + level + openness_sign * v["family_sd"] * node, days + 1
            day += timedelta(days=1)
        mu = total / days
        if signal.lag_bias:
            age = (row.published - row.period_end).days / (365.25 / 4)
            mu += v["lag_shift"][row.signal] * 0.5 ** (max(age, 0) / scales.lag_half_life.value)
        out.append(mu - v.get("unlabelled", {}).get(row.signal, 0.0) * left_open(signal, row))
    return np.array(out)


def left_open(signal, row):
    """Return the sd, on the latent scale, of the uniform between a row's two hard bounds; 0 where it has not both."""
    if signal.bounds != "hard" or np.isnan(row.lower) or np.isnan(row.upper):
        return 0.0
    low, high = row.lower / signal.per_unit, row.upper / signal.per_unit
    if signal.likelihood == "counts":
        edge = 0.5 / (row.denominator + 1)
        low, high = max(low, edge), min(high, 1 - edge)
    if signal.likelihood in ("counts", "share"):
        low, high = log(low / (1 - low)), log(high / (1 - high))
    elif signal.likelihood == "ratio":
        low, high = log(low), log(high)
    return (high - low) / sqrt(12)
