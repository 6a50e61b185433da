"""What a run is asked for."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from stackcast.priors.load import NEUTRAL


@dataclass(frozen=True)
class FitSettings:
    """What a run is asked for; with the inputs, versions and code it decides every number.

    Attributes
    ----------
    as_of
        Date up to which knowledge counts.
    prior_scenario
        ``neutral``, ``open`` or ``closed``.
    seed
        The one seed.
    chains, draws
        Chains, and kept draws of each; a run whose first attempts fail draws more.
    effects_on
        False turns all effects of claims on facets off (the ablation).
    criterion
        What counts as open for model releases.
    weights
        Relative weights in place of the declared ones, sorted by name.
    """

    as_of: date
    prior_scenario: str = NEUTRAL
    seed: int = 20230305
    chains: int = 4
    draws: int = 1000
    effects_on: bool = True
    criterion: str = "any-weights"
    weights: tuple[tuple[str, float], ...] = ()

    @property
    def choices(self) -> tuple[str, bool, str, tuple[tuple[str, float], ...]]:
        """What makes another forecast of the same knowledge: all but the date, the seed, chains and draws."""
        return self.prior_scenario, self.effects_on, self.criterion, self.weights

    @property
    def declared(self) -> bool:
        """Whether all choices are as declared: only such a run makes a headline."""
        return self.choices == FitSettings(self.as_of).choices

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self) | {"as_of": self.as_of.isoformat(), "weights": dict(self.weights)}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "FitSettings":
        """Return the settings that :meth:`to_json` wrote."""
        weights = tuple(sorted(plain["weights"].items()))
        return cls(**(plain | {"as_of": date.fromisoformat(plain["as_of"]), "weights": weights}))
