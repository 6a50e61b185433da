"""The name under which the code of a design's density is kept: all known before PyMC is imported."""

from dataclasses import replace

from pydantic_core import to_json

from stackcast.compiled import density
from stackcast.graph.design import Design
from stackcast.provenance import code_hash


def code_key(design: Design) -> str:
    """Return a hash of everything that determines the code of a design's density."""
    declared = to_json(_without_data(design), fallback=lambda frame: frame.to_csv())
    effects = to_json([(edge.label, edge.sign) for edge in design.edges])
    return density.code_key(declared, effects, code_hash().encode())


def _without_data(design: Design) -> Design:
    """Return a design without what reaches the code as data: sizes and ratings of earlier stacks."""
    priors = design.priors
    return replace(design, priors=replace(priors, declared=priors.measurement, history=None))
