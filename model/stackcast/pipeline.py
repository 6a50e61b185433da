"""From a project to a run: know, compile, sample, judge by the gates, forecast, write."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackcast.priors.load import NEUTRAL
from stackcast.project import Project, utc_today
from stackcast.runs.folder import (
    DIAGNOSTICS,
    DRAWS,
    FORMAT,
    MANIFEST,
    METRIC,
    POSTERIOR,
    Run,
    list_runs,
    write_json,
    write_tables,
)
from stackcast.runs.manifest import Order, inputs, run_name
from stackcast.runs.track_record import append_headline

if TYPE_CHECKING:
    from stackcast.graph.data import Known
    from stackcast.graph.design import Design
    from stackcast.inference.gates import Gate
    from stackcast.inference.sample import Compiled, Sampled
    from stackcast.inference.saved_preconditioner import KeptMetric

Say = Callable[[float, str], None]
LADDER = ((150, 0.87, 1), (400, 0.95, 1), (1000, 0.99, 2))
"""Rungs: warm-up draws, target acceptance, and how many times the draws that were asked for.

A run that fails a gate climbs; the last rung's result stands.
"""
WARM = (100, 0.87, 1)
"""The rung below the ladder, where a metric is kept from an earlier run."""
PRIOR_DRAWS = 2000
HORIZON_MIDDLE = "2027-Q4"


def silent(share: float, word: str) -> None:
    """Report no progress."""


@dataclass
class Session:
    """A project and the graph compiled for it, so that several runs share one compile.

    ``project`` may be replaced by one with other rows or priors; only another design is compiled anew. ``cores``
    limits the chains that run at a time; all of the machine's by default.
    """

    project: Project
    compiled: "Compiled | None" = None
    cores: int | None = None

    def know(self, order: Order, say: Say) -> "tuple[Compiled, Known]":
        """Return a compiled graph of the design that the as-of date asks for, and what is known at the date.

        A graph of a longer grid would hold the date too, but the draws would not be those of a session of its own.
        """
        from stackcast.graph.data import know
        from stackcast.graph.design import build_design
        from stackcast.inference.compiled_density import code_key
        from stackcast.inference.sample import compile_graph

        rows, signals, priors = self.project.observations.rows, self.project.observations.signals, self.project.priors
        say(0.0, "laying out the graph")
        design = build_design(rows, signals, priors, order.as_of, order.criterion)
        known = know(design, rows, order.as_of, order.camp, effects_on=order.effects_on)
        if self.compiled is None or code_key(self.compiled.design) != code_key(design):
            say(0.02, "compiling (a first run takes minutes, later ones a second)")
            self.compiled = compile_graph(design, known, self.cores)
        return self.compiled, known


def fit(
    project: Project | str | Path = ".",
    *,
    as_of: date | None = None,
    camp: str = NEUTRAL,
    seed: int | None = None,
    out: Path | str | None = None,
    say: Say = silent,
    session: Session | None = None,
    today: date | None = None,
    command: str = "",
    warm: bool = False,
    **order: Any,
) -> Run:
    """Fit the model and write a run; an identical run that exists already is returned instead.

    Parameters
    ----------
    project
        A loaded project, or its folder.
    as_of
        Date up to which knowledge counts; today by default.
    camp
        ``neutral``, ``open`` or ``closed``.
    seed
        The one seed of the run.
    out
        Folder of the runs; ``runs`` in the project by default.
    say
        Called with the share of the work done and a word on it.
    session
        Shares one compiled graph between runs.
    today
        The clock, for the track record.
    command
        How the run was asked for, for its manifest.
    warm
        Begin with the metric of the folder's latest passed run, where there is one.
    **order
        Other fields of :class:`stackcast.runs.manifest.Order`.

    Returns
    -------
    Run
        Its gates may have failed: ``run.passed`` says so, and ``run.require_passed()`` refuses.
    """
    today = today or utc_today()
    project = project if isinstance(project, Project) else Project.load(project, today=today)
    asked = Order(as_of=as_of or today, camp=camp, **order)
    asked = asked if seed is None else replace(asked, seed=seed)
    folder = Path(out) if out is not None else project.root / "runs"
    given = inputs(project, asked)
    kept = None
    if warm and (before := _latest_metric(folder)) is not None:
        from stackcast.inference.saved_preconditioner import KeptMetric

        kept, given = KeptMetric.load(before.path / METRIC), given | {"metric": before.name}
    name = run_name(asked, given)
    if (folder / name / MANIFEST).is_file():
        return Run(folder / name)
    session = session or Session(project)
    session.project = project
    return _make(session, asked, folder / name, given, say, today, command, kept)


def _latest_metric(folder: Path) -> Run | None:
    """Return the latest passed run that kept its metric, or None."""
    found = list_runs(folder) if folder.is_dir() else []
    return next((run for run in reversed(found) if (run.path / METRIC).is_file() and run.passed), None)


def _make(
    session: Session,
    order: Order,
    target: Path,
    given: dict[str, Any],
    say: Say,
    today: date,
    command: str,
    kept: "KeptMetric | None",
) -> Run:
    from stackcast.files.atomic import whole_folder
    from stackcast.forecast.future import extend
    from stackcast.forecast.openness import declared_weights
    from stackcast.forecast.prior import prior_world
    from stackcast.forecast.tables import Evidence, all_tables
    from stackcast.graph.evaluate import log_likelihood, log_prior
    from stackcast.inference.gates import coverage_gate
    from stackcast.posterior.tree import flat, make_tree, write_tree
    from stackcast.quarters import Quarter
    from stackcast.report.plots import draw_all
    from stackcast.runs.draws import write_draws

    started, clock = datetime.now(UTC), time.monotonic()
    compiled, known = session.know(order, say)
    compiled_at = time.monotonic()
    sampled, gates, rungs = climb(compiled, known, order, say, kept)
    sampled_at = time.monotonic()
    say(0.86, "forecasting")
    design, draws = compiled.design, flat(sampled.parameters)
    horizon = Quarter.parse(design.priors.measurement.horizon)
    world = extend(design, known, draws, horizon, order.seed)
    before = prior_world(design, known, horizon, PRIOR_DRAWS, order.seed)
    pointwise = log_likelihood(design, known, draws)
    evidence = Evidence(order, session.project.observations, known, world, before, pointwise)
    tables = all_tables(evidence)
    gates = [*gates, coverage_gate(*(tables["fitted"][c].to_numpy() for c in ("loo_pit", "side")))]
    say(0.92, "writing")
    tree = make_tree(design, known, sampled, pointwise, log_prior(design, known, draws))
    horizons = {
        "now": Quarter.of(order.as_of).end.isoformat(),
        "2027": Quarter.parse(HORIZON_MIDDLE).end.isoformat(),
        "2030": horizon.end.isoformat(),
    }
    weights = declared_weights(design.priors, dict(order.weights))
    with whole_folder(target) as folder:
        write_tables(folder, tables)
        write_tree(tree, folder / POSTERIOR, {"inputs": given})
        write_draws(world, evidence.answers, folder / DRAWS)
        sampled.metric.save(folder / METRIC)
        write_json(folder / DIAGNOSTICS, {"gates": [g.to_json() for g in gates], "ladder": rungs})
        manifest = {
            "format": FORMAT,
            "name": target.name,
            **{key: given["order"][key] for key in ("as_of", "camp", "seed")},
            "horizons": horizons,
            "weights": weights,
            "inputs": given,
            "command": command,
            "started": started.isoformat(),
            "finished": datetime.now(UTC).isoformat(),
            "seconds": {
                "compile": compiled_at - clock,
                "sample": sampled_at - compiled_at,
                "rest": time.monotonic() - sampled_at,
            },
        }
        write_json(folder / MANIFEST, manifest)
        draw_all(Run(folder), session.project, folder / "plots")
    run = Run(target)
    if run.passed and order.declared and order.as_of == today:
        append_headline(target.parent, run, today)
    say(1.0, "done")
    return run


def climb(
    compiled: "Compiled", known: "Known", order: Order, say: Say, kept: "KeptMetric | None" = None
) -> "tuple[Sampled, list[Gate], list[dict[str, Any]]]":
    """Sample, and climb the ladder until every gate holds or it ends; return draws, gates and what each rung gave.

    With a metric ``kept`` from an earlier run there is a rung below the ladder that uses it.
    """
    from stackcast.inference.gates import completeness, mixing_gates, sampler_gates
    from stackcast.inference.sample import Settings, sample

    rungs: list[dict[str, Any]] = []
    below = [] if kept is None else [WARM]
    for rung, (tune, target_accept, times) in enumerate([*below, *LADDER]):
        warm = kept if rung < len(below) else None
        settings = Settings(order.chains, times * order.draws, tune, target_accept, order.seed + rung)
        word = "sampling" if rung == 0 else f"sampling again, rung {rung + 1} of the ladder"

        def tell(share: float, detail: str, word: str = word) -> None:
            say(0.25 + 0.6 * share, f"{word}: {detail}")

        sampled = sample(compiled, known, settings, tell, warm)
        whole = completeness(sampled.parameters, settings.chains, settings.draws)
        gates = [whole, *sampler_gates(sampled.stats)]
        if whole.passed:
            gates += mixing_gates(reported(compiled.design, known, sampled), order.chains)
        rungs.append(
            {
                "metric": "cold" if warm is None else "kept",
                "tune": tune,
                "target_accept": target_accept,
                "draws": settings.draws,
                "steps_a_draw": float(sampled.stats["n_steps"].mean()),
                "failed": [g.name for g in gates if not g.passed],
            }
        )
        if all(g.passed for g in gates):
            break
    return sampled, gates, rungs


def reported(design: "Design", known: "Known", sampled: "Sampled") -> dict[str, Any]:
    """Return what must have mixed, (chain, draw, element): states through time, and every parameter but innovations."""
    from stackcast.forecast.future import BLOCKS
    from stackcast.graph.evaluate import states, with_data
    from stackcast.posterior.tree import flat

    path = states(design, with_data(flat(sampled.parameters), known))
    shape = sampled.stats["diverging"].shape
    out = {f"{name}_path": getattr(path, name).reshape(*shape, -1) for name in ("eta", "theta")}
    return out | {name: a for name, a in sampled.parameters.items() if name not in BLOCKS}
