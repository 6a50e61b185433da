"""Tests of uniformity of the ranks, for each quantity and each kind."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from stackcast.evaluate.calibration.replicate import KEPT, Record

BINS = 10
BAND = 0.95
SIMULATIONS = 20_000
UNIFORM_SD = np.sqrt(((KEPT + 1) ** 2 - 1) / 12)
"""Sd of a uniform rank."""


def rank_table(records: Sequence[Record], *, failed: bool) -> pd.DataFrame:
    """Return ``index, kind, name, rank``, one row a replication and quantity.

    Parameters
    ----------
    records
        Records of the replications.
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
    """Return the band of counts that holds a whole uniform histogram with probability :data:`BAND`.

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
    bands = {n: band(n) for n in table.groupby(["kind", "name"]).size().unique()}
    for (kind, name), part in table.groupby(["kind", "name"], sort=False):
        counts, n = histogram(part["rank"].to_numpy()), len(part)
        least, most = bands[n]
        rows.append(
            {
                "kind": kind, "name": name, "n": n,
                "mean_rank": part["rank"].mean() / KEPT,
                "sd_rank": np.sqrt(((part["rank"] - KEPT / 2) ** 2).mean()) / UNIFORM_SD,
                "p_value": float(stats.chisquare(counts).pvalue),
                "outside": int(((counts < least) | (counts > most)).sum()),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def kinds(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row a kind: its quantities, how many leave the band, and whether their ranks are shifted jointly.

    With a 95 % band at most one quantity in twenty leaves it by chance. ``mean_rank`` and ``sd_rank`` are over all of a
    kind's quantities; quantities of one data set are dependent, so their errors are the spread over data sets.
    ``least_p`` is the smallest p-value of a quantity after Bonferroni.

    Parameters
    ----------
    table
        As of :func:`rank_table`.
    """
    rows = []
    for kind, part in table.groupby("kind", sort=False):
        found, worlds = verdicts(part), part.groupby("index")["rank"]
        middle = worlds.mean() / KEPT
        wide = worlds.apply(lambda ranks: ((ranks - KEPT / 2) ** 2).mean()) / UNIFORM_SD**2
        spread = float(np.sqrt(wide.mean()))
        rows.append(
            {
                "kind": kind, "worlds": len(middle), "quantities": len(found),
                "outside": int((found["outside"] > 0).sum()),
                "expected_outside": (1 - BAND) * len(found),
                "mean_rank": middle.mean(), "mean_rank_error": middle.sem(),
                "sd_rank": spread, "sd_rank_error": wide.sem() / (2 * spread),
                "least_p": min(1.0, float(found["p_value"].min()) * len(found)),
                "worst": found["name"].iloc[int(found["p_value"].argmin())],
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
