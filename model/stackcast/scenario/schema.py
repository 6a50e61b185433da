"""What a scenario file may say, and how it is read."""

from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from stackcast.errors import InputError, Problem, ProblemsFound
from stackcast.files.documents import Document, Strict, did_you_mean
from stackcast.priors.load import Priors

SHIPPED = files("stackcast.scenario") / "shipped"
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


class Intervention(Strict):
    """One thing that is done to the future.

    Attributes
    ----------
    what
        A claim, a half of one, or a facet.
    begin, until
        First and last day; without an end it lasts to the horizon. A facet that is shifted is shifted once.
    set, shift
        One of them: a value, or a change. Claims in prior sds; a share is set as a share and shifted in logit; the gap
        in Elo points.
    """

    what: str
    begin: Annotated[date, Field(alias="from")]
    until: Annotated[date | None, Field(alias="to")] = None
    set: float | None = None
    shift: float | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if (self.set is None) == (self.shift is None):
            raise ValueError("must have either `set` or `shift`")
        if self.until is not None and self.until < self.begin:
            raise ValueError("`to` lies before `from`")
        return self


class Scenario(Strict):
    """A scenario: interventions that happen together, and why somebody might expect them."""

    name: Name
    title: str
    rationale: str
    do: Annotated[list[Intervention], Field(min_length=1)]


class ScenarioFile(Strict):
    """The content of a scenario file."""

    format: Literal[1]
    scenarios: Annotated[list[Scenario], Field(min_length=1)]


def shipped() -> tuple[str, ...]:
    """Return the names of the shipped scenario files."""
    return tuple(sorted(p.name.removesuffix(".yaml") for p in SHIPPED.iterdir() if p.name.endswith(".yaml")))


def read_scenarios(source: str, priors: Priors, now: date, horizon: date) -> tuple[Scenario, ...]:
    """Read a scenario file by its path, or a shipped one by its name.

    Parameters
    ----------
    source
        Path or name.
    priors
        Claims and facets that may be named.
    now, horizon
        Interventions act after the quarter of the one, up to the other.

    Raises
    ------
    InputError
        Naming file, line, column and the fix.
    """
    if Path(source).is_file():
        return _checked(Document(Path(source), ScenarioFile), priors, now, horizon)
    if source not in shipped():
        raise InputError(
            f"{source}: no such file, and no shipped scenarios of that name{did_you_mean(source, shipped())}"
        )
    with as_file(SHIPPED / f"{source}.yaml") as path:
        return _checked(Document(path, ScenarioFile), priors, now, horizon)


def _checked(document: Document[ScenarioFile], priors: Priors, now: date, horizon: date) -> tuple[Scenario, ...]:
    claims = list(dict.fromkeys([*priors.claims, *priors.factors]))
    problems: list[Problem] = []

    def wrong(i: int, j: int, key: str, message: str) -> None:
        problems.append(document.problem(("scenarios", i, "do", j, key), message))

    for i, scenario in enumerate(document.content.scenarios):
        for j, one in enumerate(scenario.do):
            known = [*claims, *priors.facets]
            if one.what not in known:
                wrong(i, j, "what", f"unknown claim or facet {one.what!r}{did_you_mean(one.what, known)}")
                continue
            if one.begin <= now:
                wrong(
                    i,
                    j,
                    "from",
                    f"{one.begin} is not after {now}, the run's last quarter: only the future can be changed",
                )
            if one.begin > horizon:
                wrong(i, j, "from", f"{one.begin} lies beyond the horizon {horizon}")
            share = one.what in priors.facets and priors.facets[one.what].kind == "share"
            if share and one.set is not None and not 0 < one.set < 1:
                wrong(i, j, "set", f"{one.set:g} is not a share between 0 and 1")
    names = [s.name for s in document.content.scenarios]
    if len(set(names)) < len(names):
        problems.append(document.problem(("scenarios",), "two scenarios have the same name"))
    if problems:
        raise ProblemsFound(problems)
    return tuple(document.content.scenarios)
