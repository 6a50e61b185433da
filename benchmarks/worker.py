"""One sampler in a process of its own: it prepares, draws with each seed, and leaves draws and costs in a folder.

Started by :mod:`benchmarks.process`, in the environment that the sampler needs.
"""

import json
import sys
import traceback
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.case import Scale, load_case
from benchmarks.drawn import Plan
from benchmarks.meter import Meter
from benchmarks.peers import PEERS

COSTS, REASON = "costs.json", "reason.txt"


def main() -> None:
    """Read the order, and carry it out; what broke off is left as one line in ``reason.txt``."""
    order, folder = json.loads(sys.argv[1]), Path(sys.argv[2])
    try:
        carry_out(order, folder)
    except Exception as error:
        traceback.print_exc()
        (folder / REASON).write_text(f"{type(error).__name__}: {error}".partition("\n")[0] + "\n")
        sys.exit(1)


def carry_out(order: dict[str, Any], folder: Path) -> None:
    """Prepare the sampler and draw with each seed."""
    scale = None if order["scale"] is None else Scale(**order["scale"])
    case = load_case(date.fromisoformat(order["day"]), scale, order["world_seed"])
    peer = PEERS[order["sampler"]]
    with Meter() as meter:
        draw = peer.prepare()(case, Plan(**order["plan"]))
    costs: dict[str, Any] = {"prepare": asdict(meter.spent), "seeds": {}}
    for seed in order["seeds"]:
        print(f"{order['sampler']}: sampling, seed {seed}", file=sys.stderr, flush=True)
        with Meter() as meter:
            drawn = draw(seed)
        drawn.save(folder / f"{seed}.npz")
        costs["seeds"][seed] = asdict(meter.spent)
        (folder / COSTS).write_text(json.dumps(costs))


if __name__ == "__main__":
    main()
