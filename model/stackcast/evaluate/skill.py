"""Skill: the model's scores relative to each baseline's, with bootstrap intervals.

Relative CRPS is the ratio of mean scaled CRPS (each observation over the mean CRPS of persistence for its likelihood).
Its interval is a paired cluster bootstrap over families of signals: observations of one signal from neighbouring
origins, or of two signals cut from one table, are not independent. With so few families such an interval is too narrow
(Cameron, Gelbach and Miller 2008, Review of Economics and Statistics 90:414), so the range of the ratio with one family
left out is given as well. The ex-post best baselines, one for each likelihood (``hindsight-best``) and one for each
signal (``oracle``), are chosen after the outcomes are known: bounds that no forecaster could have used. The log score
is the gain in log density on the latent scale over a rival, in nats an observation; a few forecasts of a rival that was
far too sure can make its mean, so its median stands beside it.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from stackcast.evaluate.baselines import BASELINES
from stackcast.evaluate.one_series import FILTERS
from stackcast.evaluate.score import LEVELS, PERSISTENCE, by_seen
from stackcast.priors.debate import SEEN, UNSEEN, Evaluation

HINDSIGHT, ORACLE = "hindsight-best", "oracle"
REPLICATES = 2000
INTERVAL = (0.05, 0.95)
FAMILIES_NEEDED = 5
"""Families from which on an interval is given."""
HORIZONS = {
    "over at the origin": (-np.inf, 0.0),
    "up to 1 quarter": (0.0, 1.5),
    "2 quarters": (1.5, 3.0),
    "4 quarters": (3.0, 6.0),
    "more": (6.0, np.inf),
}
COVERAGE = tuple(f"in_{int(level * 100)}" for level in LEVELS)


def forecasters(figures: pd.DataFrame) -> tuple[str, ...]:
    """Return the rivals that forecast a score card's observations: the baselines, and the filters that there are."""
    return (*BASELINES, *(name for name in FILTERS if f"crps_{name}" in figures))


def with_hindsight(figures: pd.DataFrame) -> pd.DataFrame:
    """Return a score card's rows with scaled scores, and with the two ex-post best baselines."""
    scale = figures.groupby("likelihood")[f"crps_{PERSISTENCE}"].transform("mean")
    scaled = {f"crps_{name}": figures[f"crps_{name}"] / scale for name in forecasters(figures)}
    table = figures.assign(crps=figures["crps"] / scale, **scaled)
    for name, by in ((HINDSIGHT, "likelihood"), (ORACLE, "signal")):
        means = table.groupby(by)[[f"crps_{b}" for b in BASELINES]].transform("mean")
        best = means.to_numpy().argmin(axis=1)
        for score in ("crps", "log_score"):
            columns = [f"{score}_{b}" for b in BASELINES]
            table[f"{score}_{name}"] = table[columns].to_numpy()[np.arange(len(table)), best]
        table[f"made_{name}"] = True
    return table


def skill_table(figures: pd.DataFrame, seed: int, evaluation: Evaluation | None = None) -> pd.DataFrame:
    """Return relative CRPS with its interval, log scores and coverage: one row a group and rival.

    Parameters
    ----------
    figures
        Scored observations of one variant over all origins.
    seed
        Seed of the bootstrap.
    evaluation
        Which observations those who chose structure and priors had seen, where the debate declares it.
    """
    table = with_hindsight(figures)
    rows = []
    for kind, name, part in groups(table, evaluation):
        for rival in (*forecasters(table), HINDSIGHT, ORACLE):
            gain = part["log_score_latent"] - part[f"log_score_{rival}"]
            ratio, low, high = relative_crps(part, rival, seed)
            rows.append(
                {
                    "kind": kind, "name": name, "rival": rival, "n": len(part), "figures": part["id"].nunique(),
                    "signals": part["signal"].nunique(), "families": part["family"].nunique(),
                    "made": int(part[f"made_{rival}"].sum()), "relative_crps": ratio, "low": low, "high": high,
                    **dict(zip(("least_without", "most_without"), without_one(part, rival), strict=True)),
                    "log_score": float(gain.mean()), "log_score_median": float(gain.median()),
                    **{column: float(part[column].mean()) for column in COVERAGE},
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def groups(table: pd.DataFrame, evaluation: Evaluation | None = None) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield the reported sets: by measure, unseen and seen, kind, horizon, target and signal."""
    yield from (("overall", name, part) for name, part in _by_measure(table))
    for span, those in by_seen(table, evaluation):
        for name, part in _by_measure(those):
            if len(part):
                yield (UNSEEN if span.unseen else SEEN), f"{span.title}: {name}", part
    for likelihood, part in table.groupby("likelihood"):
        yield "kind", str(likelihood), part
    for name, (low, high) in HORIZONS.items():
        part = table[(table["horizon"] > low) & (table["horizon"] <= high)]
        if len(part):
            yield "horizon", name, part
    for column, kind in (("measures", "target"), ("signal", "signal")):
        for label, part in table.groupby(column):
            yield kind, str(label), part


def _by_measure(table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    of_facet = table["of_facet"].astype(bool)
    yield from (("overall", table), ("facets", table[of_facet]), ("claims", table[~of_facet]))


def relative_crps(part: pd.DataFrame, rival: str, seed: int) -> tuple[float, float, float]:
    """Return the ratio of mean scaled CRPS and its 90 % bootstrap interval (NaN with too few families)."""
    ratio = float(part["crps"].mean() / part[f"crps_{rival}"].mean())
    sums = part.groupby("family")[["crps", f"crps_{rival}"]].sum().to_numpy()
    if len(sums) < FAMILIES_NEEDED or not np.isfinite(ratio):
        return ratio, float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    drawn = sums[rng.integers(0, len(sums), (REPLICATES, len(sums)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], INTERVAL)
    return ratio, float(low), float(high)


def without_one(part: pd.DataFrame, rival: str) -> tuple[float, float]:
    """Return the least and greatest ratio of mean scaled CRPS with one family left out (NaN where there is one)."""
    sums = part.groupby("family")[["crps", f"crps_{rival}"]].sum()
    if len(sums) < 2:
        return float("nan"), float("nan")
    rest = sums.sum() - sums
    ratios = rest["crps"] / rest[f"crps_{rival}"]
    return float(ratios.min()), float(ratios.max())


def shared(figures: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of origins at which every variant passed its gates."""
    by = figures.groupby("origin")["variant"].nunique()
    return figures[figures["origin"].isin(by.index[by == figures["variant"].nunique()])]


def evidence(figures: pd.DataFrame, against: str) -> pd.DataFrame:
    """Return each variant's cumulative log predictive score less that of one of them, by day.

    Each observation counts once, as a marginal density, at the latest origin before it that every variant has.

    Parameters
    ----------
    figures
        Scored observations with a column ``variant``.
    against
        The variant that the others are compared with.

    Returns
    -------
    DataFrame
        ``published, variant, log_score``, in nats.
    """
    mine = shared(figures)
    latest = mine[mine["origin"] == mine.groupby("id")["origin"].transform("max")]
    wide = latest.pivot(index=["published", "id"], columns="variant", values="log_score").sort_index()
    gained = wide.sub(wide[against], axis=0).cumsum()
    table = gained.groupby(level="published").tail(1).droplevel("id").reset_index()
    return table.melt("published", var_name="variant", value_name="log_score")
