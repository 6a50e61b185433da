"""The settings of a fit."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter

from stackcast.priors.debate import NEUTRAL, Debate


@dataclass(frozen=True)
class FitSettings:
    """Settings of a fit; with inputs, versions and code they determine every number.

    Attributes
    ----------
    as_of
        Date up to which knowledge counts.
    prior_scenario
        ``neutral``, or one that is declared in ``priors/scenarios/``.
    seed
        The one seed.
    chains, draws
        Chains, and kept draws of each; later attempts of the retry schedule draw more.
    effects_on
        False turns all effects of claims on facets off (the ablation).
    criterion
        Which signals count, where they follow different rules; None is the debate's own.
    weights
        Relative weights in place of the declared ones, sorted by name.
    history
        False leaves out what earlier stacks say (``priors/history.yaml``).
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", allow_inf_nan=False)

    as_of: date
    prior_scenario: str = NEUTRAL
    seed: int = 20230305
    chains: int = 4
    draws: int = 1000
    effects_on: bool = True
    criterion: str | None = None
    weights: tuple[tuple[str, float], ...] = ()
    history: bool = True

    def under(self, debate: Debate) -> "FitSettings":
        """Return these settings with the debate's own criterion where none is given."""
        return replace(self, criterion=self.criterion or debate.criterion)

    @property
    def choices(self) -> tuple[str, bool, str | None, tuple[tuple[str, float], ...], bool]:
        """What makes another forecast from the same data: all but the date, seed, chains and draws."""
        return self.prior_scenario, self.effects_on, self.criterion, self.weights, self.history

    def declared(self, debate: Debate) -> bool:
        """Whether all choices are as declared: only such a run makes a headline."""
        return self.under(debate).choices == FitSettings(self.as_of).under(debate).choices

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self) | {"as_of": self.as_of.isoformat(), "weights": dict(self.weights)}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "FitSettings":
        """Return the settings that :meth:`to_json` wrote.

        Raises
        ------
        ValueError
            When they are not such settings: a key is missing or unknown, or a value is of another type.
        """
        if not isinstance(plain.get("weights"), dict) or "as_of" not in plain:
            raise ValueError("as_of or weights are missing")
        return TypeAdapter(cls).validate_python(plain | {"weights": tuple(sorted(plain["weights"].items()))})
