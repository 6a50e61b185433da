"""The declared schema of the numbers under ``priors/``: claims, layers, measurement, prior scenarios."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from stackcast.files.documents import Strict
from stackcast.observations.schema import Sign, Slug, Text
from stackcast.priors.debate import QuarterLabel, Version

Mass = Annotated[float, Field(gt=0.5, lt=1)]
Positive = Annotated[float, Field(gt=0)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
FacetName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*\.[A-Za-z0-9][A-Za-z0-9_.-]*$")]


class Effect(Strict):
    """How a claim may move a facet's equilibrium: its sign, and an upper bound of its size."""

    facet: str
    sign: Sign
    upper: Positive
    mass: Mass
    rationale: Text


class Factor(Strict):
    """A latent strength of its own: a claim or a sub-claim."""

    side: str
    statement: Text
    half_life: Positive
    half_life_rationale: Text
    validity: Annotated[float, Field(gt=0, lt=1)]
    validity_rationale: Text
    effects: tuple[Effect, ...]


class Claim(Strict):
    """One argument of the debate; either it is a factor itself or it has sub-claims that are."""

    side: str
    title: Text
    statement: Text
    essay: Text | None = None
    half_life: Positive | None = None
    half_life_rationale: Text | None = None
    validity: Annotated[float, Field(gt=0, lt=1)] | None = None
    validity_rationale: Text | None = None
    effects: tuple[Effect, ...] = ()
    subclaims: dict[Name, Factor] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole_or_parts(self) -> Self:
        own = (self.half_life, self.half_life_rationale, self.validity, self.validity_rationale)
        whole = all(x is not None for x in own)
        if whole == bool(self.subclaims) or (self.subclaims and self.effects):
            raise ValueError("give half_life, validity, their rationales and effects, or subclaims that have them")
        return self

    def factors(self, name: str) -> dict[str, Factor]:
        """Return the latent strengths behind this claim, by name such as ``C1.hosting``."""
        if self.subclaims:
            return {f"{name}.{part}": factor for part, factor in self.subclaims.items()}
        return {
            name: Factor(
                side=self.side,
                statement=self.statement,
                half_life=self.half_life or 1.0,
                half_life_rationale=self.half_life_rationale or "-",
                validity=self.validity or 0.5,
                validity_rationale=self.validity_rationale or "-",
                effects=self.effects,
            )
        }


class Mean(Strict):
    """The mean of every claim in the neutral prior scenario."""

    value: float
    rationale: Text


class Start(Strict):
    """The sd of every claim in the first quarter: how far it may stand from what zero means; without it one."""

    sd: Annotated[float, Field(gt=0.0, le=1.0)]
    rationale: Text


class Contrast(Strict):
    """Claims of the two sides that contradict each other; each stands on the side that it declares."""

    id: Slug
    title: Text
    claims: tuple[str, ...]


class ClaimFile(Strict):
    """``claims.yaml``."""

    format: Version
    claims: Annotated[dict[Name, Claim], Field(min_length=1)]
    mean: Mean
    start: Start | None = None
    contrasts: tuple[Contrast, ...] = ()


class Equilibrium(Strict):
    """Where a facet rests while every claim is neutral: a share as it is, a gap on the latent scale."""

    low: float
    high: float
    mass: Mass
    rationale: Text
    source: Text

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError("low must lie below high")
        return self


class Scale(Strict):
    """How a gap is printed: the unit, how much of it one step of the latent scale is, and decimal places."""

    unit: Text
    per_unit: Positive = 1.0
    digits: Annotated[int, Field(ge=0, le=6)] = 2


class Offset(Strict):
    """How far a facet's kind of share lies from shares of use, logit."""

    value: float
    rationale: Text
    source: Text


class Facet(Strict):
    """One sense of the question in a layer, for one population and unit.

    ``category`` names the facet's category in ``history.yaml``; ``class_offset`` moves the resting point of a facet
    without one, which has that of its layer.
    """

    kind: Literal["share", "gap"]
    title: Text
    population: Text
    unit: Text
    criterion: Text
    equilibrium: Equilibrium
    weight: Positive | None = None
    weight_rationale: Text | None = None
    gap_pull: str | None = None
    scale: Scale | None = None
    category: Name | None = None
    class_offset: Offset | None = None

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        if (self.kind == "share") != (self.weight is not None):
            raise ValueError("a share facet needs a weight, and a gap is in no average of shares")
        if self.kind == "share" and not 0 < self.equilibrium.low < self.equilibrium.high < 1:
            raise ValueError("the equilibrium of a share lies strictly between 0 and 1")
        if self.kind == "gap" and self.gap_pull is not None:
            raise ValueError("a gap pulls on shares only")
        if self.category is not None and (self.kind == "gap" or self.class_offset is not None):
            raise ValueError("a category is that of a share, and its ratings take the place of a class_offset")
        if self.kind == "share" and self.scale is not None:
            raise ValueError("a share is printed in per cent and has no scale")
        return self

    @property
    def printed(self) -> Scale:
        """How values of a gap are printed."""
        return self.scale or Scale(unit=self.unit)


class Layer(Strict):
    """A part of the whole."""

    title: Text
    holds: Text
    weight: Positive
    weight_rationale: Text


def layer_of(facet: str) -> str:
    """Return the layer in the name of a facet."""
    return facet.split(".", 1)[0]


class ReferenceClass(Strict):
    """The data behind the equilibrium priors."""

    path: str
    rationale: Text


class LayerFile(Strict):
    """``layers.yaml``."""

    format: Version
    concentration: Positive
    concentration_rationale: Text
    reference_class: ReferenceClass | None = None
    layers: dict[Name, Layer]
    facets: dict[FacetName, Facet]


class Constant(Strict):
    """A number that is declared, not estimated."""

    value: Positive
    rationale: Text
    source: Text = "our judgement"


class Elicited(Strict):
    """An interval of a positive quantity that becomes a distribution."""

    dist: Literal["LogNormal", "HalfNormal"]
    low: Positive | None = None
    high: Positive | None = None
    upper: Positive | None = None
    mass: Mass
    rationale: Text
    source: Text

    @model_validator(mode="after")
    def _interval_of_its_kind(self) -> Self:
        if self.dist == "LogNormal" and (self.low is None or self.high is None or self.upper is not None):
            raise ValueError("a LogNormal is given by low and high")
        if self.dist == "HalfNormal" and (self.upper is None or self.low is not None or self.high is not None):
            raise ValueError("a HalfNormal is given by upper")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError("low must lie below high")
        return self


class Scales(Strict):
    """Every scale and speed of the model (units in ``measurement.yaml``)."""

    innovation_sd_share: Elicited
    innovation_sd_gap: Elicited
    innovation_sd_spread: Constant
    half_life_share: Elicited
    half_life_gap: Elicited
    slope_half_life: Constant
    slope_response: Elicited
    start_share: Constant
    start_gap: Constant
    gap_pull: Elicited
    noise_counts: Elicited
    noise_share: Elicited
    noise_gap: Elicited
    noise_ratio: Elicited
    noise_spread: Constant
    house_floor: Constant
    house_sd: Elicited
    unit_spread: Constant
    deviation_sd: Elicited
    deviation_half_life: Constant
    family_sd: Elicited
    lag_shift: Constant
    lag_half_life: Constant
    lag_noise: Constant

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        for name, given in self:
            wanted = "HalfNormal" if name == "gap_pull" else "LogNormal"
            if isinstance(given, Elicited) and given.dist != wanted:
                why = "nothing at all is possible" if name == "gap_pull" else "none may run to zero"
                raise ValueError(f"{name} must be a {wanted}: {why}")
        return self


class GridSpec(Strict):
    """Where the quarterly grid starts."""

    start: QuarterLabel
    rationale: Text


class MeasurementFile(Strict):
    """``measurement.yaml``."""

    format: Version
    grid: GridSpec
    scales: Scales


class PriorScenarioFile(Strict):
    """``scenarios/<name>.yaml``: overrides of claim means, and factors on the effects of a side's claims."""

    format: Version
    title: Text
    rationale: Text
    means: dict[str, float] = Field(default_factory=dict)
    effects: dict[str, Positive] = Field(default_factory=dict)
