"""PyMC's own NUTS on the plain graph, with the defaults of ``pm.sample``."""

import time

from benchmarks.case import Case
from benchmarks.drawn import Draw, Drawn, Plan

TOOK, BEGAN = "perf_counter_diff", "perf_counter_start"
"""What each draw took, and when it began: a clock that parent and chains share."""


def prepare(case: Case, plan: Plan) -> Draw:
    """Build the graph; ``pm.sample`` compiles it, and its first draw tells when it had done so."""
    import pymc as pm

    from stackcast.graph.build import build_graph
    from stackcast.inference.layout import Layout
    from stackcast.inference.sample import usable_cores

    model = build_graph(case.design, case.observed)
    names = [q.name for q in Layout.of(case.design, case.observed).table]
    tune = {} if plan.tune is None else {"tune": plan.tune}

    def draw(seed: int) -> Drawn:
        called = time.perf_counter()
        with model:
            tree = pm.sample(
                plan.draws, chains=plan.chains, cores=usable_cores(), random_seed=seed, **tune, var_names=names,
                nuts_sampler="pymc", discard_tuned_samples=False, progressbar=False, compute_convergence_checks=False,
            )  # fmt: skip
        stats, warm_up = tree["sample_stats"].dataset, tree["warmup_sample_stats"].dataset
        parameters = {name: tree["posterior"][name].values for name in names}
        before, after = (float(part[TOOK].sum()) for part in (warm_up, stats))
        return Drawn.of(
            parameters,
            stats["diverging"].values,
            stats["n_steps"].values,
            float(stats["n_steps"].sum() + warm_up["n_steps"].sum()),
            before / (before + after),
            float(warm_up[BEGAN].min()) - called,
        )

    return draw
