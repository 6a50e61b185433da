"""What every sampler gives back, whatever its own form, and how it travels from its process to the judge."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.case import Case

STATS = ("diverging", "n_steps")


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
    """

    parameters: dict[str, np.ndarray]
    diverging: np.ndarray
    n_steps: np.ndarray
    gradients: int
    warm_up_share: float
    compile_s: float = 0.0

    @classmethod
    def of(
        cls,
        parameters: dict[str, np.ndarray],
        diverging: np.ndarray,
        n_steps: np.ndarray,
        gradients: float,
        warm_up_share: float | None = None,
        compile_s: float = 0.0,
    ) -> "Drawn":
        """Return draws; by default warm-up took its share of the gradients."""
        by_gradients = 1.0 - float(n_steps.sum()) / float(gradients)
        share = by_gradients if warm_up_share is None else warm_up_share
        return cls(parameters, np.asarray(diverging), np.asarray(n_steps), int(gradients), share, compile_s)

    def save(self, path: Path) -> None:
        """Write everything to one ``.npz``."""
        arrays: dict[str, Any] = {f"p_{name}": array for name, array in self.parameters.items()}
        np.savez(
            path, diverging=self.diverging, n_steps=self.n_steps,
            gradients=self.gradients, warm_up_share=self.warm_up_share, compile_s=self.compile_s, **arrays,
        )  # fmt: skip

    @classmethod
    def load(cls, path: Path) -> "Drawn":
        """Read what :meth:`save` wrote."""
        with np.load(path) as file:
            parameters = {name.removeprefix("p_"): file[name] for name in file.files if name.startswith("p_")}
            counts = int(file["gradients"]), float(file["warm_up_share"]), float(file["compile_s"])
            return cls(parameters, file["diverging"], file["n_steps"], *counts)


Draw = Callable[[int], Drawn]
"""Samples with a seed."""
Prepare = Callable[[Case, Plan], Draw]
"""Does all that comes before sampling: imports, the graph, the compile."""
