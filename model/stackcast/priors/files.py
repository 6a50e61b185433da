"""The files of ``priors/``, each valid by itself and still knowing its lines."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from stackcast.files.documents import Document
from stackcast.priors.debate import DebateFile
from stackcast.priors.history import HistoryFile
from stackcast.priors.schema import ClaimFile, Factor, LayerFile, MeasurementFile, PriorScenarioFile

HISTORY = "history.yaml"
"""What `stackcast history fit` writes, where the debate has earlier stacks."""
SCENARIOS = "scenarios"
"""The folder of the prior scenarios, which may be missing."""


@dataclass(frozen=True)
class PriorFiles:
    """Every document of ``priors/``; prior scenarios by name, those named like a side first."""

    folder: Path
    claims: Document[ClaimFile]
    layers: Document[LayerFile]
    measurement: Document[MeasurementFile]
    debate: Document[DebateFile]
    scenarios: dict[str, Document[PriorScenarioFile]]
    history: Document[HistoryFile] | None

    @classmethod
    def read(cls, folder: Path) -> "PriorFiles":
        """Read them.

        Raises
        ------
        InputError
            When a file is missing or not valid.
        """
        claims = Document(folder / "claims.yaml", ClaimFile)
        layers = Document(folder / "layers.yaml", LayerFile)
        measurement = Document(folder / "measurement.yaml", MeasurementFile)
        debate = Document(folder / "debate.yaml", DebateFile)
        place = {name: i for i, name in enumerate(debate.content.sides.names)}
        paths = sorted((folder / SCENARIOS).glob("*.yaml"), key=lambda p: (place.get(p.stem, len(place)), p.stem))
        scenarios = {path.stem: Document(path, PriorScenarioFile) for path in paths}
        past = folder / HISTORY
        history = Document(past, HistoryFile) if past.exists() else None
        return cls(folder, claims, layers, measurement, debate, scenarios, history)

    @cached_property
    def factors(self) -> dict[str, Factor]:
        """The latent strengths behind the claims, by name."""
        return {n: s for name, claim in self.claims.content.claims.items() for n, s in claim.factors(name).items()}
