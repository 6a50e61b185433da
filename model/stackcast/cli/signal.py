"""``stackcast signal``: define, rename and retire signals; ``stackcast migrate``."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from stackcast.cli.options import ProjectOption
from stackcast.errors import InputError

signal_app = typer.Typer(name="signal", help="Define, rename and retire signals.", no_args_is_help=True)

ASKED = {
    "title": "Title",
    "definition": "Definition: what is counted, over what, in your own words",
    "population": "Population: whom or what it covers",
    "unit": "Unit, such as 'share of tokens'",
    "publisher": "Publisher",
    "interest": "What the publisher gains from the value",
    "licence": "Licence, such as CC-BY-4.0",
}


@signal_app.command()
def new(
    name: Annotated[str, typer.Argument(help="Lower case, digits, dots and hyphens, such as acme-open-share.")],
    facet: Annotated[str | None, typer.Option(help="The facet that it measures, such as models.enterprise.")] = None,
    claim: Annotated[str | None, typer.Option(help="The claim that it indicates, such as C2 or C1.hosting.")] = None,
    sign: Annotated[str, typer.Option(help="+ when a higher value is evidence for it, - when against.")] = "+",
    likelihood: Annotated[str, typer.Option(help="counts, share, gap or ratio.")] = "share",
    title: Annotated[str, typer.Option(help="One line.")] = "",
    definition: Annotated[str, typer.Option(help="What is counted, over what.")] = "",
    population: Annotated[str, typer.Option(help="Whom or what it covers.")] = "",
    unit: Annotated[str, typer.Option(help="Unit of the value column.")] = "",
    per_unit: Annotated[float, typer.Option(help="What the value is divided by: 100 for percent.")] = 1.0,
    publisher: Annotated[str, typer.Option(help="Who publishes it.")] = "",
    interest: Annotated[str, typer.Option(help="What the publisher gains from the value.")] = "",
    licence: Annotated[str, typer.Option(help="Its licence.")] = "",
    family: Annotated[
        str | None, typer.Option(help="Signals cut from one table share one; its own by default.")
    ] = None,
    spacing: Annotated[int, typer.Option(min=1, help="Usual days between observations.")] = 91,
    neutral: Annotated[
        str | None,
        typer.Option(metavar="LOW:HIGH:ONE", help="For a claim: neutral from LOW to HIGH; ONE is a clear sign of it."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why that reading is neutral.")] = "",
    project: ProjectOption = Path(),
) -> None:
    """Add a signal to observations/signals.yaml; its first row comes with `stackcast observe`.

    What is missing is asked for on a terminal. A signal that measures no facet and no claim of the model is refused.

    [dim]Example: stackcast signal new acme-open-share --facet models.enterprise --title "Open share at Acme's clients"
    --definition "Clients whose main model has open weights." --population "Acme's clients" --unit "share of clients"
    --publisher Acme --interest "sells hosting" --licence "facts only"[/dim]
    """
    from stackcast.observations.definitions import added
    from stackcast.project import change_observations

    texts = _ask({
        "title": title, "definition": definition, "population": population, "unit": unit,
        "publisher": publisher, "interest": interest, "licence": licence,
    })  # fmt: skip
    given: dict[str, Any] = {
        "title": texts["title"],
        "definition": texts["definition"],
        "measures": {"facet": facet, "claim": claim, "sign": _sign(sign)},
        "role": "indicator" if claim else "secondary",
        "population": texts["population"],
        "family": family or name,
        "likelihood": likelihood,
        "unit": texts["unit"],
        "publisher": {"name": texts["publisher"], "interest": texts["interest"]},
        "licence": texts["licence"],
        "spacing_days": spacing,
        "per_unit": per_unit,
    }
    if neutral is not None:
        given["neutral"] = _neutral(neutral, reason)
    signal = _validated(name, given)
    change_observations(project, lambda folder: added(folder, name, signal))
    typer.echo(f"added: {name} measures {signal.measures.target}; its first row: stackcast observe {name}")


@signal_app.command()
def rename(
    old: Annotated[str, typer.Argument(help="The name it has.")],
    name: Annotated[str, typer.Argument(metavar="NEW", help="The name it gets.")],
    project: ProjectOption = Path(),
) -> None:
    """Rename a signal; its rows keep the ids under which they were cited, and older runs still find it.

    [dim]Example: stackcast signal rename aa-index-gap-points artificial-analysis-gap[/dim]
    """
    from stackcast.observations.definitions import renamed
    from stackcast.project import change_observations

    for path in change_observations(project, lambda folder: renamed(folder, old, name)):
        typer.echo(f"changed: {path}")


@signal_app.command()
def retire(
    name: Annotated[str, typer.Argument(help="The signal.")],
    why: Annotated[str, typer.Option(help="Why no more observations will come.")],
    project: ProjectOption = Path(),
) -> None:
    """Retire a signal: no more observations will come; those it has stay in the data.

    [dim]Example: stackcast signal retire aiindex-foundation-model-open-share --why "not in the index since 2024"[/dim]
    """
    from stackcast.observations.definitions import retired
    from stackcast.project import change_observations, utc_today

    today = utc_today()
    change_observations(project, lambda folder: retired(folder, name, why, today), today=today)
    typer.echo(f"retired: {name}, {today}")


def migrate(project: ProjectOption = Path()) -> None:
    """Bring a project from an older format to this one, whole or not at all.

    [dim]Example: stackcast migrate[/dim]
    """
    from stackcast.priors.debate import UNWRITTEN
    from stackcast.project import migrate as bring

    changed = bring(project)
    typer.echo("\n".join(f"changed: {path}" for path in changed) or "nothing to do: the format is the current one")
    if any(path.is_file() and UNWRITTEN in path.read_text(encoding="utf-8") for path in changed):
        typer.echo(f"next: write what is {UNWRITTEN}; stackcast check names the lines")


def _ask(given: dict[str, str]) -> dict[str, str]:
    missing = [name for name, text in given.items() if not text]
    if missing and not sys.stdin.isatty():
        raise InputError(f"missing: {', '.join(f'--{name}' for name in missing)}")
    return given | {name: typer.prompt(ASKED[name], err=True) for name in missing}


def _sign(text: str) -> int:
    if text not in ("+", "-"):
        raise InputError(f"--sign {text!r}: must be + or -")
    return 1 if text == "+" else -1


def _neutral(text: str, reason: str) -> dict[str, Any]:
    try:
        low, high, one = map(float, text.split(":"))
    except ValueError:
        raise InputError(f"--neutral {text!r}: must be three numbers, such as 0.3:0.6:0.9") from None
    return {"low": low, "high": high, "mass": 0.9, "one_unit": one, "reason": reason}


def _validated(name: str, given: dict[str, Any]) -> Any:
    from pydantic import ValidationError

    from stackcast.observations.schema import FORMAT, SignalFile

    try:
        return SignalFile.model_validate({"format": FORMAT, "signals": {name: given}}).signals[name]
    except ValidationError as error:
        lines = []
        for e in error.errors():
            where = ".".join(str(part) for part in e["loc"][2:] if part != "[key]") or "name"
            lines.append(f"{where}: {e['msg'].removeprefix('Value error, ')} (found {e['input']!r})")
        raise InputError("\n".join(lines)) from None
