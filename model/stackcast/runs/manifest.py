"""What went into a run: hashes of every input, versions, settings; and the name that follows from them."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from stackcast.priors.load import NEUTRAL
from stackcast.project import Project
from stackcast.provenance import code_hash, versions


@dataclass(frozen=True)
class Order:
    """What a run is asked for; with the inputs, versions and code it decides every number.

    Attributes
    ----------
    as_of
        Date up to which knowledge counts.
    camp
        ``neutral``, ``open`` or ``closed``.
    seed
        The one seed.
    chains, draws
        Chains, and kept draws of each; a run that climbs the ladder draws more.
    effects_on
        False turns all effects of claims on facets off (the ablation).
    criterion
        What counts as open for model releases.
    weights
        Relative weights in place of the declared ones, sorted by name.
    """

    as_of: date
    camp: str = NEUTRAL
    seed: int = 20230305
    chains: int = 4
    draws: int = 1000
    effects_on: bool = True
    criterion: str = "any-weights"
    weights: tuple[tuple[str, float], ...] = ()

    @property
    def declared(self) -> bool:
        """Whether camp, effects, criterion and weights are the declared ones: only such a run makes a headline."""
        asked = Order(self.as_of)
        return all(
            getattr(self, name) == getattr(asked, name) for name in ("camp", "effects_on", "criterion", "weights")
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self) | {"as_of": self.as_of.isoformat(), "weights": dict(self.weights)}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Order":
        """Return the order that :meth:`to_json` wrote."""
        weights = tuple(sorted(plain["weights"].items()))
        return cls(**(plain | {"as_of": date.fromisoformat(plain["as_of"]), "weights": weights}))


def inputs(project: Project, order: Order) -> dict[str, Any]:
    """Return everything that decides a run's numbers."""
    return {
        "order": order.to_json(),
        "files": project.input_hashes(),
        "code": code_hash(),
        "versions": versions(),
        "metric": "cold",
    }


def run_name(order: Order, given: dict[str, Any]) -> str:
    """Return ``<as-of>-<camp>-<hash>``."""
    digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()
    return f"{order.as_of}-{order.camp}-{digest[:10]}"
