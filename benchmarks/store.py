"""How the store grows: load, as-of, and one more row at 1,000, 10,000 and 100,000 rows in 300 signals.

Beside each: the same files read by pandas alone, with no rule checked and the latest vintage taken by a groupby.

Run: ``make bench-store``, or ``python -m benchmarks.store [--rows 1000 10000] [--json FILE]``.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from stackcast.observations.as_of import as_of
from stackcast.observations.schema import COLUMNS, FORMAT, Observation, row_id
from stackcast.observations.store import load_observations
from stackcast.observations.write import add_rows, csv_line

SIGNALS = 300
TODAY = date(2026, 6, 30)
START = date(2000, 1, 1)
REPEATS = 3


def main() -> None:
    """Print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = [measure(rows) for rows in options.rows]
    print(pd.DataFrame(found).to_string(index=False, float_format="%.3f"))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


def measure(rows: int) -> dict[str, float]:
    """Return seconds for one size: the least of some repeats."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_store(folder, rows)
        loaded = load_observations(folder, today=TODAY)
        assert len(loaded.rows) == rows
        load = least(lambda: load_observations(folder, today=TODAY))
        look = least(lambda: as_of(loaded.rows, TODAY, loaded.signals))
        plain = least(lambda: plain_pandas(folder))
        days = iter(range(REPEATS))
        add = least(lambda: add_rows(folder, loaded.signals, [new_row(next(days))], today=TODAY))
    return {
        "rows": rows, "load_s": load, "as_of_s": look, "load+as_of_s": load + look, "add_row_s": add,
        "pandas_s": plain, "ratio": (load + look) / plain,
    }  # fmt: skip


def least(work: Callable[[], object]) -> float:
    """Return the shortest of some runs, in seconds."""
    seconds = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def plain_pandas(folder: Path) -> pd.DataFrame:
    """Read every file without a check, and keep the latest vintage of each period."""
    files = sorted((folder / "somewhere").glob("*.csv"))
    table = pd.concat([pd.read_csv(path).assign(signal=path.stem) for path in files])
    for column in ("period_start", "period_end", "published"):
        table[column] = pd.to_datetime(table[column])
    observed = table[table["published"] <= pd.Timestamp(TODAY)].sort_values("published")
    return observed.groupby(["signal", "period_start", "period_end"]).tail(1)


def make_store(folder: Path, rows: int) -> None:
    """Write signals, with two vintages of every tenth period."""
    rng = np.random.default_rng(1)
    definition = {
        "title": "t", "definition": "d", "measures": {"facet": "somewhere", "sign": 1}, "role": "secondary",
        "population": "p", "family": "f", "likelihood": "share", "unit": "u",
        "publisher": {"name": "n", "interest": "i"}, "licence": "l", "spacing_days": 30,
    }  # fmt: skip
    slugs = [f"signal-{i:03d}" for i in range(SIGNALS)]
    (folder / "somewhere").mkdir()
    (folder / "labels").mkdir()
    (folder / "labels" / "models.csv").write_text("model,label,criterion,from_date,source_url,note\n")
    (folder / "retractions.csv").write_text("id,retracted,why\n")
    (folder / "questions.yaml").write_text(yaml.safe_dump({"format": FORMAT, "questions": []}))
    text = yaml.safe_dump({"format": FORMAT, "signals": dict.fromkeys(slugs, definition)})
    (folder / "signals.yaml").write_text(text)
    for i, slug in enumerate(slugs):
        count = rows // SIGNALS + (i < rows % SIGNALS)
        lines = [",".join(COLUMNS) + "\n"]
        for k in range(count):
            day = START + timedelta(days=10 * (k - k // 10))
            lines.append(csv_line(row(slug, day, 1 + 30 * (k % 10 == 9), float(rng.uniform()))))
        (folder / "somewhere" / f"{slug}.csv").write_text("".join(lines))


def row(slug: str, day: date, wait: int, value: float) -> Observation:
    """Return one figure of a ten-day period."""
    end = day + timedelta(days=9)
    published = end + timedelta(days=wait)
    return Observation(
        id=row_id(slug, end, published), period_start=day, period_end=end, published=published,
        value=round(value, 6), n=100.0, source_url="https://a.b/c", note="as printed",
    )  # fmt: skip


def new_row(n: int) -> tuple[str, Observation]:
    """Return a row that the store does not have."""
    return "signal-000", row("signal-000", date(2026, 1, 1) + timedelta(days=20 * n), 1, 0.5)


if __name__ == "__main__":
    main()
