"""The folder of a stored refit: its draws, gates and change, sealed when they are written and held against the seal."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackcast.errors import InputError
from stackcast.runs.contents import (
    DRAWS,
    Gate,
    Loose,
    Seal,
    checked,
    read_json,
    require_whole,
    seal_of,
    seals,
    write_json,
)
from stackcast.runs.draws import read_draws
from stackcast.runs.folder import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xarray as xr

    from stackcast.inference.gates import Gate as Found

GATES, CHANGE = "gates.json", "change.json"
AGAIN = "the refit is made again where refits are asked for"


class _Gates(Loose):
    gates: list[Gate]


class _Change(Loose):
    """The part of ``change.json`` that is read again."""

    ids: list[str]
    contents: dict[str, Seal]


@dataclass(frozen=True)
class StoredRefit:
    """A refit that was read from its folder.

    Attributes
    ----------
    draws
        The content of its ``draws.nc``.
    ids
        The observations that it knew.
    failed
        Names of the gates that it failed.
    """

    draws: "xr.Dataset"
    ids: frozenset[str]
    failed: tuple[str, ...]


def seal_refit(folder: Path, gates: "Sequence[Found]", change: "Mapping[str, Any]", ids: "Sequence[str]") -> None:
    """Write a refit's gates beside its draws, and last its change with the size and the hash of both."""
    write_json(folder / GATES, {"gates": [gate.to_json() for gate in gates]})
    told = {**change, "ids": list(ids)}
    write_json(folder / CHANGE, {**told, "contents": seals(folder) | {CHANGE: seal_of(told)}})


def read_refit(folder: Path) -> StoredRefit:
    """Read a stored refit.

    Raises
    ------
    InputError
        Naming the file that is not what was written.
    """
    told = read_json(folder / CHANGE, AGAIN)
    found = checked(folder / CHANGE, _Change, told, AGAIN)
    if missing := {GATES, DRAWS, CHANGE} - found.contents.keys():
        raise InputError(f"{folder / CHANGE}: does not say what {', '.join(sorted(missing))} held; {AGAIN}")
    if seal_of({key: value for key, value in told.items() if key != "contents"}) != vars(found.contents[CHANGE]):
        raise InputError(f"{folder / CHANGE}: is damaged or changed: its content is not what was written; {AGAIN}")
    for name in (GATES, DRAWS):
        require_whole(folder / name, found.contents[name], again=AGAIN)
    gates = checked(folder / GATES, _Gates, read_json(folder / GATES, AGAIN), AGAIN).gates
    try:
        draws = read_draws(folder / DRAWS)
    except UNREADABLE as error:
        raise InputError(f"{folder / DRAWS}: cannot be read ({error}); {AGAIN}") from None
    return StoredRefit(draws, frozenset(found.ids), tuple(gate.name for gate in gates if not gate.passed))
