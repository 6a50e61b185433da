"""A small pretrained time-series model beside a backtest's rivals, on the forecasts that it can make.

Fracast-0 (85,001 parameters, Apache 2.0) is the one pretrained forecaster found whose weights come within its package
(`docs/judgement.md` has the others); it needs PyTorch, so it has an environment of its own. It reads one figure a
quarter, eight at least, and gives nine quantiles; the normal of its median and of its central 80 % stands for them.

Run after a backtest: ``python -m benchmarks.peers.environment pretrained``, then
``PYTHONPATH=model benchmarks/peers/.environments/pretrained/bin/python -m benchmarks.pretrained [--figures FILE]``.
"""

import argparse
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import scoringrules
from scipy.stats import norm

from stackcast.evaluate.baselines import Baseline, Method, Moments, Past, on_grid, or_persistence, quarters_ahead
from stackcast.evaluate.score import PERSISTENCE, asked_of, latent_figures, trials_of
from stackcast.observations.as_of import as_of
from stackcast.project import Project, utc_today

NAME = "fracast"
LEAST = 8
"""Quarters that it needs, with more than half of the grid filled, as other methods for regular series."""
CENTRAL_80 = 2 * norm.ppf(0.9)
BESIDE = ("crps", f"crps_{PERSISTENCE}", "crps_local_level", "crps_one_series", f"crps_{NAME}")


def fracast() -> Method:
    """Return the model with the weights of its package."""
    import torch
    from fracast import FracastModel  # type: ignore[import-not-found]

    torch.set_num_threads(1)
    model = FracastModel.from_pretrained(weights="fp32")

    def method(past: Past, ahead: float) -> Moments:
        """Return median and sd in the horizon's whole quarter."""
        quantiles = model.forecast(on_grid(past), horizon=quarters_ahead(ahead))[-1]  # (level), 0.1 to 0.9
        return float(quantiles[4]), float((quantiles[-1] - quantiles[0]) / CENTRAL_80)

    return method


def scored(figures: pd.DataFrame, project: Project, baseline: Baseline) -> pd.DataFrame:
    """Return a backtest's ``figures`` with the scores of one more baseline that knew the same observations.

    Returns
    -------
    DataFrame
        With ``crps_<NAME>``, and ``made_<NAME>``: whether it made the forecast itself.
    """
    signals, rows = project.observations.signals, project.observations.rows
    by_id, known = rows.set_index("id"), {}
    found = []
    for row in figures.to_dict("records"):
        origin, signal, outcome = str(row["origin"]), signals[row["signal"]], by_id.loc[row["id"]]
        if origin not in known:
            known[origin] = as_of(rows, date.fromisoformat(origin), signals)
        past = known[origin][known[origin]["signal"] == row["signal"]]
        past = past[np.isfinite(latent_figures(past["value"].to_numpy(float), signal, trials_of(past, signal)))]
        made = baseline(*asked_of(past, signal, outcome["period_end"]))
        y = latent_figures(np.array([outcome["value"]]), signal, outcome["denominator"])[0]
        found.append((float(scoringrules.crps_normal(y, made.mean, made.sd)), made.method == NAME))
    crps, own = zip(*found, strict=True)
    return figures.assign(**{f"crps_{NAME}": crps, f"made_{NAME}": own})


def relative(figures: pd.DataFrame) -> pd.DataFrame:
    """Return, for all it made and for those of facets and of claims, each forecaster's CRPS over persistence's.

    Scores are scaled as a backtest's are, by the mean CRPS of persistence for all figures of a likelihood.
    """
    scale = figures.groupby("likelihood")[f"crps_{PERSISTENCE}"].transform("mean")
    scaled = figures[list(BESIDE)].div(scale, axis=0)
    own, of_facet = figures[f"made_{NAME}"].astype(bool), figures["of_facet"].astype(bool)
    sets = {"all": own, "facets": own & of_facet, "claims": own & ~of_facet}
    means = {name: scaled[those].mean() for name, those in sets.items() if those.any()}
    table = pd.DataFrame({name: mean / mean[f"crps_{PERSISTENCE}"] for name, mean in means.items()}).T
    table.insert(0, "n", [int(sets[name].sum()) for name in table.index])
    return table.rename(columns={"crps": "model"} | {name: name.removeprefix("crps_") for name in BESIDE[1:]})


def main() -> None:
    """Score the model on a backtest's figures, and print its relative CRPS beside that of others."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--project", type=Path, default=Path())
    given.add_argument("--figures", type=Path, default=Path("runs/backtest/figures.csv"))
    asked = given.parse_args()
    figures = pd.read_csv(asked.figures, keep_default_na=False, na_values=[""])
    figures = figures[figures["variant"] == figures["variant"].iloc[0]]
    project = Project.load(asked.project, today=utc_today())
    table = scored(figures, project, or_persistence(NAME, fracast(), LEAST, regular=True))
    print(
        f"{int(table[f'made_{NAME}'].sum())} of {len(table)} forecasts made by {NAME}; CRPS over persistence on those"
    )
    print(relative(table).to_string(float_format="{:.2f}".format))


if __name__ == "__main__":
    main()
