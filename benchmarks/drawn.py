"""What every sampler gives back, whatever its own form, and how it travels from its process to the judge."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.case import Case


@dataclass(frozen=True)
class Plan:
    """How much to draw.

    Attributes
    ----------
    chains, draws
        Chains, and kept draws of each.
    tune
        Warm-up draws of each chain; None leaves a sampler its own default.
    """

    chains: int = 4
    draws: int = 1000
    tune: int | None = None


@dataclass(frozen=True)
class Drawn:
    """Draws of one seed.

    Attributes
    ----------
    parameters
        Natural draws by name, (chain, draw, own dims).
    diverging, n_steps
        Of every kept draw, (chain, draw).
    gradients
        Gradient evaluations of warm-up and draws together.
    warm_up_share
        Share of the sampling time that warm-up took: as the sampler tells it, else by its share of the gradients.
    compile_s
        Seconds of compile inside the call that samples, for samplers that compile there.
    gradient_us
        Microseconds of one gradient by itself, where the sampler's function can be called; else not a number.
    metric_s
        Seconds of the sampling time that the recipe's metric took; not a number for other samplers.
    """

    parameters: dict[str, np.ndarray]
    diverging: np.ndarray
    n_steps: np.ndarray
    gradients: int
    warm_up_share: float
    compile_s: float = 0.0
    gradient_us: float = math.nan
    metric_s: float = math.nan

    @classmethod
    def of(
        cls,
        parameters: dict[str, np.ndarray],
        diverging: np.ndarray,
        n_steps: np.ndarray,
        gradients: float,
        warm_up_share: float | None = None,
        compile_s: float = 0.0,
        gradient_us: float = math.nan,
        metric_s: float = math.nan,
    ) -> "Drawn":
        """Return draws; by default warm-up took its share of the gradients."""
        by_gradients = 1.0 - float(n_steps.sum()) / float(gradients)
        share = by_gradients if warm_up_share is None else warm_up_share
        stats = np.asarray(diverging), np.asarray(n_steps)
        return cls(parameters, *stats, int(gradients), share, compile_s, gradient_us, metric_s)

    def save(self, path: Path) -> None:
        """Write everything to one ``.npz``."""
        arrays: dict[str, Any] = {f"p_{name}": array for name, array in self.parameters.items()}
        np.savez(
            path, diverging=self.diverging, n_steps=self.n_steps,
            gradients=self.gradients, warm_up_share=self.warm_up_share, compile_s=self.compile_s,
            gradient_us=self.gradient_us, metric_s=self.metric_s, **arrays,
        )  # fmt: skip

    @classmethod
    def load(cls, path: Path) -> "Drawn":
        """Read what :meth:`save` wrote."""
        with np.load(path) as file:
            parameters = {name.removeprefix("p_"): file[name] for name in file.files if name.startswith("p_")}
            costs = (float(file[name]) for name in ("warm_up_share", "compile_s", "gradient_us", "metric_s"))
            return cls(parameters, file["diverging"], file["n_steps"], int(file["gradients"]), *costs)


Draw = Callable[[int], Drawn]
"""Samples with a seed."""
Prepare = Callable[[Case, Plan], Draw]
"""Does all that comes before sampling: imports, the graph, the compile."""
