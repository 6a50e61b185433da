"""Load ``priors/`` whole and hold it against the observations' definitions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from stackcast.errors import Problem, ProblemsFound
from stackcast.observations.schema import Signal
from stackcast.priors.consistency import inconsistencies
from stackcast.priors.debate import NEUTRAL, Debate
from stackcast.priors.files import PriorFiles
from stackcast.priors.history import HistoryFile
from stackcast.priors.reference_classes import COLUMNS, read_reference_classes
from stackcast.priors.schema import (
    Claim,
    ClaimFile,
    Contrast,
    Facet,
    Factor,
    LayerFile,
    MeasurementFile,
    PriorScenarioFile,
    Start,
    layer_of,
)


@dataclass(frozen=True)
class PriorScenario:
    """Claim means by factor and a factor on each factor's effects."""

    name: str
    title: str
    rationale: str
    means: dict[str, float]
    multipliers: dict[str, float]


@dataclass(frozen=True)
class Priors:
    """All that is believed before the evidence, validated.

    Attributes
    ----------
    debate
        ``debate.yaml``: the question, its sides, criterion and horizons.
    claims
        The claims by id.
    factors
        The latent strengths behind them, by name: a claim, or each sub-claim of one.
    layers
        ``layers.yaml``: layers, facets, weights, reference class.
    declared
        ``measurement.yaml`` as it is written.
    prior_scenarios
        Claim means and effect factors by name: ``neutral``, those named like a side, then the others by name.
    contrasts
        Claims of the two sides that contradict each other.
    reference_classes
        How such matters ended before; no row where none are declared.
    history
        ``history.yaml``: what earlier stacks say; None where there is none, or where a run does without.
    claim_start
        The sd of every claim in the first quarter; None where it is the stationary one.
    """

    debate: Debate
    claims: dict[str, Claim]
    factors: dict[str, Factor]
    layers: LayerFile
    declared: MeasurementFile
    prior_scenarios: dict[str, PriorScenario]
    contrasts: tuple[Contrast, ...]
    reference_classes: pd.DataFrame
    history: HistoryFile | None = None
    claim_start: Start | None = None

    @cached_property
    def measurement(self) -> MeasurementFile:
        """``measurement.yaml``: grid and scales, those of history in the place of those declared."""
        if self.history is None:
            return self.declared
        scales = self.declared.scales.model_copy(update=self.history.scales)
        return self.declared.model_copy(update={"scales": scales})

    def of_run(self, *, history: bool) -> "Priors":
        """Return the priors of a run with or without what earlier stacks say."""
        return self if history else replace(self, history=None)

    def with_history(self, made: HistoryFile) -> "Priors":
        """Return the priors with another ``history.yaml``."""
        return replace(self, history=made)

    @property
    def facets(self) -> dict[str, Facet]:
        """Facets by name, in the order of the file."""
        return self.layers.facets

    def share_facets(self, layer: str | None = None) -> list[str]:
        """Names of the share facets of a layer, or of all."""
        return [
            name
            for name, facet in self.facets.items()
            if facet.kind == "share" and (layer is None or layer_of(name) == layer)
        ]


def load_priors(folder: Path, signals: Mapping[str, Signal]) -> Priors:
    """Read and validate ``priors/`` and the names that observations and priors share.

    Raises
    ------
    ProblemsFound
        Unknown sides, claims, facets or keys, facets that nothing measures, a facet without its one reference
        signal: with file, line and the nearest valid name.
    """
    files = PriorFiles.read(folder)
    problems = list(inconsistencies(files, signals))
    classes, wrong = _reference_classes(files)
    problems += wrong
    if problems:
        raise ProblemsFound(problems)
    claims, layers = files.claims.content, files.layers.content
    neutral = _neutral(claims, files.factors)
    declared = {n: _prior_scenario(n, one.content, neutral, files.factors) for n, one in files.scenarios.items()}
    return Priors(
        files.debate.content,
        claims.claims,
        files.factors,
        layers,
        files.measurement.content,
        {NEUTRAL: neutral} | declared,
        claims.contrasts,
        classes,
        files.history.content if files.history is not None else None,
        claims.start,
    )


def _reference_classes(files: PriorFiles) -> tuple[pd.DataFrame, list[Problem]]:
    declared = files.layers.content.reference_class
    if declared is None:
        return pd.DataFrame(columns=list(COLUMNS)), []
    path = files.folder / declared.path
    if not path.is_file():
        return pd.DataFrame(), [files.layers.problem(("reference_class", "path"), f"{path}: the file is missing")]
    return read_reference_classes(path, set(files.layers.content.layers))


def _neutral(claims: ClaimFile, factors: Mapping[str, Factor]) -> PriorScenario:
    mean = claims.mean
    return PriorScenario(
        NEUTRAL, "Neutral", mean.rationale, dict.fromkeys(factors, mean.value), dict.fromkeys(factors, 1.0)
    )


def _prior_scenario(
    name: str, content: PriorScenarioFile, neutral: PriorScenario, factors: Mapping[str, Factor]
) -> PriorScenario:
    multipliers = {factor: content.effects.get(given.side, 1.0) for factor, given in factors.items()}
    return PriorScenario(name, content.title, content.rationale, neutral.means | content.means, multipliers)
