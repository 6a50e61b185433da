"""nutpie on the plain graph, with its own defaults but for what is asked for."""

from typing import Any

from benchmarks.case import Case
from benchmarks.drawn import Draw, Drawn, Plan
from benchmarks.gradient import gradient_us


def prepare(case: Case, plan: Plan, **options: Any) -> Draw:
    """Compile the plain graph; ``options`` go to ``nutpie.sample``."""
    import nutpie

    from stackcast.graph.build import build_graph
    from stackcast.inference.layout import Layout
    from stackcast.inference.sample import gradients

    compiled = nutpie.compile_pymc_model(build_graph(case.design, case.observed))
    cost = gradient_us(compiled.compiled_logp_func.ctypes, compiled.n_dim, compiled.user_data.ctypes.data)
    names = [q.name for q in Layout.of(case.design, case.observed).table]

    def draw(seed: int) -> Drawn:
        tree = nutpie.sample(
            compiled, draws=plan.draws, tune=plan.tune, chains=plan.chains, seed=seed,
            save_warmup=True, progress_bar=False, **options,
        )  # fmt: skip
        stats, posterior = tree["sample_stats"].dataset, tree["posterior"].dataset
        parameters = {name: posterior[name].values for name in names}
        steps = stats["n_steps"].values
        return Drawn.of(parameters, stats["diverging"].values, steps, gradients(tree), gradient_us=cost)

    return draw
