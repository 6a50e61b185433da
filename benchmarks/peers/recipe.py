"""The project's own recipe, as the first rung of ``stackcast fit``."""

from benchmarks.case import Case
from benchmarks.drawn import Draw, Drawn, Plan
from benchmarks.gradient import gradient_us


def prepare(case: Case, plan: Plan) -> Draw:
    """Compile the graph in its coordinates; pilot and metric belong to sampling."""
    from model.inference.coordinates import Coordinates
    from model.inference.metric import expected_metric
    from model.inference.sample import Settings, compile_graph, packed, sample
    from model.pipeline import LADDER

    compiled = compile_graph(case.design, case.known)
    coordinates = Coordinates(case.design, case.known)
    told = packed(coordinates, expected_metric(coordinates))
    cost = gradient_us(compiled.code.address, coordinates.layout.size, told.ctypes.data)
    tune, target_accept, times = LADDER[0]

    def draw(seed: int) -> Drawn:
        settings = Settings(plan.chains, times * plan.draws, plan.tune or tune, target_accept, seed)
        found = sample(compiled, case.known, settings)
        return Drawn.of(
            found.parameters, found.stats["diverging"], found.stats["n_steps"], found.gradients, gradient_us=cost
        )

    return draw
