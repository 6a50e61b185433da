"""The name under which the code of a design's density is kept: all known before PyMC is imported."""

from pydantic_core import to_json

from stackcast.compiled import density
from stackcast.graph.design import Design
from stackcast.provenance import code_hash


def code_key(design: Design) -> str:
    """Return a hash of everything that determines the code of a design's density."""
    return density.code_key(to_json(design, fallback=lambda frame: frame.to_csv()), code_hash().encode())
