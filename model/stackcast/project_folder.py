"""The folder of a project: what it holds, and how a new one is made from the shipped debate or the smallest one."""

import os
from pathlib import Path

from stackcast.errors import InputError
from stackcast.files.atomic import locked, whole_entries, whole_folder

INPUTS = ("observations", "priors")
PACKAGE = Path(__file__).resolve().parent
BLANK = PACKAGE / "blank"
"""The smallest valid project: an invented debate whose comments explain every key."""
IGNORE = ".gitignore"
IGNORED = "runs/\n.partial-*\n"


def project_above(folder: Path) -> Path:
    """Return the nearest folder that holds a project, from ``folder`` upwards; ``folder`` itself where none does."""
    above = (Path(os.path.relpath(p)) for p in folder.absolute().parents if _is_project(p))
    return folder if _is_project(folder) else next(above, folder)


def _is_project(folder: Path) -> bool:
    return all((folder / name).is_dir() for name in INPUTS)


def require_project(root: Path) -> None:
    """Refuse a folder that holds no project.

    Raises
    ------
    InputError
        Naming what is missing, and how a project is made.
    """
    for name in INPUTS:
        if not (root / name).is_dir():
            raise InputError(
                f"{root / name}: no such folder, so {root.absolute()} is no project; `stackcast init DIR` makes one, "
                "--project DIR names one"
            )


def shipped_project() -> Path:
    """Return the folder of the shipped project: in the package where a wheel was installed, else the checkout's root.

    Raises
    ------
    InputError
        When neither is there.
    """
    for root in (PACKAGE / "shipped", PACKAGE.parents[1]):
        if _is_project(root):
            return root
    raise InputError(f"{PACKAGE}: this copy of stackcast came without its observations and priors; install it again")


def make_project(target: Path, source: Path) -> dict[str, int]:
    """Copy a project's files to a new or existing folder, all of them or none.

    An existing ``.gitignore`` stays as it is.

    Returns
    -------
    dict
        The number of files written, by folder.

    Raises
    ------
    InputError
        When ``target`` is a file, or holds a project or a part of one; nothing is changed.
    WriteFailed
        When the disk is full, or may not be written; nothing is kept.
    """
    _require_free(target)
    with (whole_entries if target.is_dir() else whole_folder)(target) as folder:
        if not os.path.lexists(target / IGNORE):
            (folder / IGNORE).write_text(IGNORED, encoding="utf-8")
        copied = {}
        for name in INPUTS:
            with locked(source / name, shared=True):
                copied[name] = copy_files(source / name, folder / name)
        return copied


def _require_free(target: Path) -> None:
    if os.path.lexists(target) and not target.is_dir():
        raise InputError(f"{target}: is a file, so no folder of that name can be made; give another name")
    for name in INPUTS:
        if os.path.lexists(target / name):
            raise InputError(f"{target / name}: is there already, and was left as it is; give another folder")


def copy_files(source: Path, target: Path) -> int:
    """Copy the files of a folder, but for hidden ones, with the permissions of new files; return their number."""
    files = [p for p in source.rglob("*") if not p.is_dir() and not p.name.startswith(".")]
    for path in files:
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
        place.write_bytes(content)
    return len(files)
