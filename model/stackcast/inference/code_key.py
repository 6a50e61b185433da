"""The name under which the code of a design's density is kept: all known before PyMC is imported."""

from dataclasses import replace
from typing import Any

from pydantic_core import to_jsonable_python

from stackcast.compiled import density
from stackcast.graph.design import Design
from stackcast.provenance import syntax_hash

DECIDES = ("compiled", "graph", "inference", "likelihoods", "priors", "observations/schema.py", "quarters.py")
"""What of the package decides the code: not a comment in it, and no other module."""
WORDS = frozenset({
    "caveats", "concentration_rationale", "contrasts", "definition", "essay", "evaluation", "feed",
    "half_life_rationale", "holds", "horizons", "licence", "merged_links", "population", "prior_scenarios",
    "publisher", "question", "rationale", "reason", "reference_classes", "retired", "source", "statement", "title",
    "unit", "validity_rationale", "weight_rationale",
})  # fmt: skip
"""Keys of declarations that no number of the density comes from: texts, and what is data or used only afterwards."""


def code_key(design: Design) -> str:
    """Return a hash of everything that determines the code of a design's density."""
    declared = _without_words(to_jsonable_python(_without_data(design), fallback=lambda frame: frame.to_csv()))
    effects = [(edge.label, edge.sign) for edge in design.edges]
    return density.code_key(repr((declared, effects)).encode(), syntax_hash(*DECIDES).encode())


def _without_data(design: Design) -> Design:
    """Return a design without what reaches the code as data: sizes and ratings of earlier stacks."""
    priors = design.priors
    return replace(design, priors=replace(priors, declared=priors.measurement, history=None))


def _without_words(declared: Any) -> Any:
    """Return declarations without their texts."""
    if isinstance(declared, dict):
        return {key: _without_words(value) for key, value in declared.items() if key not in WORDS}
    return [_without_words(one) for one in declared] if isinstance(declared, list | tuple) else declared
