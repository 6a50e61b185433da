"""Where compiled code is kept between processes: one folder that can be written, for every library that keeps some.

A folder that cannot be made is passed over: without ``HOME`` or a writable one, a folder of this user among the
temporary files serves. What other libraries keep is not read back: a damaged file of theirs would stop a fit, or
change it.
"""

import os
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

ENVIRONMENT = "STACKCAST_CACHE"
PYTENSOR = "PYTENSOR_FLAGS"


def cache_folder() -> Path:
    """Return the folder: ``STACKCAST_CACHE``, one in the user's cache, or one among the temporary files."""
    for folder in _candidates():
        with suppress(OSError, ValueError):  # a path may hold what no path may hold
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK | os.X_OK):
                return folder
    return Path(tempfile.mkdtemp(prefix="stackcast-"))


def _candidates() -> Iterator[Path]:
    own, users = (os.environ.get(name) for name in (ENVIRONMENT, "XDG_CACHE_HOME"))
    if own:
        yield Path(own)
    with suppress(RuntimeError):  # no home
        home = Path(users) if users else Path.home() / ".cache"
        if home.is_absolute() and home.parent != Path("/"):  # an empty HOME is taken for the root
            yield home / "stackcast"
    yield Path(tempfile.gettempdir()) / f"stackcast-{os.getuid()}"


def place_caches() -> None:
    """Tell PyTensor and Matplotlib, before they are imported, to use this folder; what the user has set stays."""
    os.environ.setdefault(PYTENSOR, pytensor_flags())
    os.environ.setdefault("MPLCONFIGDIR", str(cache_folder() / "matplotlib"))


def pytensor_flags() -> str:
    """Return PyTensor's flags for this folder: they decide where it compiles, and nothing of the code."""
    return f"base_compiledir={shlex.quote(str(cache_folder() / 'pytensor'))},numba__cache=False"
