"""Environments of the peers that are no dependency of the project: made when asked, in a folder that git ignores.

Run: ``python -m benchmarks.peers.environment [NAME ...]``.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
HOME = HERE / ".environments"
FAILED, DONE = "failed.txt", "installed.txt"


class NotHereError(Exception):
    """An environment is not there; the message says why, in one line."""


@dataclass(frozen=True)
class Environment:
    """How an environment is made.

    Attributes
    ----------
    name
        Its pinned packages are in ``requirements-NAME.txt``.
    python
        The version of Python that its packages need; None for the one that runs.
    on_project
        Whether the project's own packages are seen in it, below those of its own.
    runs
        Whether its own interpreter runs the sampler's process; else the project's does, and calls it.
    """

    name: str
    python: str | None
    on_project: bool
    runs: bool

    @property
    def folder(self) -> Path:
        """Where it stands."""
        return HOME / self.name

    @property
    def executable(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"


ENVIRONMENTS = {
    e.name: e
    for e in (
        Environment("numpyro", None, on_project=True, runs=True),
        # httpstan's wheel for 3.13 lacks a symbol that 3.13 took away, _PyThreadState_UncheckedGet
        Environment("stan", "3.12", on_project=False, runs=False),
        Environment("pretrained", None, on_project=True, runs=True),
    )
}


def interpreter(name: str | None) -> Path:
    """Return the interpreter of the process that runs a peer, whose environment must be there.

    Raises
    ------
    NotHereError
        If it is not.
    """
    if name is None:
        return Path(sys.executable)
    environment = ENVIRONMENTS[name]
    failed = environment.folder / FAILED
    if failed.is_file():
        raise NotHereError(failed.read_text().strip())
    if not environment.executable.is_file():
        raise NotHereError(f"not installed: python -m benchmarks.peers.environment {name}")
    return environment.executable if environment.runs else Path(sys.executable)


def requirements(name: str) -> list[str]:
    """Return an environment's packages with their versions, as pip takes them."""
    return (HERE / f"requirements-{name}.txt").read_text().split()


def make(name: str) -> None:
    """Make an environment anew unless all that it needs is there; where that fails, leave the reason in its place."""
    environment, wanted = ENVIRONMENTS[name], HERE / f"requirements-{name}.txt"
    done = environment.folder / DONE
    if done.is_file() and done.read_bytes() == wanted.read_bytes():
        return
    shutil.rmtree(environment.folder, ignore_errors=True)
    environment.folder.mkdir(parents=True)
    try:
        base = find_python(environment.python)
        call(base, "-m", "venv", str(environment.folder))
        if environment.on_project:
            place = next(environment.folder.glob("lib/python*/site-packages"))
            (place / "project.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
        install = "-m", "pip", "install", "--quiet", "--disable-pip-version-check"
        call(environment.executable, *install, "-r", str(wanted))
        shutil.copy(wanted, done)
    except (NotHereError, subprocess.CalledProcessError) as error:
        lines = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        (environment.folder / FAILED).write_text(f"could not be installed: {lines[-1]}\n")


def call(*command: str | Path) -> None:
    """Run a command and let its error carry what it said."""
    subprocess.run(command, check=True, text=True, stderr=subprocess.PIPE)


def find_python(version: str | None) -> Path:
    """Return an interpreter of a version: this one, one on the path, or one of pyenv's.

    Raises
    ------
    NotHereError
        If there is none.
    """
    if version is None or sysconfig.get_python_version() == version:
        return Path(sys.executable)
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    on_path = shutil.which(f"python{version}")
    candidates = [Path(on_path)] if on_path else []
    for path in (*candidates, *sorted(root.glob(f"versions/{version}*/bin/python"))):
        if subprocess.run([path, "-c", ""], check=False, capture_output=True).returncode == 0:  # a shim may refuse
            return path
    raise NotHereError(f"it needs Python {version}, and none was found")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or ENVIRONMENTS:
        make(chosen)
        try:
            print(f"{chosen}: {interpreter(chosen)}")
        except NotHereError as reason:  # its row in the table will say the same
            print(f"{chosen}: {reason}")
