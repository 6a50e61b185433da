"""The edges of the graph: which factor acts on which facet, in which direction, and how the size is known.

Without history each edge is declared in ``claims.yaml``, with an upper bound of its size. With history a claim that the
earlier stacks were rated on acts, as a force, on every share: the sign is that of the claim's side, and the size is the
earlier stacks'. A facet that has a category of history is acted on by all forces, and a part of each effect, that of
the category's rating, is there from the start; one without a category keeps the edges declared. Nothing of this
reaches a gap, of which earlier stacks say nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stackcast.priors.history import Force, acting
from stackcast.priors.load import Priors
from stackcast.priors.schema import Effect, Facet


@dataclass(frozen=True)
class Edge:
    """One effect of a factor on a facet.

    Attributes
    ----------
    factor, facet
        From where and to where.
    sign
        Direction in which the factor moves the facet.
    declared
        Its bound in ``claims.yaml``; None where history has the size.
    force
        The force whose size it has; None where it is declared.
    """

    factor: str
    facet: str
    sign: int
    declared: Effect | None = None
    force: Force | None = None

    @property
    def label(self) -> str:
        """Coordinate label."""
        return f"{self.factor} -> {self.facet}"


def edges(priors: Priors) -> list[Edge]:
    """Return every edge: by factor, in the order of ``claims.yaml``, then of ``layers.yaml``."""
    return [edge for claim, factor in _factors(priors) for edge in _of(priors, claim, factor)]


def _factors(priors: Priors) -> Iterator[tuple[str, str]]:
    for name, claim in priors.claims.items():
        for factor in claim.factors(name):
            yield name, factor


def _of(priors: Priors, claim: str, factor: str) -> Iterator[Edge]:
    declared = {e.facet: e for e in priors.factors[factor].effects}
    carries = factor in carriers(priors, claim)
    for name, facet in _in_order(priors, declared):
        force = _force(priors, claim, facet) if carries else None
        if force is not None and (facet.category is not None or name in declared):
            yield Edge(factor, name, priors.debate.sides.sign(priors.claims[claim].side), force=force)
        elif name in declared:
            yield Edge(factor, name, declared[name].sign, declared[name])


def _in_order(priors: Priors, declared: Mapping[str, Effect]) -> Iterator[tuple[str, Facet]]:
    """Give the declared facets in their order, then, where history may add edges, the others in theirs."""
    more = priors.facets if priors.history is not None else ()
    for name in dict.fromkeys((*declared, *more)):
        yield name, priors.facets[name]


def _force(priors: Priors, claim: str, facet: Facet) -> Force | None:
    if priors.history is None or facet.kind != "share":
        return None
    return acting(priors.history, claim, facet.category)


def carriers(priors: Priors, claim: str) -> list[str]:
    """Return the factors of a claim through which its force acts: those on the claim's own side."""
    side = priors.claims[claim].side
    return [name for name in priors.claims[claim].factors(claim) if priors.factors[name].side == side]
