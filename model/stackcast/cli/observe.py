"""``stackcast observe``: from flags and prompts to one checked row, shown with what it would change, then written."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stackcast.cli.options import ProjectOption, RunsOption
from stackcast.errors import InputError, ProblemsFound, StackcastError

if TYPE_CHECKING:
    from collections.abc import Callable

    from stackcast.explain.news import News
    from stackcast.observations.schema import Observation, Signal
    from stackcast.project import Project
    from stackcast.runs.folder import Run

RETRACT = "retract"


def observe(
    signal: Annotated[str, typer.Argument(help="The signal's name in observations/signals.yaml; or: retract.")],
    row: Annotated[str | None, typer.Argument(metavar="[ID]", help="After retract: the id of the wrong row.")] = None,
    period: Annotated[
        str | None,
        typer.Option(metavar="PERIOD", help="2026, 2026-Q1, 2026-03, 2026-03-14, or 2026-03-01..2026-03-31."),
    ] = None,
    value: Annotated[float | None, typer.Option(help="The value, in the signal's unit.")] = None,
    count: Annotated[
        str | None, typer.Option(metavar="K/N", help="Two counts or two parts, such as 31/97, in place of --value.")
    ] = None,
    published: Annotated[str | None, typer.Option(metavar="DATE", help="Publication day; today by default.")] = None,
    source: Annotated[
        str | None, typer.Option(metavar="URL", help="Where it stands: an address, or pkg:pypi/NAME@VERSION.")
    ] = None,
    lower: Annotated[float | None, typer.Option(help="Lower bound; alone and equal to the value: a floor.")] = None,
    upper: Annotated[float | None, typer.Option(help="Upper bound.")] = None,
    n: Annotated[float | None, typer.Option(help="Respondents, or models or prices that it was drawn from.")] = None,
    note: Annotated[str, typer.Option(help="The caveat of this row.")] = "",
    why: Annotated[str, typer.Option(help="After retract: what is wrong with the row.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    out: RunsOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Add one observation: show where the latest run expected it and what it would change, then write it.

    What is missing is asked for on a terminal. A later --published for a period that has a value is a revision: both
    are kept. A wrong row is taken back by `observe retract`: it counts as unknown from today on, and stays readable.

    [dim]Examples: stackcast observe epoch-notable-open-weights-quarterly --period 2026-Q3 --count 11/29
    --source https://epoch.ai/data/notable_ai_models.csv;
    stackcast observe retract poe-deepseek-text-share/2025-02-28@2025-05-13 --why "a share of messages, not users"[/dim]
    """
    from stackcast.project import Project, utc_today

    today = utc_today()
    if signal == RETRACT:
        _retract(project, row, why, today, out, yes=yes)
        return
    loaded = Project.load(project, today=today)
    if row is not None:
        raise InputError(f"unexpected {row!r}; flags give the value, such as --value 0.12")
    if why:
        raise InputError("--why: only for `observe retract`; a row's caveat is its --note")
    definition = _definition(loaded, signal)
    asked = {"period": period, "value": value, "count": count, "source": source}
    if sys.stdin.isatty():
        asked = _ask(definition, asked)
    given = {"published": published or today.isoformat(), "lower": lower, "upper": upper, "n": n, "note": note}
    _add(loaded, signal, build_row(signal, asked | given), today, out, yes=yes)


def _add(loaded: "Project", slug: str, row: "Observation", today: date, out: Path | None, *, yes: bool) -> None:
    from stackcast.observations.write import add_rows, plan
    from stackcast.report.console.observation import print_observation

    folder, signals = loaded.root / "observations", loaded.observations.signals
    planned = plan(folder, slug, signals[slug], row, today=today)
    run, news, why_not = previewed(out or loaded.root / "runs", lambda asked: _news(loaded, slug, row, asked))
    rows = loaded.observations.of(slug)
    print_observation(slug, signals[slug], rows, row, planned.revises, run, news, why_not)
    if _agreed(yes):
        added = add_rows(folder, signals, [(slug, row)], today=today)[0]
        typer.echo(f"written: {added.path}:{added.line}  {added.row.id}")


def _retract(project: Path, row: str | None, why: str, today: date, out: Path | None, *, yes: bool) -> None:
    from stackcast.explain.news import news_of_retraction
    from stackcast.files.documents import did_you_mean
    from stackcast.observations.write import retracted
    from stackcast.project import change_observations
    from stackcast.report.console.observation import print_retraction

    missing = [name for name, given in (("ID", row), ("--why", why)) if not given]
    if missing:
        raise InputError(f"missing: {', '.join(missing)}; such as: stackcast observe retract ID --why 'read wrongly'")
    loaded, clock = _at_its_clock(project, today)
    rows = loaded.observations.rows
    found = rows[rows["id"] == row]
    if found.empty:
        raise InputError(f"no row has the id {row!r}{did_you_mean(str(row), rows['id'])}")
    published = found["published"].iloc[0].date()
    run, news, why_not = previewed(
        out or loaded.root / "runs", lambda asked: news_of_retraction(asked, loaded, str(row))
    )
    print_retraction(found.iloc[0], why, run, news, why_not)
    if _agreed(yes):
        change_observations(loaded.root, lambda folder: retracted(folder, str(row), published, why, today), today=clock)
        typer.echo(f"retracted from {max(published, today)} on: {row}")


def _at_its_clock(project: Path, today: date) -> "tuple[Project, date]":
    """Return the project, and the day that counts as its today: the last of all where its rows lie in the future.

    So a row that a wrong clock dated can be taken back, though nothing else works on such a project.
    """
    from stackcast.files.cells import LAST_DAY
    from stackcast.project import Project

    try:
        return Project.load(project, today=today), today
    except ProblemsFound as error:
        try:
            return Project.load(project, today=LAST_DAY), LAST_DAY
        except ProblemsFound:
            raise error from None


def previewed(runs: Path, ask: "Callable[[Run], News | None]") -> "tuple[Run | None, News | None, str]":
    """Return the latest headline and what it says to a row, or why it cannot be asked: the row is written anyway."""
    from stackcast.runs.folder import latest_passed

    run = None
    try:
        run = latest_passed(runs)
        return run, ask(run) if run else None, ""
    except StackcastError as error:
        return run, None, str(error)


def _agreed(yes: bool) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        raise InputError("nothing was written: there is no terminal to ask on; add --yes")
    if typer.confirm("Write it?"):
        return True
    typer.echo("nothing was written")
    return False


def build_row(slug: str, asked: dict[str, Any]) -> "Observation":
    """Return the row that flags and answers describe.

    Raises
    ------
    InputError
        Naming every flag that is missing or wrong.
    """
    from stackcast.observations.periods import FORMS, parse_period
    from stackcast.observations.schema import observation, row_id

    missing = [f"--{name}" for name in ("period", "source") if not asked[name]]
    missing += ["--value or --count"] if asked["value"] is None and not asked["count"] else []
    if missing:
        raise InputError(f"missing: {', '.join(missing)}; a period is {FORMS}")
    if asked["value"] is not None and asked["count"]:
        raise InputError("--value and --count: give one of them; a count has its value")
    start, end = parse_period(asked["period"])
    cells: dict[str, Any] = {name: asked[name] for name in ("value", "lower", "upper", "n", "published", "note")}
    cells |= {"period_start": start, "period_end": end, "source_url": asked["source"]}
    if asked["count"]:
        numerator, denominator = _parse_count(asked["count"])
        cells |= {"numerator": numerator, "denominator": denominator, "value": round(numerator / denominator, 6)}
    try:
        published = date.fromisoformat(asked["published"])
    except ValueError:
        raise InputError(f"--published {asked['published']!r}: must be a date such as 2026-05-31") from None
    return observation(cells | {"id": row_id(slug, end, published)})


def _parse_count(text: str) -> tuple[float, float]:
    try:
        numerator, denominator = (float(part) for part in text.split("/"))
        if denominator > 0:
            return numerator, denominator
    except ValueError:
        pass
    raise InputError(f"--count {text!r}: must be two numbers, the second positive, such as 31/97")


def _definition(project: "Project", slug: str) -> "Signal":
    from stackcast.files.documents import did_you_mean

    signals = project.observations.signals
    now = next((name for name, signal in signals.items() if slug in signal.former_names), None)
    if now is not None:
        raise InputError(f"{slug!r} is now called {now!r}")
    if slug not in signals:
        raise InputError(f"unknown signal {slug!r}{did_you_mean(slug, signals)} (`stackcast check` lists them)")
    return signals[slug]


def _ask(signal: "Signal", asked: dict[str, Any]) -> dict[str, Any]:
    typer.echo(f"{signal.title} ({signal.unit})", err=True)
    answers = dict(asked)
    if not answers["period"]:
        answers["period"] = typer.prompt("Period (2026-Q1, 2026-03, 2026-03-01..2026-03-31)", err=True)
    if answers["value"] is None and not answers["count"]:
        if signal.likelihood == "counts":
            answers["count"] = typer.prompt("Count (such as 31/97)", err=True)
        else:
            answers["value"] = typer.prompt("Value", type=float, err=True)
    if not answers["source"]:
        answers["source"] = typer.prompt("Source (address)", err=True)
    return answers


def _news(project: "Project", slug: str, row: "Observation", run: "Run") -> "News | None":
    from stackcast.explain.news import news_of
    from stackcast.observations.store import as_frame

    return news_of(run, project, as_frame([{"signal": slug, **row.model_dump()}]).iloc[0])
