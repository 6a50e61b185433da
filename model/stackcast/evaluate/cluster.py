"""Run independent tasks on Dask workers; tasks of lost workers are begun again.

A worker keeps one tool (a compiled graph, say) for all tasks that it is given; a new worker makes its own.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from distributed.diagnostics.plugin import WorkerPlugin

from stackcast.errors import InputError, StackcastError
from stackcast.inference.sample import usable_cores
from stackcast.provenance import code_hash

if TYPE_CHECKING:
    from distributed import Client

PLUGIN = "stackcast-tool"
WORKER_BYTES = 3 * 2**30
"""Memory that a worker needs for a fit with its compile; fewer workers are started where there is less."""
TRIES = 10
"""How many times one task may lose its worker."""
CONNECT_SECONDS = 20


class ClusterLost(StackcastError):
    """The cluster is gone, or one task lost its worker too often; finished results are kept."""


class Tool(WorkerPlugin):
    """What a worker keeps: made at its first task, used by one task at a time."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make, self.code = make, code_hash()

    def setup(self, worker: Any) -> None:
        """Get ready: Dask calls this on every worker, those that join later included."""
        self.lock, self.made = Lock(), None

    def use[T, R](self, work: Callable[[Any, T], R], task: T) -> R:
        """Do one task."""
        if self.code != code_hash():
            raise InputError("a worker has another version of stackcast than the command: install the same on both")
        with self.lock:
            if self.made is None:
                self.made = self.make()
            return work(self.made, task)


def _on_worker[T, R](work: Callable[[Any, T], R], task: T) -> R:
    import dask
    from distributed import get_worker

    tool = get_worker().plugins[PLUGIN]
    assert isinstance(tool, Tool)
    with dask.config.set(scheduler="synchronous"):  # else xarray would ask the cluster for a lock to write a file
        return tool.use(work, task)


def local_workers() -> int:
    """Return how many workers of one core this machine has memory for."""
    from distributed.system import MEMORY_LIMIT

    return max(1, min(usable_cores(), int(MEMORY_LIMIT) // WORKER_BYTES))


@contextmanager
def connect(scheduler: str | None, workers: int | None) -> Iterator["Client"]:
    """Yield a client of the cluster at an address, or of a local one that ends with the block.

    Parameters
    ----------
    scheduler
        Address such as ``tcp://host:8786``; None for workers on this machine.
    workers
        Workers on this machine, one core each; limited by memory by default.

    Raises
    ------
    InputError
        When nobody answers at the address.
    """
    import dask
    from distributed import Client, LocalCluster

    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=CONNECT_SECONDS)
        except (OSError, ValueError, TimeoutError) as error:
            raise InputError(f"--scheduler {scheduler!r}: no Dask scheduler answers there ({error})") from None
        with client:
            yield client
        return
    quiet = {"distributed.worker.memory.terminate": False, "logging.distributed": "error"}
    with (
        tempfile.TemporaryDirectory(prefix="stackcast-workers-") as folder,
        dask.config.set(quiet),
        LocalCluster(
            n_workers=workers or local_workers(), threads_per_worker=1, processes=True, memory_limit=0,
            dashboard_address=None, worker_dashboard_address=None, local_directory=folder, silence_logs=50,
        ) as cluster,
        Client(cluster) as client,
    ):  # fmt: skip
        yield client


def outcomes[T](
    client: "Client",
    work: Callable[[Any, T], Any],
    tasks: Mapping[str, T],
    make: Callable[[], Any],
) -> Iterator[tuple[str, Any]]:
    """Yield each task's name and result as it arrives; tasks of lost workers are begun again.

    Parameters
    ----------
    client
        Of a cluster.
    work
        ``work(tool, task)``: a function of a module, so that workers can import it.
    tasks
        What to do, by name.
    make
        Makes a worker's tool.

    Raises
    ------
    ClusterLost
        When the scheduler is gone, or a task has outlived :data:`TRIES` rounds of workers. What a task itself raises
        is raised here.
    """
    from distributed import KilledWorker, as_completed

    client.register_plugin(Tool(make), name=PLUGIN)
    call = uuid4().hex
    names = {client.submit(_on_worker, work, task, key=f"{name}-{call}"): name for name, task in tasks.items()}
    lost = dict.fromkeys(tasks, 0)
    arriving = as_completed(list(names))
    for future in arriving:
        name = names[future]
        if future.status == "finished":
            yield name, future.result()
            future.release()
        elif future.status == "error" and isinstance(future.exception(), KilledWorker) and lost[name] < TRIES:
            lost[name] += 1
            future.retry()
            arriving.add(future)
        elif future.status == "error" and not isinstance(future.exception(), KilledWorker):
            future.result()
        else:
            raise ClusterLost(f"{name}: the cluster gave it up; start the command again to go on from what is finished")


def time_left(done: int, total: int, since: float) -> str:
    """Return progress and remaining time of a batch as text; ``since`` is of the monotonic clock."""
    if not 0 < done < total:
        return f"{done} of {total}"
    seconds = (time.monotonic() - since) / done * (total - done)
    return f"{done} of {total}, about {seconds / 60:.0f} min left"
