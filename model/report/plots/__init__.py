"""One plot a file; every plot takes tables and returns a figure."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from model.project import Project
from model.runs.folder import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_all(run: Run, project: Project, folder: Path) -> None:
    """Draw every plot of a run into a folder, as ``<name>.svg`` and ``<name>.png``."""
    from model.report.plots.style import save

    folder.mkdir(parents=True, exist_ok=True)
    foot = f"stackcast · as of {run.manifest['as_of']} · {run.manifest['camp']} camp · seed {run.manifest['seed']}"
    warning = "" if run.passed else "failed its gates: not a forecast"
    for name, figure in pages(run, project):
        save(figure, folder, name, foot, warning)


def pages(run: Run, project: Project) -> "Iterator[tuple[str, Figure]]":
    """Yield every plot of a run with its name; a new plot is one file and one line here."""
    from model.report.plots.claims import claims
    from model.report.plots.duels import duels
    from model.report.plots.energy import energy
    from model.report.plots.facets import facets
    from model.report.plots.houses import houses
    from model.report.plots.layers import layers
    from model.report.plots.questions import questions
    from model.report.plots.rank import rank
    from model.report.plots.signals import signal_pages
    from model.report.plots.tug_of_war import tug_of_war

    priors, signals = project.priors, project.observations.signals
    horizons = run.manifest["horizons"]
    now, fitted = horizons["now"], run.table("fitted")
    layer_titles = {name: layer.title for name, layer in priors.layers.layers.items()}
    claim_titles = {name: claim.title for name, claim in priors.claims.items()}
    sided = {name: (claim.title, claim.side) for name, claim in priors.claims.items()}
    yield "layers", layers(run.table("layers"), layer_titles, horizons)
    yield "facets", facets(run.table("facets"), fitted, signals, priors.facets, now)
    yield "tug_of_war", tug_of_war(run.table("pulls"), sided, layer_titles)
    yield "claims", claims(run.table("claims"), claim_titles | _halves(project), now)
    yield "duels", duels(run.table("duels"), claim_titles)
    yield "houses", houses(run.table("houses"), signals, priors.facets)
    yield "questions", questions(run.table("questions"), lambda slug, way: _side(project, slug, way))
    yield from signal_pages(run.table("signals"), fitted, signals, priors, now)
    yield "rank", rank(run.path)
    yield "energy", energy(run.path)


def _halves(project: Project) -> dict[str, str]:
    return {name: strand.statement.strip().rstrip(".") for name, strand in project.priors.strands.items() if "." in name}


def _side(project: Project, slug: str, direction: str) -> str:
    """Return for which side a signal above (or below) a threshold speaks."""
    measures = project.observations.signals[slug].measures
    tilt = measures.sign * (1 if direction.endswith("above") else -1)
    if measures.facet is not None:
        tilt *= -1 if project.priors.facets[measures.facet].kind == "gap" else 1
        return "open" if tilt > 0 else "closed"
    side = project.priors.strands[measures.target].side
    if side == "neutral":
        return side
    return side if tilt > 0 else {"open": "closed", "closed": "open"}[side]
