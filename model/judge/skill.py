"""Skill: the model's scores over a rival's, with what chance could make of so few figures.

Relative CRPS is the ratio of mean scaled CRPS (each figure over the mean CRPS of persistence for its likelihood). Its
interval is a paired bootstrap that draws whole signals, since figures of one signal from neighbouring origins are no
independent trials. The hindsight-best is, for each likelihood, the rival that turned out best over all its figures;
the oracle is that for each signal, which nobody could have known: a bound, not a rival.
"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from model.judge.baselines import BASELINES
from model.judge.score import LEVELS, OPENNESS, PERSISTENCE

HINDSIGHT, ORACLE = "hindsight-best", "oracle"
RIVALS = (*BASELINES, HINDSIGHT, ORACLE)
REPLICATES = 2000
INTERVAL = (0.05, 0.95)
CHOOSING_ENDS = date(2025, 6, 30)
"""Last day of the figures to choose a structure on; later ones are told apart, not unseen (docs/judgement.md)."""
HORIZONS = {
    "up to 1 quarter": (-np.inf, 1.5),
    "2 quarters": (1.5, 3.0),
    "4 quarters": (3.0, 6.0),
    "more": (6.0, np.inf),
}
COVERAGE = tuple(f"in_{int(level * 100)}" for level in LEVELS)


def with_hindsight(figures: pd.DataFrame) -> pd.DataFrame:
    """Return figures (columns of a score card, with every baseline) scaled, and with the two rivals of hindsight."""
    scale = figures.groupby("likelihood")[f"crps_{PERSISTENCE}"].transform("mean")
    scaled = {f"crps_{name}": figures[f"crps_{name}"] / scale for name in BASELINES}
    table = figures.assign(crps=figures["crps"] / scale, **scaled)
    for name, by in ((HINDSIGHT, "likelihood"), (ORACLE, "signal")):
        means = table.groupby(by)[[f"crps_{b}" for b in BASELINES]].transform("mean")
        best = means.to_numpy().argmin(axis=1)
        table[f"crps_{name}"] = table[means.columns].to_numpy()[np.arange(len(table)), best]
        table[f"made_{name}"] = True
    return table


def skill_table(figures: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return one row a group and rival: n, signals, relative CRPS with its interval, and the model's coverage.

    Parameters
    ----------
    figures
        Scored figures of one variant over all origins.
    seed
        Of the bootstrap.
    """
    table = with_hindsight(figures)
    rows = []
    for kind, name, part in groups(table):
        for rival in RIVALS:
            ratio, low, high = relative_crps(part, rival, seed)
            rows.append(
                {
                    "kind": kind, "name": name, "rival": rival, "n": len(part), "signals": part["signal"].nunique(),
                    "made": int(part[f"made_{rival}"].sum()), "relative_crps": ratio, "low": low, "high": high,
                    **{column: float(part[column].mean()) for column in COVERAGE},
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def groups(table: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Give the sets of figures that are reported, by measure, publication, kind, horizon, target and signal."""
    openness = table["measures"].str.contains(OPENNESS)
    yield "overall", "overall", table
    yield "overall", "openness", table[openness]
    yield "overall", "claims", table[~openness]
    later = pd.to_datetime(table["published"]) > pd.Timestamp(CHOOSING_ENDS)
    for word, those in (("by", ~later), ("after", later)):
        for which, part in (("all", table[those]), ("openness", table[those & openness])):
            if len(part):
                yield "published", f"{which}, {word} {CHOOSING_ENDS}", part
    for name, part in table.groupby("likelihood"):
        yield "kind", str(name), part
    for name, (low, high) in HORIZONS.items():
        part = table[(table["horizon"] > low) & (table["horizon"] <= high)]
        if len(part):
            yield "horizon", name, part
    for column, kind in (("measures", "target"), ("signal", "signal")):
        for name, part in table.groupby(column):
            yield kind, str(name), part


def relative_crps(part: pd.DataFrame, rival: str, seed: int) -> tuple[float, float, float]:
    """Return the ratio of mean scaled CRPS and its 90 % bootstrap interval (NaN with fewer than three signals)."""
    ratio = float(part["crps"].mean() / part[f"crps_{rival}"].mean())
    sums = part.groupby("signal")[["crps", f"crps_{rival}"]].sum().to_numpy()
    if len(sums) < 3:
        return ratio, float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    drawn = sums[rng.integers(0, len(sums), (REPLICATES, len(sums)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], INTERVAL)
    return ratio, float(low), float(high)


def evidence(figures: pd.DataFrame, against: str) -> pd.DataFrame:
    """Return the cumulated log predictive score of each variant over one of them, by day of publication.

    Parameters
    ----------
    figures
        Scored figures with a column ``variant``. Each figure counts once, at the latest origin before it.
    against
        The variant that the others are compared with.
    """
    latest = figures.sort_values("origin").groupby(["variant", "id"]).tail(1)
    wide = latest.pivot(index=["published", "id"], columns="variant", values="log_score").dropna().sort_index()
    gained = wide.sub(wide[against], axis=0).cumsum()
    table = gained.groupby(level="published").tail(1).droplevel("id").reset_index()
    return table.melt("published", var_name="variant", value_name="log_score")
