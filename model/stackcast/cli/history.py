"""``stackcast history``: what earlier stacks say of the arguments and of how shares move, and how far to believe it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stackcast.cli.options import ProjectOption
from stackcast.errors import InputError

if TYPE_CHECKING:
    from stackcast.history.records import History
    from stackcast.project import Project

history_app = typer.Typer(
    name="history", help="What earlier stacks say, and how far to believe it.", invoke_without_command=True
)
SeedOption = Annotated[int, typer.Option(help="The one seed.")]
SEED = 20230305


@history_app.callback()
def history(context: typer.Context, project: ProjectOption = Path()) -> None:
    """Print what earlier stacks say of each force, and how well such predictions did on stacks left out.

    [dim]Examples: stackcast history;  stackcast history fit;  stackcast history score my-stacks/[/dim]
    """
    if context.invoked_subcommand is not None:
        return
    from stackcast.history.results import read_results
    from stackcast.report.console.history import print_history

    loaded, stacks = _with_history(project)
    print_history(loaded.priors, stacks, read_results(project))


@history_app.command("fit")
def history_fit(
    keep_scales: Annotated[
        bool,
        typer.Option("--keep-scales", help="Refit effects and resting points alone: enough after a changed rating."),
    ] = False,
    seed: SeedOption = SEED,
    project: ProjectOption = Path(),
) -> None:
    """Fit earlier stacks and write priors/history.yaml, which the next `stackcast fit` begins with.

    [dim]Example: change a rating in observations/history/ratings.csv; stackcast history fit --keep-scales;
    stackcast fit[/dim]
    """
    from stackcast.cli.progress import progress_bar
    from stackcast.history.results import fit_history, write_priors
    from stackcast.report.console.history import print_changed

    loaded, stacks = _with_history(project)
    with progress_bar("earlier stacks") as progress:
        made = fit_history(stacks, loaded.priors, seed, keep_scales=keep_scales, progress=progress)
    write_priors(project, made)
    print_changed(loaded.priors, made)


@history_app.command("judge")
def history_judge(seed: SeedOption = SEED, project: ProjectOption = Path()) -> None:
    """Predict each earlier stack from the others alone, by every variant and rival, and write the scores.

    It takes some minutes. What it writes, under priors/history/, is shown by `stackcast history` and on the page.

    [dim]Example: stackcast history judge[/dim]
    """
    from stackcast.cli.progress import progress_bar
    from stackcast.evaluate.earlier_stacks import judge_history
    from stackcast.history.results import read_results, write_tables
    from stackcast.report.console.history import print_history

    loaded, stacks = _with_history(project)
    with progress_bar("earlier stacks") as progress:
        tables = judge_history(stacks, loaded.priors, seed, progress)
    write_tables(project, tables)
    print_history(loaded.priors, stacks, read_results(project))


@history_app.command("score")
def history_score(
    file: Annotated[
        Path, typer.Argument(help="Folder of stacks.csv, shares.csv and ratings.csv that no fit has seen.")
    ],
    seed: SeedOption = SEED,
    project: ProjectOption = Path(),
) -> None:
    """Score the predictions for stacks that the fit has not seen.

    The folder has the three files of observations/history/, in the same columns.

    [dim]Example: stackcast history score ../other-stacks[/dim]
    """
    from stackcast.cli.progress import progress_bar
    from stackcast.history.records import load_history
    from stackcast.history.results import score_unseen
    from stackcast.report.console.history import print_scores

    loaded, stacks = _with_history(project)
    if not file.is_dir():
        raise InputError(f"{file}: no such folder; give one with stacks.csv, shares.csv and ratings.csv")
    unseen = load_history(file, loaded.priors.claims, loaded.priors.layers.layers)
    assert unseen is not None
    with progress_bar("earlier stacks") as progress:
        progress(0.0, "fitting the earlier stacks")
        found = score_unseen(stacks, unseen, loaded.priors, seed)
    print_scores(found)


def _with_history(project: Path) -> "tuple[Project, History]":
    """Return a project and its earlier stacks.

    Raises
    ------
    InputError
        When it has none.
    """
    from stackcast.project import Project

    loaded = Project.load(project)
    if loaded.history is None:
        raise InputError(
            f"{project / 'observations' / 'history'}: no such folder, so this debate has no earlier stacks; "
            "observations/README.md says what it holds"
        )
    return loaded, loaded.history
