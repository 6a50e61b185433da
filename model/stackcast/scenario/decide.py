"""Decisions: expected value of each choice, and of perfect information."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from stackcast.explain.quantity import quantity_of
from stackcast.files.documents import Document, Strict
from stackcast.runs.draws import Draws

LARGEST = 1e15
"""A payoff's largest size: beyond it sums of payoffs lose their last units."""
Payoff = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]


class Decision(Strict):
    """The content of a decision file: a payoff for each choice in each range of a quantity.

    Attributes
    ----------
    quantity
        The quantity that determines the payoff, such as ``models@2028-12-31``.
    edges
        Increasing values that divide the quantity's range: below the first, between them, from the last on.
    payoffs
        For each choice one payoff a range, in any unit.
    """

    format: Literal[1]
    title: str
    quantity: str
    unit: str
    edges: Annotated[list[float], Field(min_length=1)]
    payoffs: Annotated[dict[str, list[Payoff]], Field(min_length=2)]

    @model_validator(mode="after")
    def _one_payoff_a_range(self) -> Self:
        if sorted(set(self.edges)) != self.edges:
            raise ValueError("`edges` must rise")
        for choice, row in self.payoffs.items():
            if len(row) != len(self.edges) + 1:
                raise ValueError(f"{choice}: {len(row)} payoffs for {len(self.edges) + 1} ranges")
        return self


@dataclass(frozen=True)
class Verdict:
    """Expected values of a decision's choices.

    Attributes
    ----------
    label
        The quantity.
    ranges
        ``range, probability`` and the payoff of each choice.
    choices
        ``choice, expected, error, p_best``, the best first.
    perfect
        Expected value of perfect information about the quantity (Raiffa and Schlaifer 1961).
    lead, lead_error
        Expected value of the best choice less that of the next, and its Monte Carlo error.
    """

    label: str
    ranges: pd.DataFrame
    choices: pd.DataFrame
    perfect: float
    lead: float
    lead_error: float


def read_decision(path: Path) -> Decision:
    """Read a decision file.

    Raises
    ------
    InputError
        Naming file, line, column and the fix.
    """
    return Document(path, Decision).content


def decide(decision: Decision, draws: Draws) -> Verdict:
    """Return the expected value of each choice under a run's draws, and of perfect information.

    Raises
    ------
    InputError
        Where the run has no such quantity.
    """
    quantity = quantity_of(draws, decision.quantity)
    place = np.searchsorted(decision.edges, quantity.draws, side="right")
    payoff = {choice: np.array(row)[place] for choice, row in decision.payoffs.items()}
    values = np.array(list(payoff.values()))
    root = np.sqrt(values.shape[1])
    best = values == values.max(axis=0)
    choices = pd.DataFrame(
        {
            "choice": list(payoff),
            "expected": values.mean(axis=1),
            "error": values.std(axis=1) / root,
            "p_best": (best / best.sum(axis=0)).mean(axis=1),
        }
    ).sort_values("expected", ascending=False, kind="stable", ignore_index=True)
    first, second = (payoff[name] for name in choices["choice"].iloc[:2])
    names = _ranges(decision.edges)
    ranges = pd.DataFrame({"range": names, "probability": [(place == i).mean() for i in range(len(names))]})
    perfect = float(values.max(axis=0).mean() - values.mean(axis=1).max())
    difference = first - second
    return Verdict(
        quantity.label, ranges.assign(**decision.payoffs), choices, perfect, float(difference.mean()),
        float(difference.std() / root),
    )  # fmt: skip


def _ranges(edges: list[float]) -> list[str]:
    between = [f"{a:g} to {b:g}" for a, b in pairwise(edges)]
    return [f"below {edges[0]:g}", *between, f"{edges[-1]:g} or more"]
