"""What earlier stacks say, in sentences, and what speaks against it: every number from the tables of the judgement."""

import pandas as pd

from stackcast.history.results import Results

UNKNOWN = "How far earlier stacks bear the arguments out has not been judged yet: `stackcast history judge`."
FORCES, EACH, DEALT = "all forces", "leave one out", "leave one out, ratings dealt"
HINDSIGHT = "hindsight of "
SUPPORTED = 0.05
"""A force is named as supported where a fit with free signs gives the other sign at most this probability."""


def finding(results: Results) -> str:
    """Say how far earlier stacks bear the arguments out, and which of them."""
    if results.stacks is None or results.effects is None:
        return UNKNOWN
    row = _line(results.stacks, "all", EACH)
    effects = results.effects
    named = list(effects.loc[effects["p_other_sign"] <= SUPPORTED, "force"])
    doubtful = list(effects.loc[effects["p_other_sign"] > 0.5, "force"])
    support = f"support {' and '.join(named)}" if named else "support no force by itself"
    against = f" and give {' and '.join(doubtful)} rather the wrong sign" if doubtful else ""
    return (
        f"Each predicted from the others, {row['n']:.0f} earlier stacks have {row['crps']:.2f} of the CRPS of a base "
        f"rate by layer (z {row['crps_z']:+.1f}); {row['in_90']:.0%} lie inside 90 % intervals. Fits with free signs "
        f"{support}{against}."
    )


def doubts(results: Results) -> str:
    """Say what speaks against the finding."""
    if results.stacks is None:
        return UNKNOWN
    table = results.stacks
    service = _line(table, "not sold as a service")
    taken = [
        f"{name.removeprefix(HINDSIGHT).removesuffix(' taken out')} sd: {_line(table, name)['crps']:.2f}"
        for name in dict.fromkeys(table["stacks"])
        if name.startswith(HINDSIGHT)
    ]
    dealt = table[table["split"].str.startswith(DEALT)]
    chance = f"Ratings dealt at random do as well in {dealt['p'].iloc[0]:.3f} of the deals. " if len(dealt) else ""
    return (
        f"{chance}What speaks against it: without the stacks that are sold as a service the ratio of CRPS is "
        f"{service['crps']:.2f}. Raters knew how each stack ended; with hindsight taken out of the ratings it is "
        f"({', '.join(taken)}). Famous cases are easier to find, and open wins among them. A category that is marked "
        "outside resembles no earlier stack, so what held for those is extended to it."
    )


def _line(table: pd.DataFrame, stacks: str, split: str = "") -> "pd.Series[float]":
    """Return the line of all forces on some stacks, by a split or the first."""
    here = (table["stacks"] == stacks) & (table["entrant"] == FORCES)
    return table[here & table["split"].str.startswith(split)].iloc[0]
