"""The schema of scenario files, and their reader."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from stackcast.errors import InputError, Problem, ProblemsFound
from stackcast.files.cells import Day, Number
from stackcast.files.documents import Document, Strict, did_you_mean
from stackcast.priors.load import Priors
from stackcast.project import INTERVENTIONS, Project

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


class Intervention(Strict):
    """One intervention on the future.

    Attributes
    ----------
    what
        A claim, a sub-claim, or a facet.
    begin, until
        First and last day; without an end it lasts to the horizon. A shift of a facet acts once.
    set, shift
        One of them: a value, or a change. Claims in prior sds; a share is set as a share and shifted in logit; a gap
        in the unit of its scale.
    """

    what: str
    begin: Annotated[Day, Field(alias="from")]
    until: Annotated[Day | None, Field(alias="to")] = None
    set: Number | None = None
    shift: Number | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if (self.set is None) == (self.shift is None):
            raise ValueError("must have either `set` or `shift`")
        if self.until is not None and self.until < self.begin:
            raise ValueError("`to` lies before `from`")
        return self


class Scenario(Strict):
    """A scenario: joint interventions, with their rationale."""

    name: Name
    title: str
    rationale: str
    do: Annotated[list[Intervention], Field(min_length=1)]


class ScenarioFile(Strict):
    """The content of a scenario file."""

    format: Literal[1]
    scenarios: Annotated[list[Scenario], Field(min_length=1)]


def declared(root: Path) -> dict[str, Path]:
    """Return a project's own scenario files by name; none where the folder is missing."""
    return {path.stem: path for path in sorted((root / INTERVENTIONS).glob("*.yaml"))}


def read_scenarios(source: str | None, project: Project, now: date, horizon: date) -> tuple[Scenario, ...]:
    """Read a scenario file.

    Parameters
    ----------
    source
        Its path, or the name of one in the project's ``priors/interventions/``; None reads all of those.
    project
        Whose claims and facets may be named.
    now, horizon
        Interventions act after the quarter of the one, up to the other.

    Raises
    ------
    InputError
        Naming file, line, column and the fix.
    """
    own = declared(project.root)
    if source is None:
        if not own:
            raise InputError(f"{project.root / INTERVENTIONS}: no scenario here; name a file of your own")
        paths = list(own.values())
    elif Path(source).is_file():
        paths = [Path(source)]
    elif source in own:
        paths = [own[source]]
    else:
        raise InputError(
            f"{source}: no such file, nor one in {project.root / INTERVENTIONS}{did_you_mean(source, own)}"
        )
    documents = [Document(path, ScenarioFile) for path in paths]
    problems = [p for document in documents for p in _wrong(document, project.priors, now, horizon)]
    problems += _twice(documents)
    if problems:
        raise ProblemsFound(problems)
    return tuple(scenario for document in documents for scenario in document.content.scenarios)


def _twice(documents: list[Document[ScenarioFile]]) -> Iterator[Problem]:
    seen: set[str] = set()
    for document in documents:
        for i, scenario in enumerate(document.content.scenarios):
            if scenario.name in seen:
                yield document.problem(("scenarios", i, "name"), f"another scenario has the name {scenario.name!r} too")
            seen.add(scenario.name)


def _wrong(document: Document[ScenarioFile], priors: Priors, now: date, horizon: date) -> Iterator[Problem]:
    known = list(dict.fromkeys([*priors.claims, *priors.factors, *priors.facets]))
    for i, scenario in enumerate(document.content.scenarios):
        for j, one in enumerate(scenario.do):
            place = ("scenarios", i, "do", j)
            if one.what not in known:
                message = f"unknown claim or facet {one.what!r}{did_you_mean(one.what, known)}"
                yield document.problem((*place, "what"), message)
                continue
            if one.begin <= now:
                message = f"{one.begin} is not after {now}, the run's last quarter: only the future can be changed"
                yield document.problem((*place, "from"), message)
            if one.begin > horizon:
                yield document.problem((*place, "from"), f"{one.begin} lies beyond the horizon {horizon}")
            share = one.what in priors.facets and priors.facets[one.what].kind == "share"
            if share and one.set is not None and not 0 < one.set < 1:
                yield document.problem((*place, "set"), f"{one.set:g} is not a share between 0 and 1")
