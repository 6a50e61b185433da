"""A metric kept with its run, for a refit that needs no pilot.

What one run learned of its posterior's shape holds for the next, which has an observation more or another camp. The
metric is carried over label by label; a coordinate that is new stands by its prior. As always a poor metric costs steps
and never correctness, and a refit that fails a gate with it begins again without.
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
    """A metric, and what each of its coordinates is.

    Attributes
    ----------
    labels
        (coordinate) such as ``facet_shock[models.release@2025-Q1]``.
    metric
        The metric.
    """

    labels: np.ndarray
    preconditioner: Preconditioner

    @classmethod
    def of(cls, coordinates: Coordinates, preconditioner: Preconditioner) -> "SavedPreconditioner":
        """Return the metric with the labels of its coordinates."""
        return cls(labels(coordinates), preconditioner)

    @classmethod
    def load(cls, path: Path) -> "SavedPreconditioner | None":
        """Return what a file keeps; None where there is none.

        Raises
        ------
        InputError
            When the file is damaged.
        """
        if not path.is_file():
            return None
        try:
            with np.load(path) as found:
                parts = (found[name] for name in Preconditioner.__dataclass_fields__)
                return cls(found["labels"], Preconditioner(*parts))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
            raise InputError(f"{path}: is damaged ({error}); fit without it") from None

    def save(self, path: Path) -> None:
        """Keep it in a file."""
        np.savez(path, labels=self.labels, **vars(self.preconditioner))

    def onto(self, coordinates: Coordinates) -> Preconditioner:
        """Return the metric of other coordinates: what has the same label keeps its part, the rest its prior's.

        It has as many directions as one made anew, whatever it had: compiled code reads so many.
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
    """Return what each coordinate is, (coordinate)."""
    coords = coordinates.design.coords()
    return np.array(
        [
            f"{q.name}[{', '.join(place)}]"
            for q in coordinates.layout.table
            for place in product(*(coords[dim] for dim in q.dims))
        ]
    )
