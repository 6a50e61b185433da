"""Provenance of a run: a hash of the source, and versions of Python and libraries."""

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

APART = ("cli", "evaluate", "explain", "history", "report", "scenario", "sources", "update")
"""Packages that determine no number of a run."""
LIBRARIES = ("pymc", "pytensor", "nutpie", "numba", "numpy", "scipy", "pandas", "xarray", "arviz")


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that determine a run's numbers."""
    return {name: version(name) for name in LIBRARIES} | {"python": platform.python_version()}


@cache
def code_hash() -> str:
    """Return one hash over the source of every package that determines a run's numbers."""
    root = Path(__file__).resolve().parent
    digest = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*.py") if p.relative_to(root).parts[0] not in APART):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
