"""NumPyro's NUTS on the plain graph through PyMC's JAX form, with NumPyro's defaults.

PyMC's own ``sample_numpyro_nuts`` tells neither the seconds nor the gradients of warm-up, so its few calls are made
here one by one. JAX wants every shape fixed; ``freeze_dims_and_data`` does that and changes no density.
"""

import os
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.case import Case
from benchmarks.drawn import Draw, Drawn, Plan

TUNE = 1000
COMPILE = "/jax/core/compile/"
"""Events of JAX that tell the seconds of tracing, lowering and compiling."""
Span = tuple[float, float]


def prepare(case: Case, plan: Plan) -> Draw:
    """Turn the graph into JAX; JAX compiles when it is first called, and tells how long it took."""
    os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={plan.chains}"
    import jax

    jax.config.update("jax_enable_x64", True)
    from numpyro.infer import MCMC, NUTS
    from pymc.model.transform.optimization import freeze_dims_and_data
    from pymc.sampling.jax import get_jaxified_logp

    from stackcast.graph.build import build_graph
    from stackcast.inference.layout import Layout

    model = freeze_dims_and_data(build_graph(case.design, case.observed))
    potential = get_jaxified_logp(model, negative_logp=False)
    table = Layout.of(case.design, case.observed).table
    values = {q.name: q.name if q.prior.name == "Normal" else f"{q.name}_log__" for q in table}
    order = [v.name for v in model.value_vars]
    compiles: list[Span] = []

    def listen(event: str, seconds: float, **_: Any) -> None:
        if event.startswith(COMPILE):
            compiles.append((time.perf_counter() - seconds, time.perf_counter()))

    jax.monitoring.register_event_duration_secs_listener(listen)

    def starts(seed: int) -> list[np.ndarray]:
        """Return PyMC's jittered starting points, (chain, own dims) each."""
        point, rng = model.initial_point(seed), np.random.default_rng(seed)
        return [point[name] + rng.uniform(-1, 1, (plan.chains, *np.shape(point[name]))) for name in order]

    def draw(seed: int) -> Drawn:
        compiles.clear()
        begin = time.perf_counter()
        mcmc = MCMC(
            NUTS(potential_fn=potential), num_warmup=plan.tune or TUNE, num_samples=plan.draws,
            num_chains=plan.chains, progress_bar=False,
        )  # fmt: skip
        first, second = jax.random.split(jax.random.PRNGKey(seed))
        keys = jax.random.split(first, plan.chains)
        mcmc.warmup(keys, init_params=starts(seed), extra_fields=("num_steps",), collect_warmup=True)
        warm_up = float(np.sum(mcmc.get_extra_fields()["num_steps"]))
        warm_up_s = time.perf_counter() - begin - covered(compiles)
        mcmc.run(jax.random.split(second, plan.chains), extra_fields=("num_steps", "diverging"))
        found = {k: np.asarray(v) for k, v in mcmc.get_extra_fields(group_by_chain=True).items()}
        raw = dict(zip(order, map(np.asarray, mcmc.get_samples(group_by_chain=True)), strict=True))
        parameters = {name: raw[value] if name == value else np.exp(raw[value]) for name, value in values.items()}
        sample_s = time.perf_counter() - begin - covered(compiles)
        steps = found["num_steps"]
        total = warm_up + float(steps.sum())
        return Drawn.of(parameters, found["diverging"], steps, total, warm_up_s / sample_s, covered(compiles))

    return draw


def covered(spans: Sequence[Span]) -> float:
    """Return the seconds that spans cover together: JAX tells of a step within a step once for each."""
    total, until = 0.0, -np.inf
    for begin, end in sorted(spans):
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total
