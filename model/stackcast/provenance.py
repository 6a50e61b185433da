"""Provenance of a run: a hash of the source, and versions of Python and libraries."""

import ast
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


@cache
def syntax_hash(*places: str) -> str:
    """Return one hash over what modules do: comments, docstrings and layout do not count.

    Parameters
    ----------
    places
        Packages, or files, below the package ``stackcast``.
    """
    root, digest = Path(__file__).resolve().parent, hashlib.sha256()
    paths = [root / place for place in places]
    for path in sorted(p for place in paths for p in (place.rglob("*.py") if place.is_dir() else [place])):
        tree = _without_docstrings(ast.parse(path.read_bytes()))
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + ast.dump(tree).encode() + b"\0")
    return digest.hexdigest()


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [part for part in node.body if not _is_text(part)]
    return tree


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
