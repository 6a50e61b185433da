"""``stackcast label``: unlabelled names by weight, each answered by a key, a link and a day; written at once."""

import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stackcast.cli.options import ProjectOption
from stackcast.errors import InputError

if TYPE_CHECKING:
    from stackcast.observations.debt import SourceDebt
    from stackcast.observations.labelling import End, Entry, Screen
    from stackcast.observations.labels import Label, Labels


def label(
    source: Annotated[
        str | None,
        typer.Argument(metavar="[SOURCE|NAME]", help="Go through one source only; with --open or --closed: a name."),
    ] = None,
    opened: Annotated[bool, typer.Option("--open", help="Label NAME as open: anyone can get its weights.")] = False,
    closed: Annotated[bool, typer.Option("--closed", help="Label NAME as closed.")] = False,
    link: Annotated[
        str | None, typer.Option("--source", metavar="URL", help="With --open or --closed: where it is said.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="From which day it is so; the day it was seen by default."),
    ] = None,
    note: Annotated[str, typer.Option(help="The caveat of this label.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    as_list: Annotated[bool, typer.Option("--list", help="Print what lacks a label, and ask nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    project: ProjectOption = Path(),
) -> None:
    """Label models as open or closed: go through the names that no label covers, the heaviest first.

    Each name is shown with its weight, what its source says of it, its neighbours in the table and a page to look at. A
    key answers (o open, c closed, s skip, p the numbered generation instead of the name, u take back, q quit), then a
    link and a day. All lines are written at the end, at once; Ctrl-C writes nothing. What is listed comes from the last
    pulls; pull again to recount.

    [dim]Examples: stackcast label;  stackcast label openrouter;  stackcast label --list;
    stackcast label "qwen3-*" --open --source https://huggingface.co/Qwen --from 2025-04-28[/dim]
    """
    from stackcast.observations.debt import label_debt, load_unlabelled
    from stackcast.observations.labels import load_labels
    from stackcast.project import Project, utc_today
    from stackcast.report.console.label_debt import debt_as_json, print_unlabelled

    today = utc_today()
    folder = Project.load(project, today=today).root / "observations"
    labels = load_labels(folder)
    debts = label_debt(load_unlabelled(folder, today=today), labels)
    if opened or closed:
        if opened and closed:
            raise InputError("--open and --closed: give one of them")
        line = build_label(source, "open" if opened else "closed", link, since, note, labels, debts, today)
        _write(project, [line], labels, debts, today, yes=yes)
        return
    _refuse_stray(link=link, since=since, note=note)
    listed = _of_source(source, debts)
    if as_json:
        typer.echo(json.dumps(debt_as_json(listed), indent=2, ensure_ascii=False))
    elif as_list or not listed:
        print_unlabelled(listed)
    else:
        _go_through(project, labels, listed, today)


def build_label(
    name: str | None,
    kind: str,
    link: str | None,
    since: str | None,
    note: str,
    labels: "Labels",
    debts: "Sequence[SourceDebt]",
    today: date,
) -> "Label":
    """Return the line that flags describe; its day is by default the first on which the name was seen, else today.

    Raises
    ------
    InputError
        Naming what is missing or wrong.
    """
    from fnmatch import fnmatchcase

    from stackcast.observations.labelling import checked
    from stackcast.observations.labels import bare

    missing = [flag for flag, given in (("NAME", name), ("--source URL", link)) if not given]
    if not name or not link:
        raise InputError(f"missing: {', '.join(missing)}; such as: stackcast label grok-1 --open --source URL")
    model = bare(name)
    seen = [x.seen for debt in debts for x in debt.lines if fnmatchcase(bare(x.model), model)]
    line, problem = checked(model, kind, link, since or min(seen, default=today).isoformat(), labels, note)
    if line is None:
        raise InputError(f"{name}: {problem}")
    return line


def _go_through(project: Path, labels: "Labels", debts: "Sequence[SourceDebt]", today: date) -> None:
    from stackcast.observations.labelling import answer_names

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError(
            "there is no terminal to ask on; --list or --json prints what lacks a label, and "
            "`stackcast label NAME --open --source URL --yes` labels one"
        )
    fresh = answer_names(debts, labels, ask)
    if fresh:
        _write(project, fresh, labels, debts, today, yes=True)
    else:
        typer.echo("nothing was answered, so nothing was written")


def ask(question: "Screen | Entry | End") -> str:
    """Show a question on the terminal and return the key, or the text."""
    from stackcast.observations.labelling import Entry
    from stackcast.report.console.labelling import entry_text, print_screen

    if not isinstance(question, Entry):
        print_screen(question)
        return typer.getchar()
    if question.problem:
        typer.secho(question.problem, fg="yellow")
    answer: str = typer.prompt(entry_text(question), default=question.default, show_default=bool(question.default))
    return answer


def _write(
    project: Path,
    fresh: "Sequence[Label]",
    labels: "Labels",
    debts: "Sequence[SourceDebt]",
    today: date,
    *,
    yes: bool,
) -> None:
    from stackcast.observations.labels import Labels
    from stackcast.observations.relabel import with_labels
    from stackcast.project import change_observations
    from stackcast.report.console.label_debt import print_effect
    from stackcast.report.console.labelling import print_lines
    from stackcast.sources import SOURCES

    print_lines(fresh)
    if not yes:
        if not sys.stdin.isatty():
            raise InputError("nothing was written: there is no terminal to ask on; add --yes")
        if not typer.confirm("Write it?"):
            typer.echo("nothing was written")
            return
    (path,) = change_observations(project, lambda folder: with_labels(folder, fresh), today=today)
    typer.echo(f"written: {len(fresh)} {'line' if len(fresh) == 1 else 'lines'} to {path}")
    print_effect(debts, Labels(labels.lines + tuple(fresh)), {name: x.signals for name, x in SOURCES.items()})


def _of_source(source: str | None, debts: "Sequence[SourceDebt]") -> "Sequence[SourceDebt]":
    from stackcast.files.documents import did_you_mean
    from stackcast.observations.labels import bare
    from stackcast.sources import SOURCES

    if source is None:
        return debts
    if source not in SOURCES and source not in {debt.source for debt in debts}:
        if any(bare(line.model) == bare(source) for debt in debts for line in debt.lines):
            raise InputError(f"{source!r} is a name: add --open or --closed, and --source URL")
        raise InputError(f"unknown source {source!r}{did_you_mean(source, SOURCES)}")
    return [debt for debt in debts if debt.source == source]


def _refuse_stray(**given: str | None) -> None:
    flags = {"link": "--source", "since": "--from", "note": "--note"}
    stray = [flags[name] for name, value in given.items() if value]
    if stray:
        raise InputError(f"{', '.join(stray)}: only with --open or --closed")
