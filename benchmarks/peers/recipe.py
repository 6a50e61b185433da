"""The project's own recipe: the first attempt of ``stackcast fit``, or ``--reuse-preconditioner``."""

from benchmarks.case import Case
from benchmarks.drawn import Draw, Drawn, Plan
from benchmarks.gradient import gradient_us
from benchmarks.stage_clock import StageClock, watch

BEFORE = 1000
"""Seed of the earlier run, whose preconditioner is saved."""
PRECONDITIONER = "metric"


def prepare(case: Case, plan: Plan, *, warm: bool = False) -> Draw:
    """Compile the graph in its coordinates; pilot and preconditioner belong to sampling.

    ``warm`` reuses the preconditioner of a run without the latest row, which is made here.
    """
    import nutpie  # noqa: F401  (imports are no part of sampling)

    import stackcast.inference.sample as sampling
    from stackcast.explain.refit import masked
    from stackcast.inference.coordinates import Coordinates
    from stackcast.inference.preconditioner import expected_preconditioner
    from stackcast.inference.retries import ATTEMPTS, REUSING
    from stackcast.inference.sample import SamplerSettings, compile_graph, packed, sample

    clock = StageClock()
    watch(clock, PRECONDITIONER, sampling, "expected_preconditioner")
    compiled = compile_graph(case.design, case.observed)
    coordinates = Coordinates(case.design, case.observed)
    data = packed(coordinates, expected_preconditioner(coordinates))
    cost = gradient_us(compiled.code.address, coordinates.layout.size, data.ctypes.data)
    tune, target_accept, times = REUSING if warm else ATTEMPTS[0]
    kept = None
    if warm:
        earlier = masked(case.observed, case.observed.rows.sort_values("published")["id"].tail(1).tolist())
        kept = sample(
            compiled, earlier, SamplerSettings(plan.chains, plan.draws, *ATTEMPTS[0][:2], BEFORE)
        ).preconditioner

    def draw(seed: int) -> Drawn:
        before = clock.seconds[PRECONDITIONER][0]
        settings = SamplerSettings(plan.chains, times * plan.draws, plan.tune or tune, target_accept, seed)
        found = sample(compiled, case.observed, settings, kept=kept)
        return Drawn.of(
            found.parameters,
            found.stats["diverging"],
            found.stats["n_steps"],
            found.gradients,
            gradient_us=cost,
            metric_s=clock.seconds[PRECONDITIONER][0] - before,
        )

    return draw
