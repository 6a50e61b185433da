"""Run replications on a cluster; each finished one is a file, from which a later call goes on."""

import hashlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from stackcast.errors import InputError
from stackcast.evaluate.calibration.replicate import Record, Task, read_replication, replicate
from stackcast.evaluate.cluster import outcomes, time_left
from stackcast.files.atomic import replace_text
from stackcast.inference.retries import ATTEMPTS
from stackcast.pipeline import Session
from stackcast.project import Project
from stackcast.runs.manifest import inputs
from stackcast.settings import FitSettings

if TYPE_CHECKING:
    from distributed import Client

RECORDS = "replications"
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Calibration:
    """A calibration of the shipped sampler on a project's observation design.

    Attributes
    ----------
    project
        Its observations give the design, its priors the truths.
    settings
        As-of date, chains and draws of every fit; its seed is that of the calibration.
    folder
        Where calibrations are kept.
    """

    project: Project
    settings: FitSettings
    folder: Path

    @property
    def home(self) -> Path:
        """Folder of this calibration: its name holds a hash of everything that determines its numbers."""
        given = inputs(self.project, self.settings) | {"attempts": ATTEMPTS}
        digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()
        return self.folder / f"{self.settings.as_of}-{digest[:10]}"

    def task(self, index: int) -> Task:
        """Return one replication's task."""
        return Task(self.settings.as_of, self.settings.seed, index, self.settings.chains, self.settings.draws)

    def path(self, index: int) -> Path:
        """Return the file of one replication."""
        return self.home / RECORDS / f"{index:04d}.json"

    def records(self) -> list[Record]:
        """Return the finished replications, in order; what is none is named, and made again by the next call."""
        found = []
        for path in sorted((self.home / RECORDS).glob("[0-9][0-9][0-9][0-9].json")):
            try:
                found.append(read_replication(path))
            except InputError as error:
                LOG.warning("skipped: %s", error)
        return found

    def run(self, client: "Client", replications: int, progress: Callable[[float, str], None]) -> list[Record]:
        """Run the missing ones of so many replications, and return all."""
        there = {record["index"] for record in self.records()}
        missing = [i for i in range(replications) if i not in there]
        started, done = time.monotonic(), replications - len(missing)
        progress(done / replications, "starting the workers")
        tasks = {f"{i:04d}": self.task(i) for i in missing}
        make = partial(Session, self.project, cores=1)
        for count, (name, record) in enumerate(outcomes(client, replicate, tasks, make), 1):
            replace_text(self.path(int(name)), json.dumps(record, allow_nan=False) + "\n")
            progress((done + count) / replications, time_left(count, len(missing), started))
        return [r for r in self.records() if r["index"] < replications]
