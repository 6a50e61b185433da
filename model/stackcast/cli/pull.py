"""``stackcast pull``: what a publisher serves today, as rows of existing signals, shown before they are written."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from stackcast.cli.options import ProjectOption
from stackcast.errors import InputError


def pull(
    source: Annotated[
        str, typer.Argument(help="epoch, eci, lmarena, openrouter, openrouter-spend, vercel, litellm, pypi or fred.")
    ],
    file: Annotated[
        list[Path] | None, typer.Option("--file", metavar="PATH", help="Read a saved copy instead; may be repeated.")
    ] = None,
    published: Annotated[
        str | None, typer.Option(metavar="DATE", help="For --file: when it could first be read, where it does not say.")
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Leave out periods that end before it.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    project: ProjectOption = Path(),
) -> None:
    """Fetch a source and turn it into observations: new periods and revisions, each a vintage of its own.

    A model or lab that observations/labels/ does not name counts neither as open nor as closed: it widens the bounds.
    Models are kept in observations/labels/unlabelled.csv, and `stackcast label` goes through them; labs are listed.
    A signal that declares its feed in signals.yaml is read by pull pypi or pull fred.

    [dim]Examples: stackcast pull epoch --dry-run;  stackcast pull litellm --since 2026-04-01;
    stackcast pull eci --file epoch_capabilities_index.csv --published 2026-05-14[/dim]
    """
    from stackcast.cli.progress import progress_bar
    from stackcast.files.documents import did_you_mean
    from stackcast.observations.labels import load_labels
    from stackcast.observations.write import add_rows
    from stackcast.project import Project, utc_today
    from stackcast.report.console.pulled import print_pulled
    from stackcast.sources import SOURCES, Context
    from stackcast.sources.payloads import SINCE, Network, Saved, fetch_or_read
    from stackcast.sources.pull import pull_source
    from stackcast.sources.unlabelled import keep_unlabelled

    if source not in SOURCES:
        raise InputError(f"unknown source {source!r}{did_you_mean(source, SOURCES)}")
    if published and not file:
        raise InputError("--published: only with --file; a fetched file has its own day")
    today = utc_today()
    first = _day("--since", since) or SINCE
    loaded = Project.load(project, today=today)
    folder = loaded.root / "observations"
    context = Context(load_labels(folder), loaded.observations.signals, today)
    origin = Saved(tuple(file), _day("--published", published)) if file else Network()
    with progress_bar(f"pull {source}") as progress:
        progress(0.0, "fetching")
        payloads = fetch_or_read(SOURCES[source], origin, first, context)
    pulled = pull_source(SOURCES[source], payloads, loaded, context, first)
    print_pulled(pulled)
    fresh = pulled.rows
    if dry_run:
        return
    if fresh and not yes and not sys.stdin.isatty():
        raise InputError("nothing was written: there is no terminal to ask on; add --yes, or --dry-run to look only")
    if fresh and not yes and not typer.confirm(f"Write {len(fresh)} rows?"):
        typer.echo("nothing was written")
        return
    added = add_rows(folder, loaded.observations.signals, fresh, today=today) if fresh else []
    for path in sorted({a.path for a in added}):
        typer.echo(f"written: {sum(a.path == path for a in added)} rows to {path}")
    seen = pulled.reading.seen
    kept = keep_unlabelled(folder, source, pulled.debt, seen, today=today) if seen else None
    if kept:
        typer.echo(f"written: {len(pulled.debt)} unlabelled names of {source} to {kept}")


def _day(flag: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError(f"{flag} {text!r}: must be a date such as 2026-05-31") from None
