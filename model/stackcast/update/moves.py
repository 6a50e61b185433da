"""What moved between two published runs, and which new observations account for the largest move."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stackcast.explain.compare import Comparison, compare_runs, headline_moves
from stackcast.project import Project
from stackcast.runs.folder import Run

DEFAULT = "stack"


@dataclass(frozen=True)
class Move:
    """A probability of the headline in two runs."""

    what: str
    before: float
    after: float

    @property
    def size(self) -> float:
        """After less before."""
        return self.after - self.before


@dataclass(frozen=True)
class Share:
    """The effect of one new observation alone on the earlier run; None where k-hat is above its limit."""

    id: str
    value: float
    alone: float | None
    k_hat: float


@dataclass(frozen=True)
class Moved:
    """Two published runs beside each other.

    Attributes
    ----------
    before, after
        Their names.
    since
        The as-of date of the earlier one.
    moves
        Every probability that both have, the largest move first.
    error
        Monte Carlo error of the largest move.
    shares
        Effect of each new observation alone on that quantity, the largest first; they need not add up.
    new, gone
        Numbers of observations that only the later, and only the earlier run used.
    other
        Other inputs that differ: files, code, versions.
    """

    before: str
    after: str
    since: str
    moves: tuple[Move, ...]
    error: float
    shares: tuple[Share, ...]
    new: int
    gone: int
    other: tuple[str, ...]


def moved(before: Run, after: Run, project: Project) -> Moved:
    """Put two published runs side by side.

    Parameters
    ----------
    before, after
        Runs that passed their gates.
    project
        Holds the observations of both.
    """
    table = headline_moves(before, after)
    asked = str(table["quantity"].iloc[0]) if len(table) else DEFAULT
    found = compare_runs(before, after, project, asked)
    return Moved(
        before=before.name,
        after=after.name,
        since=before.manifest["as_of"],
        moves=tuple(Move(str(r["what"]), r["before"], r["after"]) for r in found.moves.to_dict("records")),
        error=found.error,
        shares=tuple(_share(row) for row in found.shares.to_dict("records")),
        new=len(found.new),
        gone=len(found.gone),
        other=_other(found),
    )


def _share(row: Mapping[Any, Any]) -> Share:
    trusted = row["alone"] == row["alone"]
    return Share(str(row["id"]), float(row["value"]), float(row["alone"]) if trusted else None, float(row["k_hat"]))


def _other(found: Comparison) -> tuple[str, ...]:
    """Return the other inputs that differ: all but the as-of date and the files of observations."""
    changed = found.inputs
    figures = changed["what"].str.startswith("observations/") & changed["what"].str.endswith(".csv")
    return tuple(changed.loc[~figures & (changed["kind"] != "order"), "what"])
