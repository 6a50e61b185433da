"""The projects whose files are damaged: invented debates with finished runs, and the verbs that read each file."""

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatch
from pathlib import Path

from stackcast.runs.folder import Run
from stackcast.runs.track_record import append_headline
from tests.asked import CLAIM, DAYS_BACK, DECISION, SCENARIO, SIGNAL, declare_feed, series
from tests.support import MINIMAL, TOY, add_tree, canned_run, copy_project, latest_day, load_project

VALUE = {TOY: ["--value", "1.3"], MINIMAL: ["--count", "43/100"]}
"""A new observation of each debate's signal."""
PUBLISHED = series(("2018-01-01", 31.5), ("2018-09-01", 100), ("2019-09-01", 33.25))
"""What a publisher serves: two figures of the toy's declared feed, and one that has no place."""
INPUTS, LATEST, RECORD = ("observations/*", "priors/*"), "latest/*", "runs/track-record.csv"


@dataclass(frozen=True)
class Verb:
    """Words of the command line, the files that it reads, how often it is asked, and what it may do.

    Attributes
    ----------
    words
        Of the command line.
    reads
        Patterns of files; ``latest/`` is the folder of the run that reports begin with.
    weight
        How often it is asked: the slow ones seldom.
    writes
        Patterns of the files that it may change where it succeeds.
    whole
        Whether damage to one run leaves it a success.
    """

    words: tuple[str, ...]
    reads: tuple[str, ...]
    weight: float = 1.0
    writes: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class Debate:
    """A project with runs on disk, its day, and its verbs."""

    root: Path
    day: date
    latest: Run
    verbs: tuple[Verb, ...]

    def readers(self, name: str, least: float = 0.0) -> list[Verb]:
        """Return the verbs that read a file, by its path in the project, and have a weight of ``least``."""
        latest = name.replace(f"runs/{self.latest.name}/", "latest/")
        asked = (verb for verb in self.verbs if verb.weight >= least)
        return [verb for verb in asked if any(fnmatch(latest, pattern) for pattern in verb.reads)]


def make_debate(source: Path, folder: Path) -> Debate:
    """Copy a debate, with a passed run of its last day that has everything, one earlier, and the record of both."""
    root = copy_project(folder, source)
    if source == TOY:
        declare_feed(root)
    (root / "published.csv").write_text(PUBLISHED, encoding="utf-8")
    project, day = load_project(root), latest_day(root / "observations")
    earlier = canned_run(project, root / "runs", day - timedelta(days=DAYS_BACK))
    latest = canned_run(project, root / "runs", day, left_out=True)
    add_tree(project, latest)
    for run in (earlier, latest):
        append_headline(root / "runs", run, run.as_of)
    (root / "scenario.yaml").write_text(SCENARIO.format(claim=CLAIM[source]), encoding="utf-8")
    (root / "decision.yaml").write_text(DECISION, encoding="utf-8")
    shutil.copy(next((root / "observations").glob("*/*.csv")), root / "unused.csv")
    return Debate(root, day, latest, verbs(source, root, project, day, earlier.name, latest.name))


def verbs(source, root, project, day, earlier, latest):
    """Return the verbs that read anything of a debate, for its runs and its day."""
    claim, signal, value = CLAIM[source], SIGNAL[source], VALUE[source]
    row = project.observations.rows["id"].iloc[0]
    month = day.replace(day=1) - timedelta(days=1)
    observe = ("observe", signal, "--period", f"{month:%Y-%m}", *value, "--source", "https://example.org/a")
    retract = ("observe", "retract", row, "--why", "read wrongly")
    pull = ("pull", "fred", "--file", str(root / "published.csv"), "--published", str(day))
    known = project.observations.of(signal)["value"].iloc[-1]
    figure = f"{signal}={known}@{day.year + 1}-03-31"
    both = (*INPUTS, LATEST)
    made = [
        Verb(("check", "--as-of", str(day)), both, 12, whole=True),
        Verb(("show",), (LATEST,), 4, whole=True),
        Verb(("show", "--json"), (LATEST,), 2, whole=True),
        Verb(("show", latest), (LATEST,), 6),
        Verb(("runs",), (LATEST,), 4, whole=True),
        Verb(("runs", "--json"), (LATEST,), 1, whole=True),
        Verb(("compare", earlier, latest), both, 1),
        Verb(("score",), both, 1, whole=True),
        Verb(("score", latest), both, 1),
        Verb(("score", "--record"), (*INPUTS, RECORD), 2, writes=(RECORD,)),
        Verb(observe, both, 1),
        Verb((*observe, "--yes"), both, 2, writes=("observations/*/*.csv",), whole=True),
        Verb((*retract, "--yes"), both, 2, writes=("observations/retractions.csv",), whole=True),
        Verb((*pull, "--dry-run"), ("published.csv",), 1),
        Verb((*pull, "--yes"), ("published.csv",), 2, writes=("observations/*/*.csv",)),
        Verb((*pull, "--yes"), INPUTS, 1, writes=("observations/*/*.csv",)),
        Verb(("next", "--run", latest), both, 1),
        Verb(("next",), (LATEST,), 0.5, whole=True),
        Verb(("why", "--refits", "0"), (LATEST,), 0.05),
        Verb(("why", claim, "--run", latest, "--refits", "0"), both, 0.05),
        Verb(("whatif", figure, "--run", latest, "--no-refit"), both, 0.3),
        Verb(("scenario", str(root / "scenario.yaml"), "--run", latest), ("scenario.yaml",)),
        Verb(("scenario", "--run", latest), ("priors/interventions/*", LATEST), 0.1),
        Verb(("decide", str(root / "decision.yaml")), ("decision.yaml",)),
        Verb(("decide", str(root / "decision.yaml"), "--run", latest), (LATEST,), 0.3),
        Verb(("plot", "all", latest), both, 1),
        Verb(("report", latest), both, 0.02, writes=(f"runs/{latest}/*",)),
        Verb(("priors", "show"), INPUTS, 1),
        Verb(("migrate",), INPUTS, 1, writes=INPUTS),
        Verb(("signal", "retire", signal, "--why", "no longer published"), INPUTS, 1, writes=INPUTS),
        Verb(("update", "--dry-run", "--offline", str(root / "priors"), "--as-of", str(day)), (*both, RECORD), 1),
        Verb(("fit", "--as-of", str(day)), INPUTS, 2),
        Verb(("fit", "--as-of", str(day), "--reuse-preconditioner"), (LATEST,), 1),
    ]
    return tuple(made)
