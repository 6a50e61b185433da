"""What several rooms' tests share: the clock, the graph as one function, canned runs, simulated data."""

import csv
import os
import shutil
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pymc as pm

from stackcast.forecast.future import extend
from stackcast.forecast.predict import replicate_rows
from stackcast.forecast.prior import prior_draws, prior_trajectories
from stackcast.forecast.tables import TableInputs, all_tables
from stackcast.graph.build import build_graph
from stackcast.graph.data import graph_data, observe_as_of
from stackcast.graph.design import build_design
from stackcast.graph.evaluate import log_likelihood, log_prior
from stackcast.inference.layout import Layout
from stackcast.inference.sample import STATS
from stackcast.likelihoods import FAMILIES
from stackcast.posterior.tree import write_tree
from stackcast.project import Project
from stackcast.quarters import Quarter
from stackcast.runs.contents import DIAGNOSTICS, DRAWS, FORMAT, POSTERIOR, seal, write_json
from stackcast.runs.draws import write_draws
from stackcast.runs.folder import Run, write_tables
from stackcast.runs.manifest import description, inputs, run_name
from stackcast.runs.posterior import posterior_tree
from stackcast.settings import FitSettings


def latest_day(folder):
    """Return the last day on which anything in a folder of observations was published or taken back."""
    days = []
    for path in folder.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as handle:
            days += [row[c] for row in csv.DictReader(handle) for c in ("published", "retracted") if row.get(c)]
    return date.fromisoformat(max(days))


ROOT = Path(__file__).resolve().parents[1]
CHILD_PATH = os.pathsep.join([str(ROOT / "model"), str(ROOT)])
"""``PYTHONPATH`` of child processes: the package and the tests."""
TODAY = latest_day(ROOT / "observations")
"""The clock of the tests: the last day of their data, so that a row added later does not lie in the future."""
EARLIER = date(2026, 5, 31)
HORIZON = Quarter.parse("2030-Q4")
SEED = 20230305
CHAINS = 2
"""Chains of canned runs."""


TOY, MINIMAL = (ROOT / "tests" / "data" / name for name in ("toy", "minimal"))
"""Invented debates that never change: one with every optional part, one with none."""


def load_project(root):
    """Load a project with the clock of its own data."""
    return Project.load(root, today=latest_day(root / "observations"))


def copy_project(target, root=ROOT):
    """Copy what a person edits: observations and priors."""
    for name in ("observations", "priors"):
        shutil.copytree(root / name, target / name)
    return target


@dataclass(frozen=True)
class Evaluated:
    """Everything the graph says at one point."""

    logp: float
    gradient: np.ndarray
    pointwise: dict
    mu: dict


class Probe:
    """The unconditioned graph as one compiled function of the unconstrained vector; data may be swapped."""

    def __init__(self, design, observed):
        self.design = design
        self.layout = Layout.of(design, observed)
        self.model = build_graph(design, observed)
        families = [self.model[name] for name in design.likelihoods]
        expected = [rv.owner.op.dist_params(rv.owner)[0] for rv in families]
        # summed here: one addition of so many terms is more than this mode of PyTensor takes
        outputs = [
            self.model.dlogp(),
            *self.model.logp(vars=families, sum=False),
            *self.model.replace_rvs_by_values(expected),
            *self.model.logp(vars=self.model.free_RVs, sum=False),
        ]
        self.function = self.model.compile_fn(
            outputs, inputs=self.model.value_vars, mode="FAST_COMPILE", on_unused_input="ignore"
        )

    def __call__(self, x, observed):
        with self.model:
            pm.set_data(graph_data(self.design, observed))
        point = {}
        for q in self.layout.table:
            name = q.name if q.prior.name == "Normal" else f"{q.name}_log__"
            point[name] = x[self.layout.slices[q.name]].reshape(self.layout.shapes[q.name])
        gradient, *rest = self.function(point)
        count = len(self.design.likelihoods)
        rows, expected, prior = rest[:count], rest[count : 2 * count], rest[2 * count :]
        logp = float(sum(part.sum() for part in (*rows, *prior)))
        pointwise, mu = (dict(zip(self.design.likelihoods, parts, strict=True)) for parts in (rows, expected))
        return Evaluated(logp, gradient, pointwise, mu)

    @cached_property
    def logs(self):
        """Coordinates that stand by their logarithm: their sum is the log Jacobian."""
        places = [self.layout.slices[q.name] for q in self.layout.table if q.prior.name != "Normal"]
        chosen = np.zeros(self.layout.size)
        for place in places:
            chosen[place] = 1.0
        return chosen


def prior_point(design, observed, seed):
    """Draw one point of the prior, natural parameters with a leading axis of one."""
    return prior_draws(design, observed, 1, seed)


def simulate(design, observed, params, seed):
    """Put figures simulated at one draw in the place of the known ones; bounds become points.

    Sizes, errors, periods and publication stay, so the design is the real one.
    """
    trajectories = extend(design, observed, params, design.grid.last, seed)
    values = replicate_rows(trajectories, observed, seed)[0]
    data = dict(observed.data)
    for name, family in FAMILIES.items():
        places = np.flatnonzero(observed.rows["likelihood"].to_numpy() == name)
        units = np.array([design.signals[s].per_unit for s in observed.rows["signal"].iloc[places]])
        natural = values[places] / units
        filled = np.flatnonzero(data[f"{name}_mask"] > 0)
        y, side = data[f"{name}_y"].copy(), data[f"{name}_side"].copy()
        if name == "counts":
            y[filled] = np.round(natural * data["counts_trials"][filled])
        else:
            with np.errstate(divide="ignore"):
                y[filled] = np.clip(family.to_latent(natural), -30, 30) if name != "gap" else natural
        side[filled] = 0.0
        data |= {f"{name}_y": y, f"{name}_side": side}
    return replace(observed, rows=observed.rows.assign(value=values), data=data)


GOOD_GATES = (
    {"name": "complete", "value": 400.0, "limit": "= 400 finite draws", "passed": True, "worst": ""},
    {"name": "r_hat", "value": 1.001, "limit": "< 1.01", "passed": True, "worst": "rest[0]"},
)
BAD_GATES = (
    {"name": "divergences", "value": 3.0, "limit": "= 0", "passed": False, "worst": ""},
    {"name": "r_hat", "value": None, "limit": "< 1.01", "passed": False, "worst": "rest[0]"},
)


def canned_trajectories(project, day, prior_scenario="neutral", draws=200, seed=SEED):
    """Return design, known and a world of prior draws: a posterior in every respect but the evidence."""
    rows, today = project.observations.rows, latest_day(project.root / "observations")
    design = build_design(rows, project.observations.signals, project.priors, today)
    observed = observe_as_of(design, rows, day, prior_scenario)
    return design, observed, prior_trajectories(design, observed, horizon_of(project), draws, seed)


def horizon_of(project):
    """Return the last quarter of a project's forecast."""
    return Quarter.parse(project.priors.debate.horizons.far)


def canned_run(
    project,
    folder,
    day,
    prior_scenario="neutral",
    gates=GOOD_GATES,
    seed=SEED,
    draws=200,
    finished=None,
    left_out=False,
):
    """Write a run whose posterior is the prior's draws, by the functions that write real ones; it has no tree.

    It was ``finished`` on the last day of its project's data, unless told otherwise. With ``left_out`` the table of
    fitted figures has its leave-one-out columns.
    """
    finished = finished or str(latest_day(project.root / "observations"))
    design, observed, trajectories = canned_trajectories(project, day, prior_scenario, draws, seed)
    settings = FitSettings(day, prior_scenario, seed, CHAINS, draws // CHAINS).under(project.priors.debate)
    before = prior_trajectories(design, observed, horizon_of(project), draws, seed + 1)
    pointwise = log_likelihood(design, observed, prior_draws(design, observed, draws, seed)) if left_out else None
    evidence = TableInputs(settings, project.observations, observed, trajectories, before, pointwise)
    tables = all_tables(evidence)
    given = inputs(project, settings)
    target = folder / run_name(settings, given)
    target.mkdir(parents=True)
    write_tables(target, tables)
    write_draws(trajectories, evidence.answers, CHAINS, target / DRAWS)
    write_json(target / DIAGNOSTICS, {"gates": list(gates), "attempts": []})
    manifest = {
        "format": FORMAT,
        "name": target.name,
        **{key: given["order"][key] for key in ("as_of", "prior_scenario", "seed")},
        **description(design.priors, day),
        "weights": evidence.weights,
        "inputs": given,
        "command": "canned",
        "started": finished,
        "finished": finished,
        "seconds": {},
    }
    seal(target, manifest)
    return Run(target)


def add_tree(project, run, likelihood=None):
    """Write the tree of a canned run of its project's last day: its draws, and what tells them apart.

    Without ``likelihood`` (draw, row) that is chance, and little of it.
    """
    chains, draws, seed = run.settings.chains, run.settings.draws, run.settings.seed
    design, observed, trajectories = canned_trajectories(project, run.as_of, draws=chains * draws, seed=seed)
    drawn, before = (prior_draws(design, observed, chains * draws, seed + i) for i in (0, 1))
    prior = extend(design, observed, before, horizon_of(project), seed)
    rng = np.random.default_rng(seed)
    if likelihood is None:
        likelihood = 0.1 * rng.standard_normal((chains * draws, len(observed.rows)))
    evidence = TableInputs(run.settings, project.observations, observed, trajectories, prior, likelihood)
    by_chain = {name: a.reshape(chains, draws, *a.shape[1:]) for name, a in drawn.items()}
    stats = {name: rng.random((chains, draws)) for name in STATS} | {"diverging": np.zeros((chains, draws), bool)}
    densities = log_prior(design, observed, drawn)
    tree = posterior_tree(design, evidence, by_chain, stats, before, densities)
    write_tree(tree, run.path / POSTERIOR, {"inputs": run.manifest["inputs"]})
    seal(run.path, run.manifest)
