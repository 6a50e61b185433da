"""A project on disk: where it is, its observations and its priors, loaded together."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from model.errors import InputError
from model.observations.store import Observations, load_observations
from model.priors.load import Priors, load_priors

INPUTS = ("observations", "priors")


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
    """

    root: Path
    observations: Observations
    priors: Priors

    @classmethod
    def load(cls, root: Path | str = ".", *, today: date | None = None) -> "Project":
        """Load the project at ``root``.

        Raises
        ------
        InputError
            When files are missing or wrong; every problem is named at once.
        """
        root = Path(root)
        for name in INPUTS:
            if not (root / name).is_dir():
                raise InputError(f"{root / name}: no such folder; run stackcast in a project, or give --project DIR")
        observations = load_observations(root / "observations", today=today or utc_today())
        return cls(root, observations, load_priors(root / "priors", observations.signals))

    def input_hashes(self) -> dict[str, str]:
        """Return the SHA-256 of every input file, by path relative to the root."""
        files = sorted(p for name in INPUTS for p in (self.root / name).rglob("*") if p.suffix in (".csv", ".yaml"))
        return {p.relative_to(self.root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
