"""The command ``stackcast``: its verbs in groups, and how errors become one line and an exit status."""

import logging
import os
import traceback
from typing import Annotated

import typer

from stackcast.caches import cache_folder, place_caches
from stackcast.cli.backtest import backtest
from stackcast.cli.calibrate import calibrate
from stackcast.cli.check import check
from stackcast.cli.explain import next_, whatif, why
from stackcast.cli.fit import fit
from stackcast.cli.history import history_app
from stackcast.cli.init import init
from stackcast.cli.label import label
from stackcast.cli.observe import observe
from stackcast.cli.priors import priors_app
from stackcast.cli.process import end, guarded_output, interruptible
from stackcast.cli.pull import pull
from stackcast.cli.report import plot, report
from stackcast.cli.runs import runs, show
from stackcast.cli.scenario import compare, decide, scenario, sensitivity
from stackcast.cli.score import score
from stackcast.cli.signal import migrate, signal_app
from stackcast.cli.update import update
from stackcast.errors import StackcastError, printable
from stackcast.files.kept import kept

place_caches()
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")  # chains are the parallelism; threads inside one only contend

INTERRUPTED = 130
SHOWN = 3
"""Files that an interrupted command names as kept."""
FAULT = "This is a fault of stackcast. Please report these lines and your command where you have it from."
GROUPS = {
    "Forecast": (fit, show, runs, report, plot),
    "Explain": (why, whatif, next_, scenario, decide, sensitivity, compare),
    "Evaluate": (score, backtest, calibrate, history_app, priors_app),
    "Data": (init, check, observe, pull, label, update, signal_app, migrate),
}
"""The verbs by the heading under which help lists them; of each heading, verbs with verbs of their own come last."""

app = typer.Typer(
    name="stackcast",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _group, _verbs in GROUPS.items():
    for _verb in _verbs:
        if isinstance(_verb, typer.Typer):
            app.add_typer(_verb, rich_help_panel=_group)
        else:
            app.command(_verb.__name__.rstrip("_"), rich_help_panel=_group)(_verb)


class _OnStderr(logging.Handler):
    """Shows what the rooms tell while they work, each line once."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Print the line, unless it was printed before."""
        line = printable(record.getMessage())
        if line not in self._said:
            self._said.add(line)
            typer.echo(line, err=True)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"stackcast {version('stackcast')}")
        raise typer.Exit


@app.callback()
def main(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Forecast a debate of claims about shares: will the AI stack be open or closed? Every step can be checked."""
    told = _OnStderr(logging.WARNING)
    logger = logging.getLogger("stackcast")
    logger.addHandler(told)
    context.call_on_close(lambda: logger.removeHandler(told))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit status: 0, 1 (a gate refused, an interrupt), 2 (bad input), or a verb's.

    A reader that closes the pipe early ends it with 141, as it ends other programs.
    """
    kept.clear()
    try:
        with guarded_output(), interruptible():
            app(arguments, prog_name="stackcast")
    except StackcastError as error:
        if str(error):
            typer.echo(str(error), err=True)
        return error.exit_status
    except SystemExit as done:
        if done.code == INTERRUPTED:
            typer.echo(f"interrupted; {_what_stays()}", err=True)
            if arguments is None:
                end(1)
            return 1
        return int(done.code or 0)
    except Exception:
        typer.echo(f"{traceback.format_exc()}\n{FAULT}", err=True)
        return 1
    return 0


def _what_stays() -> str:
    paths = [str(path) for path in kept.paths if not path.is_relative_to(cache_folder())]
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return f"kept: {', '.join(paths[:SHOWN])}{more}" if paths else "nothing was kept"
