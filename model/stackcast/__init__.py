"""stackcast: will the AI stack be open or closed, as a forecast that can be checked.

The rooms, in the order in which data flows through them::

    observations, priors -> graph (families) -> inference -> posterior -> forecast -> runs -> report -> cli
"""

from importlib import import_module
from typing import Any

__all__ = ["Project", "fit", "load_run"]

_LAZY = {"Project": "stackcast.project", "fit": "stackcast.pipeline", "load_run": "stackcast.runs.folder"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'stackcast' has no attribute {name!r}")
