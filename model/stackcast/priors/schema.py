"""The declared schema of everything under ``priors/``."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from stackcast.files.documents import Strict
from stackcast.observations.schema import Link, Sign, Slug, Text

Mass = Annotated[float, Field(gt=0.5, lt=1)]
Positive = Annotated[float, Field(gt=0)]
QuarterLabel = Annotated[str, StringConstraints(pattern=r"^\d{4}-Q[1-4]$")]
NEUTRAL = "neutral"
"""A sub-claim of neither side; and the prior scenario in which every claim has the one mean of ``claims.yaml``."""


class Essay(Strict):
    """The text that asked the question."""

    title: Text
    author: Text
    day: date
    address: Link


class Side(Strict):
    """One side of the debate: the name that other files use, and the name that a reader sees."""

    name: Slug
    title: Text


class Sides(Strict):
    """The side for which shares near one speak, and the side for which shares near none do."""

    high: Side
    low: Side

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.high.name == self.low.name or NEUTRAL in (self.high.name, self.low.name):
            raise ValueError(f"the two sides need two names, and neither may be {NEUTRAL!r}")
        return self

    @property
    def names(self) -> tuple[str, str]:
        """Both names, ``high`` first."""
        return self.high.name, self.low.name

    def sign(self, name: str) -> int:
        """Return 1 for the side ``high`` and for neither, -1 for ``low``."""
        return -1 if name == self.low.name else 1


class Horizons(Strict):
    """The quarters that reports name besides the present; the forecast ends with ``far``."""

    near: QuarterLabel
    far: QuarterLabel

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.near < self.far:
            raise ValueError("near must come before far")
        return self


class Debate(Strict):
    """``debate.yaml``: the question, its sides, and the dates that reports name."""

    format: Literal[1]
    title: Text
    question: Text
    whole: Text
    sides: Sides
    horizons: Horizons
    essay: Essay | None = None
    criterion: Slug | None = None


class Effect(Strict):
    """How a claim may move a facet's resting point: its sign, and an upper bound of its size."""

    facet: str
    sign: Sign
    upper: Positive
    mass: Mass
    rationale: Text


class Factor(Strict):
    """A latent strength of its own: a claim, or one half of a claim."""

    side: str
    statement: Text
    half_life: Positive
    half_life_rationale: Text
    validity: Annotated[float, Field(gt=0, lt=1)]
    validity_rationale: Text
    effects: tuple[Effect, ...]


class Claim(Strict):
    """One argument of the essay; either it is a factor itself or it has halves that are."""

    side: Literal["open", "closed"]
    title: Text
    statement: Text
    essay: Text
    half_life: Positive | None = None
    half_life_rationale: Text | None = None
    validity: Annotated[float, Field(gt=0, lt=1)] | None = None
    validity_rationale: Text | None = None
    effects: tuple[Effect, ...] = ()
    subclaims: dict[str, Factor] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole_or_halves(self) -> Self:
        own = (self.half_life, self.half_life_rationale, self.validity, self.validity_rationale)
        whole = all(x is not None for x in own)
        if whole == bool(self.subclaims) or (self.subclaims and self.effects):
            raise ValueError("give half_life, validity, their rationales and effects, or halves that have them")
        return self

    def factors(self, name: str) -> dict[str, Factor]:
        """Return the latent strengths behind this claim, by name such as ``C1.hosting``."""
        if self.subclaims:
            return {f"{name}.{half}": factor for half, factor in self.subclaims.items()}
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
    """The mean of every claim in the neutral camp."""

    value: float
    rationale: Text


class Contrast(Strict):
    """Claims of the two sides that contradict each other."""

    id: str
    title: Text
    open: tuple[str, ...]
    closed: tuple[str, ...]


class ClaimFile(Strict):
    """``claims.yaml``."""

    format: Literal[1]
    claims: dict[str, Claim]
    mean: Mean
    contrasts: tuple[Contrast, ...]


class Equilibrium(Strict):
    """Where a facet rests while every claim is neutral, in the facet's own unit."""

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


class Facet(Strict):
    """One sense in which a layer is open, for one population and unit."""

    kind: Literal["share", "gap"]
    title: Text
    population: Text
    unit: Text
    criterion: Text
    equilibrium: Equilibrium
    weight: Positive | None = None
    weight_rationale: Text | None = None
    gap_pull: str | None = None

    @model_validator(mode="after")
    def _weighted_share(self) -> Self:
        if (self.kind == "share") != (self.weight is not None):
            raise ValueError("a share facet needs a weight, and a gap is never averaged into openness")
        if self.kind == "share" and not 0 < self.equilibrium.low < self.equilibrium.high < 1:
            raise ValueError("the equilibrium of a share lies strictly between 0 and 1")
        if self.kind == "gap" and self.gap_pull is not None:
            raise ValueError("a gap pulls on shares only")
        return self


class Layer(Strict):
    """A part of the stack."""

    title: Text
    holds: Text
    weight: Positive
    weight_rationale: Text


class ReferenceClass(Strict):
    """The data behind the equilibrium priors."""

    path: str
    rationale: Text


class LayerFile(Strict):
    """``layers.yaml``."""

    format: Literal[1]
    concentration: Positive
    concentration_rationale: Text
    reference_class: ReferenceClass
    layers: dict[str, Layer]
    facets: dict[str, Facet]


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


class GridSpec(Strict):
    """Where the quarterly grid starts."""

    start: QuarterLabel
    rationale: Text


class MeasurementFile(Strict):
    """``measurement.yaml``."""

    format: Literal[1]
    grid: GridSpec
    horizon: QuarterLabel
    scales: Scales


class SideMultipliers(Strict):
    """Factors on the sizes of the effects of open and closed claims."""

    open: Positive
    closed: Positive


class PriorScenarioFile(Strict):
    """``scenarios/<name>.yaml``: overrides of claim means and effect sizes, and nothing else."""

    format: Literal[1]
    title: Text
    rationale: Text
    means: dict[str, float]
    effects: SideMultipliers
