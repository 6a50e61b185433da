"""The table of the contest on earlier series: scores against persistence, with intervals by bootstrap of stacks.

Scores are averaged within a stack first, so that a stack of many series and dates counts once.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from stackcast.evaluate.score import PERSISTENCE
from stackcast.evaluate.skill import COVERAGE, INTERVAL, REPLICATES

KEY = ["stack", "population", "criterion", "known", "target", "horizon"]


def contest_table(scores: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return one row a group of cases and forecaster.

    Parameters
    ----------
    scores
        Of :func:`stackcast.evaluate.earlier_series.contest`.
    seed
        Of the bootstrap.

    Returns
    -------
    DataFrame
        ``group``; ``forecaster``; ``n`` and ``stacks``; ``crps``, the ratio of mean CRPS on the logit to that of
        persistence, with ``low`` and ``high`` (90 %, bootstrap of stacks); ``crps_share``, the same on shares;
        ``log_score`` and ``log_score_median``, nats over persistence; ``in_50``, ``in_80``, ``in_90``, parts of all
        forecasts, and ``in_90_stacks``, the mean over stacks.
    """
    base = scores[scores["forecaster"] == PERSISTENCE].set_index(KEY)[["crps", "crps_share", "log_score"]]
    table = scores.join(base.add_suffix("_base"), on=KEY)
    return pd.DataFrame(
        [
            {"group": group, "forecaster": name, **_row(part, seed)}
            for group, rows in _groups(table)
            for name, part in rows.groupby("forecaster", sort=False)
        ]
    )


def _groups(table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "all", table
    for horizon, part in table.groupby("horizon"):
        yield f"{horizon} years" if horizon != 1 else "1 year", part
    yield "1 and 2 years", table[table["horizon"] <= 2]
    attention = table["source_kind"] == "attention"
    yield "attention", table[attention]
    for kind, part in table[~attention].groupby("source_kind"):
        yield str(kind), part


def _row(part: pd.DataFrame, seed: int) -> dict[str, float]:
    gain = part["log_score"] - part["log_score_base"]
    columns = ["crps", "crps_base", "crps_share", "crps_share_base", *COVERAGE]
    means = part.assign(gain=gain)[[*columns, "gain", "stack"]].groupby("stack").mean()
    mean = means.mean()
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(means), (REPLICATES, len(means)))
    ratios = means["crps"].to_numpy()[drawn].sum(axis=1) / means["crps_base"].to_numpy()[drawn].sum(axis=1)
    low, high = np.quantile(ratios, INTERVAL)
    return {
        "n": len(part), "stacks": len(means),
        "crps": mean["crps"] / mean["crps_base"], "low": float(low), "high": float(high),
        "crps_share": mean["crps_share"] / mean["crps_share_base"],
        "log_score": mean["gain"], "log_score_median": float(gain.median()),
        **{name: float(part[name].mean()) for name in COVERAGE}, "in_90_stacks": mean["in_90"],
    }  # fmt: skip
