"""``stackcast`` with a clock at its stages, for :mod:`benchmarks.stages`.

Run: ``python -m benchmarks.stage_clock FILE fit [...]``; the seconds of each stage are written to ``FILE`` as JSON.
"""

import functools
import importlib
import inspect
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

IMPORTS, PILOT, WARM_UP, DRAWS, OTHER = "imports", "pilot", "warm-up", "draws", "other"
STAGES = (
    ("load", "stackcast.project", "Project.load"),
    ("graph", "stackcast.pipeline", "Session.observe_as_of"),
    ("code", "stackcast.inference.sample", "compile_graph"),
    (PILOT, "stackcast.inference.sample", "_nuts"),
    ("metric", "stackcast.inference.sample", "expected_preconditioner"),
    (DRAWS, "stackcast.inference.sample", "_nuts"),
    ("parameters", "stackcast.inference.sample", "_parameters"),
    ("gates", "stackcast.inference.retries", "reported"),
    ("gates", "stackcast.inference.gates", "mixing_gates"),
    ("forecast", "stackcast.forecast.future", "extend"),
    ("forecast", "stackcast.forecast.prior", "prior_draws"),
    ("likelihood", "stackcast.graph.evaluate", "log_likelihood"),
    ("likelihood", "stackcast.graph.evaluate", "log_prior"),
    ("tables", "stackcast.forecast.tables", "all_tables"),
    ("write", "stackcast.runs.posterior", "posterior_tree"),
    ("write", "stackcast.posterior.tree", "write_tree"),
    ("write", "stackcast.runs.draws", "write_draws"),
    ("write", "stackcast.pipeline", "write_tables"),
    ("plots", "stackcast.report.plots", "draw_all"),
    ("page", "stackcast.report.page.build", "write_page"),
)
"""Stages in their order, and the functions that they are. The sampler's is called for the pilot and for the run proper,
whose warm-up and draws share its seconds by their gradients."""
LIBRARIES = ("nutpie", "pandas", "xarray", "arviz_stats", "matplotlib.pyplot")
"""Imported before the clock's stages begin; what else is imported on demand counts where that happens."""


class StageClock:
    """Seconds by the clock and of the processors for each stage; a stage inside another counts by itself."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._open, self._last = [OTHER], _now()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what runs inside as ``name``."""
        self._tick()
        self._open.append(name)
        try:
            yield
        finally:
            self._tick()
            self._open.pop()

    def move(self, source: str, target: str, share: float) -> None:
        """Give a share of a stage's seconds to another."""
        for i, spent in enumerate(self.seconds[source]):
            self.seconds[target][i] += share * spent
            self.seconds[source][i] -= share * spent

    def _tick(self) -> None:
        now, spent = _now(), self.seconds[self._open[-1]]
        for i, (after, before) in enumerate(zip(now, self._last, strict=True)):
            spent[i] += after - before
        self._last = now


def main() -> int:
    """Run the command, write the seconds, return the command's exit status."""
    clock, target = StageClock(), Path(sys.argv[1])
    sys.argv = ["stackcast", *sys.argv[2:]]
    with clock.stage(IMPORTS):
        for library in LIBRARIES:
            importlib.import_module(library)
        from stackcast.cli.app import run

        for module in dict.fromkeys(module for _, module, _ in STAGES):
            importlib.import_module(module)
    for name, module, function in STAGES:
        if name != PILOT:
            watch(clock, name, *place(module, function))
    status = run()
    with clock.stage(OTHER):
        pass
    target.write_text(json.dumps(clock.seconds))
    return status


def place(module: str, function: str) -> tuple[Any, str]:
    """Return what owns a function, a module or a class, and the function's name there."""
    *within, name = function.split(".")
    return functools.reduce(getattr, within, importlib.import_module(module)), name


def watch(clock: StageClock, stage: str, owner: Any, name: str) -> None:
    """Put the clock around a function; the sampler's calls are distinguished, and warm-up from draws."""
    whole: Callable[..., Any] = getattr(owner, name)

    @functools.wraps(whole)
    def timed(*args: Any, **kwargs: Any) -> Any:
        if stage != DRAWS:
            with clock.stage(stage):
                return whole(*args, **kwargs)
        from stackcast.inference.sample import PILOT as settings

        pilot = args[3].draws == settings.draws
        with clock.stage(PILOT if pilot else DRAWS):
            found = whole(*args, **kwargs)
        if not pilot:
            clock.move(DRAWS, WARM_UP, 1.0 - float(found[1]["n_steps"].sum()) / found[2])
        return found

    bound = isinstance(inspect.getattr_static(owner, name), classmethod)
    setattr(owner, name, staticmethod(timed) if bound else timed)


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


if __name__ == "__main__":
    sys.exit(main())
