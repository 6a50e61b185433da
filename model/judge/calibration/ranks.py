"""From replications to a verdict: whether the ranks of the truth are uniform, for each quantity and on the whole."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from model.judge.calibration.replicate import KEPT, Record

BINS = 10
BAND = 0.95
SIMULATIONS = 20_000


def rank_table(records: Sequence[Record], *, failed: bool) -> pd.DataFrame:
    """Return ``index, kind, name, rank``, one row a replication and quantity.

    Parameters
    ----------
    records
        What the replications left.
    failed
        Whether fits that failed their gates are in it.
    """
    rows = [
        (record["index"], kind, name, rank)
        for record in sorted(records, key=lambda r: int(r["index"]))
        if failed or record["passed"]
        for kind, ranks in record["ranks"].items()
        for name, rank in ranks.items()
    ]
    return pd.DataFrame(rows, columns=["index", "kind", "name", "rank"])


def histogram(ranks: np.ndarray) -> np.ndarray:
    """Return how many ranks fall into each of :data:`BINS` equal bins."""
    return np.bincount(np.asarray(ranks) * BINS // (KEPT + 1), minlength=BINS)


def band(replications: int, seed: int = 0) -> tuple[int, int]:
    """Return the least and greatest count that a flat histogram shows anywhere, with probability :data:`BAND`.

    Simultaneous over the bins: the narrowest pointwise binomial band that holds whole multinomial histograms, by
    simulation (Säilynoja, Bürkner and Vehtari 2022, Statistics and Computing 32:32, for histograms in place of ECDFs).
    """
    drawn = np.random.default_rng(seed).multinomial(replications, [1 / BINS] * BINS, SIMULATIONS)
    one = stats.binom(replications, 1 / BINS)
    tails = np.minimum(one.cdf(drawn), one.sf(drawn - 1)).min(axis=1)
    tail = np.quantile(tails, 1 - BAND, method="lower")
    possible = np.arange(replications + 1)
    inside = possible[np.minimum(one.cdf(possible), one.sf(possible - 1)) >= tail]
    return int(inside[0]), int(inside[-1])


def verdicts(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row a quantity: ``kind, name, n, mean_rank, sd_rank, p_value, outside``.

    ``mean_rank`` and ``sd_rank`` are in units of those of a uniform rank (0.5, and 1): above 0.5 the draws lie too low,
    above 1 the draws are too narrow. ``p_value`` is that of the chi-square test over the bins; ``outside`` counts the
    bins beyond the simultaneous band.
    """
    rows = []
    uniform_sd = np.sqrt(((KEPT + 1) ** 2 - 1) / 12)
    bands = {n: band(n) for n in table.groupby(["kind", "name"]).size().unique()}
    for (kind, name), part in table.groupby(["kind", "name"], sort=False):
        counts, n = histogram(part["rank"].to_numpy()), len(part)
        least, most = bands[n]
        rows.append(
            {
                "kind": kind, "name": name, "n": n,
                "mean_rank": part["rank"].mean() / KEPT,
                "sd_rank": np.sqrt(((part["rank"] - KEPT / 2) ** 2).mean()) / uniform_sd,
                "p_value": float(stats.chisquare(counts).pvalue),
                "outside": int(((counts < least) | (counts > most)).sum()),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def kinds(found: pd.DataFrame) -> pd.DataFrame:
    """Return one row a kind: its quantities, how many leave the band, and the smallest p-value after Bonferroni.

    With a 95 % band, one quantity in twenty leaves it by chance.
    """
    rows = []
    for kind, part in found.groupby("kind", sort=False):
        rows.append(
            {
                "kind": kind, "quantities": len(part),
                "outside": int((part["outside"] > 0).sum()),
                "expected_outside": (1 - BAND) * len(part),
                "mean_rank": part["mean_rank"].mean(), "sd_rank": part["sd_rank"].mean(),
                "least_p": min(1.0, float(part["p_value"].min()) * len(part)),
                "worst": part["name"].iloc[int(part["p_value"].argmin())],
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
