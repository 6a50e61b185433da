"""A project on disk: where it is, its observations and its priors, loaded together and changed as one."""

import hashlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from stackcast.errors import InputError, ProblemsFound
from stackcast.files.atomic import locked, replace_together
from stackcast.history.records import History, load_history
from stackcast.history.schema import FOLDER as HISTORY
from stackcast.observations.events import FILE as EVENTS
from stackcast.observations.events import unknown_targets
from stackcast.observations.markets import FILE as MARKETS
from stackcast.observations.migrate import migrated as migrated_observations
from stackcast.observations.store import Observations, load_observations, unasked_questions
from stackcast.priors.debate import UNWRITTEN
from stackcast.priors.load import Priors, load_priors
from stackcast.priors.migrate import migrated as migrated_priors
from stackcast.project_folder import INPUTS, copy_files, require_project, shipped_project

SHOWN = tuple(f"{INPUTS[0]}/{name}" for name in (EVENTS, MARKETS))
"""Files that no fit reads."""
INTERVENTIONS = f"{INPUTS[1]}/interventions"
"""Folder of scenario files, which may be missing; no fit reads it."""
STACKS = f"{INPUTS[0]}/{HISTORY}"
"""Folder of earlier stacks, which may be missing; no fit of the debate reads it."""
JUDGED = f"{INPUTS[1]}/{HISTORY}"
"""Folder of what `stackcast history judge` writes, which reports show."""

READINGS = 5
"""How often files that change while they are read are read again."""


READ = (".csv", ".yaml")
"""What the names of files end in that are read."""


def utc_today() -> date:
    """Return today's UTC day: the clock that every command may replace."""
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class Project:
    """Everything a person reads and edits, validated.

    Attributes
    ----------
    root
        The folder that holds ``observations/`` and ``priors/``.
    observations, priors
        Their content.
    history
        Earlier stacks; None where the debate has none.
    files
        SHA-256 of every file that a fit reads, by path relative to the root, as it was when it was read.
    """

    root: Path
    observations: Observations
    priors: Priors
    history: History | None
    files: Mapping[str, str]

    @classmethod
    def load(cls, root: Path | str = ".", *, today: date | None = None) -> "Project":
        """Load the project at ``root``.

        Raises
        ------
        InputError
            When files are missing or wrong; every problem is named at once. When they keep changing.
        """
        root = Path(root)
        require_project(root)
        today = today or utc_today()
        folder = root / INPUTS[0]
        with locked(root, shared=True), locked(folder, shared=True):
            for _ in range(READINGS):
                files = _hashes(root)
                observations = load_observations(folder, today=today)
                priors = load_priors(root / "priors", observations.signals)
                history = load_history(root / STACKS, priors.claims, priors.layers.layers)
                if _hashes(root) == files:  # an editor holds no lock
                    break
            else:
                raise InputError(f"{root}: its files change while they are read; wait, and try again")
        problems = unknown_targets(folder, priors.factors, priors.layers.layers)
        problems += unasked_questions(folder, observations, _entering(observations, priors, today))
        if problems:
            raise ProblemsFound(problems)
        apart = tuple(f"{folder}/" for folder in (STACKS, JUDGED))
        fitted = {name: digest for name, digest in files.items() if not name.startswith(apart)}
        return cls(root, observations, priors, history, fitted)


def _hashes(root: Path) -> dict[str, str]:
    found = (p for name in INPUTS for p in (root / name).rglob("*") if p.suffix in READ and not p.is_dir())
    files = {p.relative_to(root).as_posix(): p for p in sorted(found)}
    read = {name: p for name, p in files.items() if name not in SHOWN and not name.startswith(f"{INTERVENTIONS}/")}
    return {name: hashlib.sha256(_content(p)).hexdigest() for name, p in read.items()}


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None


def _entering(observations: Observations, priors: Priors, today: date) -> set[str]:
    """Return the signals of open questions that a run of today at the declared criterion has."""
    from stackcast.graph.selection import grid_of, signals_of_run

    rows, asked = observations.rows, {q.signal for q in observations.questions if q.settled is None}
    if rows.empty or not asked:
        return set()
    grid = grid_of(rows, priors, today)
    return set(signals_of_run(rows[rows["signal"].isin(asked)], observations.signals, grid, priors.debate.criterion))


def change_observations(
    root: Path, change: Callable[[Path], Mapping[Path, str | None]], *, today: date | None = None
) -> list[Path]:
    """Change files of ``observations/`` as one step, if the project is valid afterwards.

    Parameters
    ----------
    root
        The project.
    change
        Takes ``observations/`` and returns the new text of each file that changes; None removes one.
    today
        The UTC day that counts as today.

    Returns
    -------
    list of Path
        The files that changed.

    Raises
    ------
    InputError
        When the change fails or would leave the project invalid; nothing is written.
    """
    require_project(root)
    folder = root / INPUTS[0]
    with locked(folder):
        texts = change(folder)
        _require_valid(root, {path.relative_to(root): text for path, text in texts.items()}, today)
        if texts:
            replace_together(folder, texts)
    return sorted(texts)


def migrate(root: Path, *, today: date | None = None) -> list[Path]:
    """Bring a project from an older format to this one, whole or not at all.

    Returns
    -------
    list of Path
        The files that changed; none where nothing was old.

    Raises
    ------
    InputError
        When a file cannot be read, is of a later format, or the project would not be valid; nothing is written. Words
        that only a person knows may be missing afterwards: :meth:`Project.load` names their lines.
    """
    require_project(root)
    with locked(root), locked(root / INPUTS[0]):
        texts = {**migrated_observations(root / INPUTS[0]), **migrated_priors(root, shipped_project())}
        as_if = {path: text and text.replace(UNWRITTEN, "written") for path, text in texts.items()}
        _require_valid(root, {path.relative_to(root): text for path, text in as_if.items()}, today)
        if texts:
            replace_together(root, texts)
    return sorted(texts)


def _require_valid(root: Path, texts: Mapping[Path, str | None], today: date | None) -> None:
    with tempfile.TemporaryDirectory(prefix="stackcast-") as name:
        trial = Path(name)
        for part in INPUTS:
            copy_files(root / part, trial / part)
        for path, text in texts.items():
            if text is None:
                (trial / path).unlink()
            else:
                (trial / path).parent.mkdir(parents=True, exist_ok=True)
                (trial / path).write_text(text, encoding="utf-8")
        try:
            Project.load(trial, today=today)
        except ProblemsFound as error:
            there = [replace(p, path=root / p.path.relative_to(trial)) for p in error.problems]
            raise ProblemsFound(there) from None
