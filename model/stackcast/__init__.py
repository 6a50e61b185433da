"""stackcast: a debate of claims about shares as a forecast that can be checked.

The packages, in the order in which data flow through them (``[tool.importlinter]`` in ``pyproject.toml`` holds it)::

    observations, priors -> graph -> inference -> posterior -> forecast -> runs
        -> explain, evaluate, scenario, update -> report -> cli
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stackcast.pipeline import fit
    from stackcast.project import Project
    from stackcast.runs.folder import Run, load_run
    from stackcast.settings import FitSettings

__all__ = ["FitSettings", "Project", "Run", "fit", "load_run"]

_MODULES = {
    "FitSettings": "stackcast.settings",
    "Project": "stackcast.project",
    "Run": "stackcast.runs.folder",
    "fit": "stackcast.pipeline",
    "load_run": "stackcast.runs.folder",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that ``stackcast --help`` answers at once."""
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'stackcast' has no attribute {name!r}")
