"""The tables of a run: every reported quantity, with prior beside posterior."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from stackcast.forecast.age import FIGURE, FORECAST, facet_marks, last_figures
from stackcast.forecast.claims import claim_values, contrast_values, operates, pulls, sides_of, support
from stackcast.forecast.forces import force_table
from stackcast.forecast.future import Trajectories
from stackcast.forecast.openness import STACK, declared_weights, drawn_weights, facet_values, is_high, layer_values
from stackcast.forecast.predict import predict_quarters, replicate_rows
from stackcast.forecast.questions import question_holds, question_probability
from stackcast.graph.data import ObservedData, sides
from stackcast.observations.schema import Question
from stackcast.observations.store import Observations
from stackcast.posterior.loo import loo_pit
from stackcast.posterior.summary import QUANTILES, path_table, quantile_table
from stackcast.settings import FitSettings

PRIOR_ONLY = 0.8
"""A facet whose posterior sd is above this share of its prior sd is marked prior only."""
SPREAD = ("mean", *QUANTILES)
CONTRASTS = ("name", "title", "high", "low", *SPREAD, "p_high_side", "prior_p_high_side")
PULLS = ("claim", "target", "level", *SPREAD, *(f"prior_{column}" for column in SPREAD))
QUESTIONS = (
    *(name for name in Question.model_fields if name != "settled"),
    "probability",
    "prior_probability",
    "prior_only",
)
"""Columns of tables that may have no row."""


@dataclass(frozen=True)
class TableInputs:
    """What the tables are made from: the posterior's trajectories beside the prior's.

    ``log_likelihood`` (draw, row) is for the leave-one-out columns of the fitted table.
    """

    settings: FitSettings
    observations: Observations
    observed: ObservedData
    posterior: Trajectories
    prior: Trajectories
    log_likelihood: np.ndarray | None = None

    @cached_property
    def weights(self) -> dict[str, dict[str, float]]:
        """Weights of facets in layers and of layers in the stack, as the run was asked for."""
        return declared_weights(self.posterior.design.priors, dict(self.settings.weights))

    @cached_property
    def replicates(self) -> np.ndarray:
        """Posterior replicates of the fitted rows, (draw, row), in the unit of the value column."""
        return replicate_rows(self.posterior, self.observed, self.settings.seed)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The questions about signals that the run has."""
        return tuple(q for q in self.observations.questions if q.signal in self.posterior.design.signals)

    @cached_property
    def answers(self) -> dict[str, np.ndarray]:
        """Draws (draw) in which each question resolves yes, by its id."""
        rows, seed = self.observations.rows, self.settings.seed
        return {q.id: question_holds(self.posterior, self.observed, rows, q, seed) for q in self.questions}


def all_tables(e: TableInputs) -> dict[str, pd.DataFrame]:
    """Return every table of a run by name."""
    facets = facet_table(e)
    return {
        "facets": facets,
        "layers": layer_table(e, facets),
        "claims": claim_table(e),
        "signals": signal_table(e),
        "questions": question_table(e),
        "contrasts": contrast_table(e),
        "pulls": pull_table(e),
        "forces": force_table(e.posterior, e.prior),
        "houses": house_table(e),
        "last_figures": last_figures(e.posterior.design, e.observed),
        "fitted": fitted_table(e),
    }


def facet_table(e: TableInputs) -> pd.DataFrame:
    """One row a facet and quarter: shares as probabilities, the gap in Arena log-odds."""
    trajectories, now = e.posterior, e.posterior.now_index
    before = facet_values(e.prior)
    ratio = trajectories.states.eta[:, now].std(axis=0) / e.prior.states.eta[:, now].std(axis=0)
    marks = facet_marks(last_figures(trajectories.design, e.observed), e.observed.as_of)
    parts = []
    for i, (name, values) in enumerate(facet_values(trajectories).items()):
        gap = trajectories.design.priors.facets[name].kind == "gap"
        table = path_table(name, values, trajectories.design.grid)
        table.insert(1, "kind", "gap" if gap else "share")
        chance = is_high(values, gap=gap).mean(axis=0)
        table["p_high"], table["p_not_behind"] = (np.nan, chance) if gap else (chance, np.nan)
        table = pd.concat([table, quantile_table(before[name]).add_prefix("prior_")], axis=1)
        table["sd_ratio"] = ratio[i]
        table["prior_only"] = bool(ratio[i] > PRIOR_ONLY)
        table["thin"], table["stands_on"] = bool(marks.loc[name, "thin"]), str(marks.loc[name, "stands_on"])
        parts.append(table.iloc[first_quarter(trajectories, [name]) :])
    return pd.concat(parts, ignore_index=True)


def first_quarter(trajectories: Trajectories, facets: list[str]) -> int:
    """Return the first quarter (index) at which all facets have begun, the as-of quarter at the latest."""
    return min(max(trajectories.design.facet_start[name] for name in facets), trajectories.now_index)


def layer_table(e: TableInputs, facets: pd.DataFrame) -> pd.DataFrame:
    """One row a layer (and the stack) and quarter, at the declared weights; and over other weights.

    ``p_high_weights`` draws the weights from their declared Dirichlet, ``p_high_simplex`` uniformly over all weights.
    """
    trajectories = e.posterior
    priors = trajectories.design.priors
    weights, values = e.weights, facet_values(trajectories)
    draws = len(next(iter(values.values())))
    declared = drawn_weights(weights, draws, e.settings.seed, priors.layers.concentration)
    anywhere = drawn_weights(weights, draws, e.settings.seed, None)
    at_declared, at_any = layer_values(values, declared), layer_values(values, anywhere)
    first = facets.drop_duplicates("name")
    unmoved = {str(f): bool(flag) for f, flag in zip(first["name"], first["prior_only"], strict=True)}
    prior_only = {g: all(unmoved[f] for f, w in fs.items() if w > 0) for g, fs in weights.items() if g != STACK}
    prior_only[STACK] = all(prior_only[layer] for layer, w in weights[STACK].items() if w > 0)
    members = {g: [f for f, w in fs.items() if w > 0] for g, fs in weights.items() if g != STACK}
    members[STACK] = [f for layer, w in weights[STACK].items() if w > 0 for f in members[layer]]
    old = set(first.loc[first["stands_on"] == FORECAST, "name"])
    before = layer_values(facet_values(e.prior), weights)
    parts = []
    for name, path in layer_values(values, weights).items():
        table = path_table(name, path, trajectories.design.grid)
        table["p_high"] = is_high(path).mean(axis=0)
        table["p_high_weights"] = is_high(at_declared[name]).mean(axis=0)
        table["p_high_simplex"] = is_high(at_any[name]).mean(axis=0)
        table = pd.concat([table, quantile_table(before[name]).add_prefix("prior_")], axis=1)
        table["prior_only"] = prior_only[name]
        table["stands_on"] = FORECAST if old & set(members[name]) else FIGURE
        parts.append(table.iloc[first_quarter(trajectories, members[name]) :])
    return pd.concat(parts, ignore_index=True)


def claim_table(e: TableInputs) -> pd.DataFrame:
    """One row a claim or sub-claim and quarter, posterior beside prior."""
    trajectories = e.posterior
    prior = claim_values(e.prior)
    backing = support(trajectories.design, e.observed).set_index("name")
    sides: dict[str, str] = {name: claim.side for name, claim in trajectories.design.priors.claims.items()}
    sides |= {name: factor.side for name, factor in trajectories.design.priors.factors.items() if name not in sides}
    parts = []
    for name, values in claim_values(trajectories).items():
        table = path_table(name, values, trajectories.design.grid)
        table.insert(1, "side", sides[name])
        table["p_operates"] = operates(values).mean(axis=0)
        before = quantile_table(prior[name]).add_prefix("prior_")
        table = pd.concat([table, before], axis=1)
        table["prior_p_operates"] = operates(prior[name]).mean(axis=0)
        for column in ("signals", "families", "dates", "thin"):
            table[column] = backing[column].loc[name]
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


def signal_table(e: TableInputs) -> pd.DataFrame:
    """One row a signal and quarter: what its source would publish, in the signal's own unit."""
    trajectories = e.posterior
    seen = set(e.observed.rows["signal"])
    parts = []
    for slug, signal in trajectories.design.signals.items():
        figures = predict_quarters(trajectories, e.observed, e.observations.rows, slug, e.settings.seed)
        table = path_table(slug, figures, trajectories.design.grid)
        table.insert(1, "measures", signal.measures.target)
        table["prior_only"] = slug not in seen
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


def question_table(e: TableInputs) -> pd.DataFrame:
    """One row a question: its probability, from the predictive distribution of the observation that resolves it."""
    seen = set(e.observed.rows["signal"])
    rows = []
    for q in e.questions:
        rows.append(
            q.model_dump(mode="json", exclude={"settled"})
            | {
                "probability": float(e.answers[q.id].mean()),
                "prior_probability": question_probability(e.prior, e.observed, e.observations.rows, q, e.settings.seed),
                "prior_only": q.signal not in seen,
            }
        )
    return pd.DataFrame(rows, columns=list(QUESTIONS))


def contrast_table(e: TableInputs) -> pd.DataFrame:
    """One row a contrast: how much stronger the side ``high`` is at the as-of date, posterior beside prior."""
    design, now = e.posterior.design, e.posterior.now_index
    after, before = (contrast_values(design, claim_values(w)) for w in (e.posterior, e.prior))
    rows = []
    for contrast in design.priors.contrasts:
        a, b = after[contrast.id][:, now], before[contrast.id][:, now]
        high, low = sides_of(contrast, design.priors)
        rows.append(
            {
                "name": contrast.id,
                "title": contrast.title,
                "high": " ".join(high),
                "low": " ".join(low),
            }
            | quantile_table(a[:, None]).iloc[0].to_dict()
            | {"p_high_side": float((a > 0).mean()), "prior_p_high_side": float((b > 0).mean())}
        )
    return pd.DataFrame(rows, columns=list(CONTRASTS))


def pull_table(e: TableInputs) -> pd.DataFrame:
    """One row a claim and target (facet or layer): its effect contribution now, logit, posterior and prior."""
    trajectories, prior, now = e.posterior, e.prior, e.posterior.now_index
    after = pulls(trajectories.design, trajectories.params, trajectories.states.theta[:, now], e.weights)
    before = pulls(prior.design, prior.params, prior.states.theta[:, now], e.weights)
    rows = []
    for (claim, target), moved in sorted(after.items()):
        rows.append(
            {"claim": claim, "target": target, "level": "facet" if "." in target else "layer"}
            | quantile_table(moved[:, None]).iloc[0].to_dict()
            | quantile_table(before[claim, target][:, None]).add_prefix("prior_").iloc[0].to_dict()
        )
    return pd.DataFrame(rows, columns=list(PULLS))


def house_table(e: TableInputs) -> pd.DataFrame:
    """One row a secondary signal: its house effect (latent scale), positive where it is above the facet."""
    design = e.posterior.design
    table = quantile_table(e.posterior.params.get("house", np.empty((1, 0))))
    table.insert(0, "name", design.secondary_signals)
    table.insert(1, "facet", [design.signals[s].measures.target for s in design.secondary_signals])
    table["observations"] = [int((e.observed.rows["signal"] == s).sum()) for s in design.secondary_signals]
    return table


def fitted_table(e: TableInputs) -> pd.DataFrame:
    """One row a fitted observation, beside the distribution of its replicates, in the unit of the value column."""
    rows, replicates = e.observed.rows, e.replicates
    table = rows[["id", "signal", "period_start", "period_end", "published", "value", "source_url"]].copy()
    for column in ("period_start", "period_end", "published"):
        table[column] = table[column].dt.strftime("%Y-%m-%d")
    table["side"] = sides(e.posterior.design, e.observed)
    if e.log_likelihood is not None:
        table["loo_pit"], table["k_hat"] = loo_pit(e.log_likelihood, replicates, rows["value"].to_numpy())
    return pd.concat([table, quantile_table(replicates)], axis=1)
