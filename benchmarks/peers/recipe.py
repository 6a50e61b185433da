"""The project's own recipe, as the first rung of ``stackcast fit``, or of ``stackcast fit --warm``."""

from benchmarks.case import Case
from benchmarks.drawn import Draw, Drawn, Plan
from benchmarks.gradient import gradient_us
from benchmarks.stage_clock import StageClock, watch

BEFORE = 1000
"""Seed of the run before, whose metric is kept."""
METRIC = "metric"


def prepare(case: Case, plan: Plan, *, warm: bool = False) -> Draw:
    """Compile the graph in its coordinates; pilot and metric belong to sampling.

    ``warm`` starts from the metric of a run without the latest row, which is made here.
    """
    import nutpie  # noqa: F401  (imports are no part of sampling)

    import stackcast.inference.sample as sampling
    from stackcast.explain.refit import masked
    from stackcast.inference.coordinates import Coordinates
    from stackcast.inference.preconditioner import expected_metric
    from stackcast.inference.sample import Settings, compile_graph, packed, sample
    from stackcast.pipeline import LADDER, WARM

    clock = StageClock()
    watch(clock, METRIC, sampling, "expected_metric")
    compiled = compile_graph(case.design, case.known)
    coordinates = Coordinates(case.design, case.known)
    told = packed(coordinates, expected_metric(coordinates))
    cost = gradient_us(compiled.code.address, coordinates.layout.size, told.ctypes.data)
    tune, target_accept, times = WARM if warm else LADDER[0]
    kept = None
    if warm:
        earlier = masked(case.known, case.known.rows.sort_values("published")["id"].tail(1).tolist())
        kept = sample(compiled, earlier, Settings(plan.chains, plan.draws, *LADDER[0][:2], BEFORE)).metric

    def draw(seed: int) -> Drawn:
        before = clock.seconds[METRIC][0]
        settings = Settings(plan.chains, times * plan.draws, plan.tune or tune, target_accept, seed)
        found = sample(compiled, case.known, settings, kept=kept)
        return Drawn.of(
            found.parameters,
            found.stats["diverging"],
            found.stats["n_steps"],
            found.gradients,
            gradient_us=cost,
            metric_s=clock.seconds[METRIC][0] - before,
        )

    return draw
