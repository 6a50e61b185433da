"""Load ``priors/`` whole and hold it against the observations' definitions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from stackcast.errors import InputError, Problem, ProblemsFound
from stackcast.files.documents import Document, did_you_mean
from stackcast.observations.schema import Signal
from stackcast.priors.schema import (
    Claim,
    ClaimFile,
    Contrast,
    Effect,
    Facet,
    Factor,
    LayerFile,
    MeasurementFile,
    PriorScenarioFile,
)

NEUTRAL = "neutral"
PRIOR_SCENARIOS = (NEUTRAL, "open", "closed")


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
    claims
        The eight claims by id.
    factors
        The latent strengths behind them, by name: a claim, or each half of one.
    layers
        ``layers.yaml``: layers, facets, weights, reference class.
    measurement
        ``measurement.yaml``: grid and scales.
    prior scenarios
        Claim means and effect factors by camp.
    contrasts
        Pairs of opposed claims.
    reference_classes
        How open earlier stacks became.
    """

    claims: dict[str, Claim]
    factors: dict[str, Factor]
    layers: LayerFile
    measurement: MeasurementFile
    prior_scenarios: dict[str, PriorScenario]
    contrasts: tuple[Contrast, ...]
    reference_classes: pd.DataFrame

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


def layer_of(facet: str) -> str:
    """Return the layer in the name of a facet."""
    return facet.split(".", 1)[0]


def load_priors(folder: Path, signals: Mapping[str, Signal]) -> Priors:
    """Read and validate ``priors/`` and the names that observations and priors share.

    Raises
    ------
    ProblemsFound
        Unknown claims, facets or keys, facets that nothing measures, a facet without its one reference
        signal: with file, line and the nearest valid name.
    """
    claims = Document(folder / "claims.yaml", ClaimFile)
    layers = Document(folder / "layers.yaml", LayerFile)
    measurement = Document(folder / "measurement.yaml", MeasurementFile)
    factors = {n: s for name, claim in claims.content.claims.items() for n, s in claim.factors(name).items()}
    problems = [*_claims(claims, layers.content), *_facets(layers), *_links(folder, layers, signals, factors)]
    prior_scenarios = {NEUTRAL: _neutral(claims.content, factors)}
    for name in PRIOR_SCENARIOS[1:]:
        document = Document(folder / "scenarios" / f"{name}.yaml", PriorScenarioFile)
        for factor in document.content.means:
            if factor not in factors:
                message = f"unknown claim {factor!r}{did_you_mean(factor, factors)}"
                problems.append(document.problem(("means", factor), message))
        prior_scenarios[name] = _prior_scenario(name, document.content, prior_scenarios[NEUTRAL], factors)
    if problems:
        raise ProblemsFound(problems)
    return Priors(
        claims.content.claims,
        factors,
        layers.content,
        measurement.content,
        prior_scenarios,
        claims.content.contrasts,
        _reference_classes(folder / layers.content.reference_class.path),
    )


def _claims(claims: Document[ClaimFile], layers: LayerFile) -> Iterable[Problem]:
    for name, claim in claims.content.claims.items():
        places: list[tuple[tuple[str, ...], tuple[Effect, ...]]] = [(("claims", name), claim.effects)]
        places += [(("claims", name, "subclaims", half), factor.effects) for half, factor in claim.subclaims.items()]
        for place, effects in places:
            for i, effect in enumerate(effects):
                if effect.facet not in layers.facets:
                    message = f"unknown facet {effect.facet!r}{did_you_mean(effect.facet, layers.facets)}"
                    yield claims.problem((*place, "effects", i, "facet"), message)
    for i, contrast in enumerate(claims.content.contrasts):
        for side in ("open", "closed"):
            for name in getattr(contrast, side):
                if name not in claims.content.claims:
                    message = f"unknown claim {name!r}{did_you_mean(name, claims.content.claims)}"
                    yield claims.problem(("contrasts", i, side), message)


def _facets(layers: Document[LayerFile]) -> Iterable[Problem]:
    content = layers.content
    gaps = [name for name, facet in content.facets.items() if facet.kind == "gap"]
    if len(gaps) != 1:
        yield layers.problem(("facets",), f"exactly one facet is the capability gap (found {gaps or 'none'})")
    for name in content.facets:
        if layer_of(name) not in content.layers:
            message = f"unknown layer {layer_of(name)!r}{did_you_mean(layer_of(name), content.layers)}"
            yield layers.problem(("facets", name), message)
    shares = {layer_of(n) for n, f in content.facets.items() if f.kind == "share"}
    for name in content.layers:
        if name not in shares:
            yield layers.problem(("layers", name), f"layer {name!r} has no share facet")


def _links(
    folder: Path, layers: Document[LayerFile], signals: Mapping[str, Signal], factors: Mapping[str, Factor]
) -> Iterable[Problem]:
    facets = layers.content.facets
    where = folder.parent / "observations" / "signals.yaml"
    lines = where.read_text(encoding="utf-8").splitlines() if where.exists() else []
    for slug, signal in signals.items():
        target, known = signal.measures.target, facets if signal.measures.facet else factors
        line = next((i for i, text in enumerate(lines, 1) if text.strip() == f"{slug}:"), 1)
        if target not in known:
            message = f"signal {slug!r} measures the unknown {target!r}{did_you_mean(target, known)}"
            yield Problem(where, line, "3", message)
        elif signal.measures.facet and (signal.likelihood == "gap") != (facets[target].kind == "gap"):
            yield Problem(
                where, line, "3", f"a {signal.likelihood} cannot measure the {facets[target].kind} {target!r}"
            )
    for name in facets:
        references = [s for s, d in signals.items() if d.measures.facet == name and d.role == "reference"]
        if len(references) != 1:
            found = ", ".join(references) or "none"
            yield layers.problem(("facets", name), f"facet {name!r} needs exactly one reference signal (found {found})")


def _neutral(claims: ClaimFile, factors: Mapping[str, Factor]) -> PriorScenario:
    mean = claims.mean
    return PriorScenario(
        NEUTRAL, "Neutral", mean.rationale, dict.fromkeys(factors, mean.value), dict.fromkeys(factors, 1.0)
    )


def _prior_scenario(
    name: str, content: PriorScenarioFile, neutral: PriorScenario, factors: Mapping[str, Factor]
) -> PriorScenario:
    by_side = {"open": content.effects.open, "closed": content.effects.closed, "neutral": 1.0}
    multipliers = {factor: by_side[given.side] for factor, given in factors.items()}
    return PriorScenario(name, content.title, content.rationale, neutral.means | content.means, multipliers)


def _reference_classes(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    needed = {"stack", "layer_analogue", "metric", "year", "open_share", "source_url"}
    if missing := needed - set(table.columns):
        raise InputError(f"{path}:1: columns are missing: {', '.join(sorted(missing))}")
    return table
