"""What earlier stacks say, in sentences, and what speaks against it: every number from the tables of the judgement."""

import pandas as pd

from stackcast.history.names import ALL, DEALT, EACH, FORCES, HINDSIGHT, NO_SERVICE, numbers_in
from stackcast.history.results import Results

UNKNOWN = "How far earlier stacks bear the arguments out has not been judged yet: `stackcast history judge`."
SUPPORTED = 0.05
"""A force is named as supported where a fit with free signs gives the other sign at most this probability."""


def finding(results: Results) -> str:
    """Say how far earlier stacks bear the arguments out, and which of them."""
    if results.stacks is None or results.effects is None:
        return UNKNOWN
    row = _line(results.stacks, ALL, EACH)
    effects = results.effects
    named = list(effects.loc[effects["p_other_sign"] <= SUPPORTED, "force"])
    doubtful = list(effects.loc[effects["p_other_sign"] > 0.5, "force"])
    support = f"support {_listed(named)}" if named else "support no force by itself"
    against = f" and give {_listed(doubtful)} rather the wrong sign" if doubtful else ""
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
    service = _line(table, NO_SERVICE)
    slopes = numbers_in(HINDSIGHT, table["stacks"])
    taken = [f"{slope} sd: {_line(table, HINDSIGHT.format(slope))['crps']:.2f}" for slope in slopes]
    dealt = table[table["split"].isin([DEALT.format(deals) for deals in numbers_in(DEALT, table["split"])])]
    p = dealt["p"].iloc[0] if len(dealt) else 1.0
    chance = f"That ratings dealt to the stacks at random do as well has p {p:.3f}. " if len(dealt) else ""
    return (
        f"{chance}What speaks against it: without the stacks that are sold as a service the ratio of CRPS is "
        f"{service['crps']:.2f}. Raters knew how each stack ended; with hindsight taken out of the ratings it is "
        f"another ({', '.join(taken)}). Famous cases are easier to find, and open wins among them. A category that is "
        "marked outside resembles no earlier stack, so what held for those is extended to it."
    )


def _listed(names: list[str]) -> str:
    """Return names as a sentence lists them: ``O1, O3 and C5``."""
    return " and ".join([*filter(None, [", ".join(names[:-1])]), names[-1]])


def _line(table: pd.DataFrame, stacks: str, split: str = "") -> "pd.Series[float]":
    """Return the line of all forces on some stacks, by a split or the first."""
    here = (table["stacks"] == stacks) & (table["entrant"] == FORCES)
    return table[here & (table["split"] == split if split else True)].iloc[0]
