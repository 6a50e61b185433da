"""Damage files of invented debates and of their runs, and name every verb that takes it badly.

python -m tests.fuzz --cases 10000
python -m tests.fuzz --seed 4711
"""

import argparse
import faulthandler
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

from tests.fuzz.debates import make_debate
from tests.fuzz.harness import play
from tests.support import MINIMAL, TOY


def main():
    """Run the cases and print each fault; the exit status is 1 where there was one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000, help="how many, on seeds from --first on")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="replay one case and print what was said")
    parser.add_argument("--only", help="a pattern of files, such as 'runs/*'")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    faulthandler.enable()
    seeds = [asked.seed] if asked.seed is not None else range(asked.first, asked.first + asked.cases)
    begun, found, cases = time.monotonic(), Counter(), Counter()
    with tempfile.TemporaryDirectory() as name:
        debates = [make_debate(source, Path(name) / source.name) for source in (MINIMAL, TOY)]
        print(f"two debates made in {time.monotonic() - begun:.0f} s", flush=True)
        for seed in seeds:
            print(f"seed {seed}", end="\r", file=sys.stderr, flush=True)
            outcome = play(debates[seed % len(debates)], seed, asked.only)
            cases[outcome.status] += 1
            if outcome.fault:
                found[outcome.fault] += 1
            if outcome.fault or asked.seed is not None:
                print(outcome, flush=True)
    print(f"{sum(cases.values())} cases in {time.monotonic() - begun:.0f} s, by exit status {dict(cases)}")
    print(f"{sum(found.values())} faults: {dict(found)}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
