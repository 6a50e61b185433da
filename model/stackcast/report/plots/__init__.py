"""One plot a file; every plot takes tables and returns a figure."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from stackcast.files.atomic import require_writable
from stackcast.priors.debate import NEUTRAL
from stackcast.project import Project
from stackcast.runs.folder import Run

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SIGNAL_PAGE = "signals-"


PLOTS = "plots"
"""The folder of a run's plots, in its own."""


def draw_all(run: Run, project: Project) -> None:
    """Draw every plot of a run into its folder, as ``<name>.svg`` and (but for the many signals) ``<name>.png``."""
    folder = run.path / PLOTS
    require_writable(folder)
    for name, draw in plots_of(run, project).items():
        draw_one(run, draw(), folder, name, png=not name.startswith(SIGNAL_PAGE))


def draw_one(run: Run, figure: "Figure", folder: Path, name: str, *, png: bool = True) -> None:
    """Write a plot of a run, with the run's name under it and a warning where its gates failed."""
    from stackcast.report.plots.style import save

    asked = run.manifest
    foot = f"stackcast · as of {asked['as_of']} · {asked['prior_scenario']} priors · seed {asked['seed']}"
    save(figure, folder, name, foot, "" if run.passed else "failed its gates: not a forecast", png=png)


def plots_of(run: Run, project: Project) -> "dict[str, Callable[[], Figure]]":
    """Return a function for every plot that a run has something for, by name; a new one is one file and one line."""
    from stackcast.evaluate.outside import by_question
    from stackcast.report.plots.claims import claims
    from stackcast.report.plots.contrasts import contrasts
    from stackcast.report.plots.energy import energy
    from stackcast.report.plots.event_marks import Marks, until
    from stackcast.report.plots.facets import facets
    from stackcast.report.plots.houses import houses
    from stackcast.report.plots.layers import layers
    from stackcast.report.plots.predictive import predictive
    from stackcast.report.plots.questions import questions
    from stackcast.report.plots.rank import rank
    from stackcast.report.plots.signals import signal_pages
    from stackcast.report.plots.tug_of_war import tug_of_war

    priors, signals = project.priors, project.observations.signals
    horizons, debate = run.horizons, run.debate
    sides = debate.sides
    now, fitted = horizons["now"], _defined(run, project, "fitted", "signal")
    layer_titles = {name: layer.title for name, layer in priors.layers.layers.items()}
    claim_titles = {name: claim.title for name, claim in priors.claims.items()}
    sided = {name: (claim.title, claim.side) for name, claim in priors.claims.items()}
    questions_of, houses_of = (
        _defined(run, project, *which) for which in (("questions", "signal"), ("houses", "name"))
    )
    paths = _defined(run, project, "signals", "name")
    events = until(project.observations.events, run.manifest["as_of"])
    others = by_question(project.observations.markets, run.as_of)
    marks = Marks.of(events, layers=tuple(layer_titles))
    shown = {"contrasts": run.contrasts, "houses": houses_of, "questions": questions_of}
    shown["tug_of_war"] = run.table("pulls")
    drawn = {
        "layers": lambda: layers(run.layers, layer_titles, horizons, debate, marks),
        "facets": lambda: facets(run.facets, fitted, signals, priors.facets, now, debate, marks),
        "tug_of_war": lambda: tug_of_war(shown["tug_of_war"], sided, layer_titles, sides),
        "claims": lambda: claims(run.claims, claim_titles | _subclaims(project), now, debate, history=run.has_history),
        "contrasts": lambda: contrasts(shown["contrasts"], claim_titles, sides),
        "houses": lambda: houses(houses_of, signals, priors.facets, sides.high.name),
        "questions": lambda: questions(questions_of, partial(_side, project), sides, others),
        **signal_pages(paths, fitted, signals, priors, now, events),
        "predictive": lambda: predictive(fitted, signals),
        "rank": lambda: rank(run.groups("posterior")),
        "energy": lambda: energy(run.groups("sample_stats")),
    }
    return {name: draw for name, draw in drawn.items() if name not in shown or len(shown[name])}


def _defined(run: Run, project: Project, name: str, column: str) -> "pd.DataFrame":
    """Return a table without the signals that the project has dropped since the run."""
    table = run.table(name)
    return table[table[column].isin(list(project.observations.signals))].reset_index(drop=True)


def _subclaims(project: Project) -> dict[str, str]:
    subclaims = {name: factor for name, factor in project.priors.factors.items() if "." in name}
    return {name: factor.statement.strip().rstrip(".") for name, factor in subclaims.items()}


def _side(project: Project, slug: str, direction: str) -> str:
    """Return for which side a signal above (or below) a threshold is evidence."""
    measures = project.observations.signals[slug].measures
    sign, sides = measures.sign * (1 if direction.endswith("above") else -1), project.priors.debate.sides
    if measures.facet is not None:
        gap = project.priors.facets[measures.facet].kind == "gap"
        return sides.toward(-sign if gap else sign).name
    side = project.priors.factors[measures.target].side
    return side if side == NEUTRAL else sides.toward(sign * sides.sign(side)).name
