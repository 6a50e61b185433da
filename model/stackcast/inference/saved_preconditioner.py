"""A preconditioner saved with its run, for a refit that needs no pilot.

The posterior of a run with one more observation or another prior scenario has nearly the same covariance. The
preconditioner is carried over label by label; a new coordinate has the scale of its prior. A poor one affects the
sampler's efficiency, not the posterior, and a refit that fails a gate with it begins again without.
"""

import zlib
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from stackcast.errors import InputError
from stackcast.inference.coordinates import Coordinates
from stackcast.inference.preconditioner import RANK, Preconditioner


@dataclass(frozen=True)
class SavedPreconditioner:
    """A preconditioner with the labels of its coordinates.

    Attributes
    ----------
    labels
        (coordinate) such as ``facet_shock[models.release@2025-Q1]``.
    preconditioner
        The map.
    """

    labels: np.ndarray
    preconditioner: Preconditioner

    @classmethod
    def of(cls, coordinates: Coordinates, preconditioner: Preconditioner) -> "SavedPreconditioner":
        """Return a preconditioner with the labels of its coordinates."""
        return cls(labels(coordinates), preconditioner)

    @classmethod
    def load(cls, path: Path) -> "SavedPreconditioner | None":
        """Read a file; None where there is none.

        Raises
        ------
        InputError
            When the file is damaged.
        """
        if not path.is_file():
            return None
        try:
            with np.load(path) as found:
                shift, scale, turn, gain = parts = [found[name] for name in Preconditioner.__dataclass_fields__]
                size = found["labels"].shape
                if len(size) != 1 or not shift.shape == scale.shape == size or turn.shape != (*size, len(gain)):
                    raise ValueError("its arrays do not fit together")
                if not all(part.dtype.kind == "f" and np.isfinite(part).all() for part in parts):
                    raise ValueError("it holds what is no finite number")
                return cls(found["labels"], Preconditioner(*parts))
        except (OSError, TypeError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
            raise InputError(f"{path}: is damaged ({error}); fit without it") from None

    def save(self, path: Path) -> None:
        """Write it to a file."""
        np.savez(path, labels=self.labels, **vars(self.preconditioner))

    def onto(self, coordinates: Coordinates) -> Preconditioner:
        """Return the preconditioner for other coordinates: a label without an entry has its prior's moments.

        Its rank is that of a new one, as the shapes of the compiled density are fixed.
        """
        places = {label: i for i, label in enumerate(self.labels)}
        at = np.array([places.get(label, -1) for label in labels(coordinates)])
        centre, sd = coordinates.prior_moments
        size = min(RANK, len(at))
        same, gain = at >= 0, np.zeros(size)
        turn = np.zeros((len(at), size))
        rank = min(size, len(self.preconditioner.gain))
        gain[:rank] = self.preconditioner.gain[:rank]
        turn[:, :rank] = np.where(same[:, None], self.preconditioner.turn[at, :rank], 0.0)
        return Preconditioner(
            np.where(same, self.preconditioner.shift[at], centre),
            np.where(same, self.preconditioner.scale[at], sd),
            turn,
            gain,
        )


def labels(coordinates: Coordinates) -> np.ndarray:
    """Return the label of each coordinate, (coordinate)."""
    coords = coordinates.design.coords()
    return np.array(
        [
            f"{q.name}[{', '.join(place)}]"
            for q in coordinates.layout.table
            for place in product(*(coords[dim] for dim in q.dims))
        ]
    )
