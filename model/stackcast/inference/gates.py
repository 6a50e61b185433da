"""The gates: what a run must pass before it may be shown as a forecast.

Limits after Vehtari et al. (2021, Bayesian Analysis 16:667) for R-hat and ESS, and Betancourt (2016, arXiv:1604.00695)
for BFMI.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import xarray as xr
from scipy.stats import binom

R_HAT = 1.01
ESS_A_CHAIN = 100.0
BFMI = 0.3
COVERAGE = (0.80, 0.99)
INTERVAL = 0.9
CHANCE = 0.99
"""Probability that a calibrated run of few observations lies within the limits."""


@dataclass(frozen=True)
class Gate:
    """One condition: its value, its limit in words, and whether it holds."""

    name: str
    value: float
    limit: str
    passed: bool
    worst: str = ""

    def to_json(self) -> dict[str, object]:
        """Return plain data; a value that is not finite becomes null."""
        return asdict(self) | {"value": self.value if np.isfinite(self.value) else None}


def completeness(arrays: Mapping[str, np.ndarray], chains: int, draws: int) -> Gate:
    """Every chain delivered every draw, and every number is finite."""
    whole = all(a.shape[:2] == (chains, draws) for a in arrays.values())
    finite = all(np.isfinite(a).all() for a in arrays.values())
    got = min((a.shape[0] * a.shape[1] for a in arrays.values()), default=0) if finite else 0
    return Gate("complete", float(got), f"= {chains * draws} finite draws", whole and finite)


def sampler_gates(stats: Mapping[str, np.ndarray]) -> list[Gate]:
    """No divergence, no saturated tree, energy that moves; ``stats`` are (chain, draw)."""
    from arviz_stats import bfmi

    energy = np.asarray(stats["energy"], float)
    fraction = float(np.min(np.asarray(bfmi(energy)))) if np.isfinite(energy).all() and energy.std() > 0 else 0.0
    divergences = float(np.sum(stats["diverging"]))
    saturated = float(np.sum(stats["maxdepth_reached"]))
    return [
        Gate("divergences", divergences, "= 0", divergences == 0),
        Gate("tree_depth", saturated, "= 0 draws at the limit", saturated == 0),
        Gate("bfmi", fraction, f"> {BFMI}", fraction > BFMI),
    ]


def mixing_gates(quantities: Mapping[str, np.ndarray], chains: int) -> list[Gate]:
    """R-hat, bulk and tail ESS over quantities (chain, draw, ...), the worst element named.

    An element that is constant over all chains by construction (no variance at all) is left out.
    """
    from arviz_stats import ess, rhat

    stacked = _elements(quantities)
    labels, values = list(stacked), np.stack(list(stacked.values()), axis=-1)
    data = xr.Dataset({"x": (("chain", "draw", "element"), values)})
    measured = {
        "r_hat": (np.asarray(rhat(data)["x"].values, float), max),
        "ess_bulk": (np.asarray(ess(data, method="bulk")["x"].values, float), min),
        "ess_tail": (np.asarray(ess(data, method="tail")["x"].values, float), min),
    }
    gates = []
    for name, (found, worst_of) in measured.items():
        finite = np.isfinite(found)
        place = int(
            np.where(finite, found, np.inf).argmax() if worst_of is max else np.where(finite, found, -np.inf).argmin()
        )
        value = float(found[place])
        if name == "r_hat":
            gates.append(Gate(name, value, f"< {R_HAT}", bool(value < R_HAT), labels[place]))
        else:
            least = ESS_A_CHAIN * chains
            gates.append(Gate(name, value, f"> {least:g}", bool(value > least), labels[place]))
    return gates


def coverage_gate(pit: np.ndarray, sides: np.ndarray) -> Gate:
    """Leave-one-out 90 % intervals contain the observations; a bound is contained when the interval reaches past it.

    Of few observations, all or only some may be contained by chance: the limits then are the central 99 % of a
    binomial count.

    Parameters
    ----------
    pit
        (row) leave-one-out probability integral transforms.
    sides
        (row) -1 for a floor, 1 for a ceiling, 0 for a point.
    """
    above, below = pit > (1 - INTERVAL) / 2, pit < (1 + INTERVAL) / 2
    held = np.where(sides < 0, below, np.where(sides > 0, above, above & below))
    share = float(held.mean()) if len(held) else float("nan")
    low, high = _coverage_limits(len(held))
    limit = f"{low:.2f} to {high:.2f} of {len(held)} figures in their leave-one-out 90 % interval"
    return Gate("coverage", share, limit, bool(low <= share <= high))


def _coverage_limits(count: int) -> tuple[float, float]:
    """Return the least and the greatest share of so many observations that may be contained."""
    fewest, most = binom.interval(CHANCE, count, INTERVAL)
    return min(COVERAGE[0], fewest / max(count, 1)), max(COVERAGE[1], most / max(count, 1))


def _elements(quantities: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    out: dict[str, np.ndarray] = {}
    for name, array in quantities.items():
        flat = array.reshape(*array.shape[:2], -1)
        for i in range(flat.shape[-1]):
            series = flat[..., i]
            if np.ptp(series) > 0 or not np.isfinite(series).all():
                out[name if flat.shape[-1] == 1 else f"{name}[{i}]"] = series
    return out
