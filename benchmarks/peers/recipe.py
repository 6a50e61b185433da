"""The project's own recipe, as the first rung of ``stackcast fit``."""

from benchmarks.case import Case
from benchmarks.drawn import Draw, Drawn, Plan
from benchmarks.gradient import gradient_us


def prepare(case: Case, plan: Plan) -> Draw:
    """Compile the graph in its coordinates; pilot and metric belong to sampling."""
    from model.inference.sample import Settings, compile_graph, sample
    from model.pipeline import LADDER

    compiled = compile_graph(case.design, case.known)
    cost = gradient_us(compiled.nutpie_model)
    tune, target_accept, times = LADDER[0]

    def draw(seed: int) -> Drawn:
        settings = Settings(plan.chains, times * plan.draws, plan.tune or tune, target_accept, seed)
        found = sample(compiled, case.known, settings)
        return Drawn.of(
            found.parameters, found.stats["diverging"], found.stats["n_steps"], found.gradients, gradient_us=cost
        )

    return draw
