"""What must hold between the files of a project: every name that one uses, another declares."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain

from pydantic import BaseModel

from stackcast.errors import Problem
from stackcast.files.documents import Document, Location, did_you_mean
from stackcast.files.text import read_text
from stackcast.observations.schema import Signal
from stackcast.priors.debate import NEUTRAL, WHOLE
from stackcast.priors.files import PriorFiles
from stackcast.priors.schema import Effect, layer_of

EVERY = "all"
"""What asks for every prior scenario: none may have this name."""
SCENARIO_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
REFERENCES = ("reference", "sensitivity")
"""Roles of which a run takes one signal a facet: that of its criterion."""


def inconsistencies(files: PriorFiles, signals: Mapping[str, Signal]) -> Iterator[Problem]:
    """Give every name that nothing declares, and every facet that nothing or too much measures."""
    return chain(
        _debate(files, signals),
        _claims(files),
        _contrasts(files),
        _layers(files),
        _facets(files),
        _scenarios(files),
        _targets(files, signals),
        _references(files, signals),
        _history(files),
    )


def _debate(files: PriorFiles, signals: Mapping[str, Signal]) -> Iterator[Problem]:
    debate, known = files.debate, {s.criterion for s in signals.values() if s.criterion}
    criterion, start = debate.content.criterion, files.measurement.content.grid.start
    if criterion is None and known:
        message = f"signals count by different rules ({', '.join(sorted(known))}): name one as `criterion`"
        yield debate.problem((), message)
    elif criterion is not None and criterion not in known:
        cure = did_you_mean(criterion, known) or "; no signal in signals.yaml has a criterion, so leave it out"
        yield debate.problem(("criterion",), f"unknown criterion {criterion!r}{cure}")
    for key, quarter in debate.content.horizons:
        if quarter is not None and quarter <= start:
            yield debate.problem(("horizons", key), f"{quarter} is not after {start}, where measurement.yaml starts")


def _claims(files: PriorFiles) -> Iterator[Problem]:
    claims, facets, sides = files.claims, files.layers.content.facets, files.debate.content.sides.names
    for name, claim in claims.content.claims.items():
        yield from _known_side(claims, ("claims", name, "side"), claim.side, sides)
        places: list[tuple[Location, tuple[Effect, ...]]] = [(("claims", name), claim.effects)]
        for part, factor in claim.subclaims.items():
            here = ("claims", name, "subclaims", part)
            yield from _known_side(claims, (*here, "side"), factor.side, (*sides, NEUTRAL))
            places.append((here, factor.effects))
        for place, effects in places:
            for i, effect in enumerate(effects):
                if effect.facet in (earlier.facet for earlier in effects[:i]):
                    message = f"the effect on {effect.facet!r} stands twice: give one, with the sum of both"
                    yield claims.problem((*place, "effects", i, "facet"), message)
                if effect.facet not in facets:
                    message = f"unknown facet {effect.facet!r}{did_you_mean(effect.facet, facets)}"
                    yield claims.problem((*place, "effects", i, "facet"), message)


def _known_side[Schema: BaseModel](
    document: Document[Schema], place: Location, side: str, allowed: tuple[str, ...]
) -> Iterator[Problem]:
    if side not in allowed:
        yield document.problem(place, f"debate.yaml has no side {side!r}{did_you_mean(side, allowed)}")


def _contrasts(files: PriorFiles) -> Iterator[Problem]:
    claims, sides = files.claims, files.debate.content.sides.names
    known, seen = claims.content.claims, set()
    for i, contrast in enumerate(claims.content.contrasts):
        if contrast.id in seen:
            yield claims.problem(("contrasts", i, "id"), f"the contrast {contrast.id!r} stands twice")
        seen.add(contrast.id)
        place = ("contrasts", i, "claims")
        unknown = [name for name in contrast.claims if name not in known]
        yield from (claims.problem(place, f"unknown claim {name!r}{did_you_mean(name, known)}") for name in unknown)
        there = {known[name].side for name in contrast.claims if name in known}
        for side in sides:
            if not unknown and side not in there:
                yield claims.problem(place, f"no claim of the side {side!r}: a contrast has claims of both sides")


def _layers(files: PriorFiles) -> Iterator[Problem]:
    layers, claims = files.layers, files.claims.content.claims
    with_share = {layer_of(n) for n, f in layers.content.facets.items() if f.kind == "share"}
    for name in layers.content.layers:
        if name not in with_share:
            yield layers.problem(("layers", name), f"layer {name!r} has no share facet")
        # layers, claims and the whole are asked for by name alone, such as models@2030-12-31
        if name == WHOLE:
            yield layers.problem(("layers", name), f"{name!r} means all layers together: take another name")
        if name in claims:
            yield layers.problem(("layers", name), f"{name!r} is the name of a claim too: take another")


def _facets(files: PriorFiles) -> Iterator[Problem]:
    layers = files.layers
    gaps = [name for name, facet in layers.content.facets.items() if facet.kind == "gap"]
    for name, facet in layers.content.facets.items():
        if layer_of(name) not in layers.content.layers:
            message = f"unknown layer {layer_of(name)!r}{did_you_mean(layer_of(name), layers.content.layers)}"
            yield layers.problem(("facets", name), message)
        if facet.gap_pull is not None and facet.gap_pull not in gaps:
            cure = did_you_mean(facet.gap_pull, gaps) or "; no facet is of kind gap"
            yield layers.problem(("facets", name, "gap_pull"), f"unknown gap {facet.gap_pull!r}{cure}")


def _scenarios(files: PriorFiles) -> Iterator[Problem]:
    for name, document in files.scenarios.items():
        if name in (NEUTRAL, EVERY) or not SCENARIO_NAME.fullmatch(name):
            message = f"a prior scenario's file is named in lower case, and never {NEUTRAL}.yaml or {EVERY}.yaml"
            yield document.problem((), message)
        for factor in document.content.means:
            if factor not in files.factors:
                message = f"unknown claim {factor!r}{did_you_mean(factor, files.factors)}"
                yield document.problem(("means", factor), message)
        for side in document.content.effects:
            yield from _known_side(document, ("effects", side), side, files.debate.content.sides.names)


def _history(files: PriorFiles) -> Iterator[Problem]:
    """Give what history.yaml says of a claim, layer, category or scale that is none, and what it leaves out."""
    layers, claims = files.layers.content, files.claims.content.claims
    categories = files.history.content.categories if files.history is not None else {}
    for name, facet in layers.facets.items():
        if facet.category is not None and files.history is not None and facet.category not in categories:
            cure = did_you_mean(facet.category, categories)
            yield files.layers.problem(
                ("facets", name, "category"), f"history.yaml has no category {facet.category!r}{cure}"
            )
    if files.history is None:
        return
    history, content = files.history, files.history.content
    forces = content.effects.forces
    for i, force in enumerate(forces):
        place = ("effects", "forces", i)
        if force not in claims:
            yield history.problem(place, f"no claim names the force {force!r}{did_you_mean(force, claims)}")
        else:
            claim = claims[force]
            carriers = [name for name, factor in claim.factors(force).items() if factor.side == claim.side]
            if len(carriers) != 1:
                found = ", ".join(carriers) or "none"
                message = f"a force acts through one sub-claim on its claim's side; {force} has {found}"
                yield history.problem(place, message)
    for part in ("resting_points", "unrated"):
        known = getattr(content, part).layers
        missing = ", ".join(name for name in layers.layers if name not in known)
        if missing:
            yield history.problem((part, "layers"), f"no resting point of {missing}: run `stackcast history fit` again")
    for name, category in content.categories.items():
        if set(category.ratings) != set(forces):
            message = f"the ratings of {name} are not those of the forces {', '.join(forces)}"
            yield history.problem(("categories", name, "ratings"), message)
    declared = dict(files.measurement.content.scales)
    for name, given in content.scales.items():
        if name not in declared:
            yield history.problem(("scales", name), f"unknown scale {name!r}{did_you_mean(name, declared)}")
        elif (type(given), getattr(given, "dist", "")) != (type(declared[name]), getattr(declared[name], "dist", "")):
            yield history.problem(("scales", name), f"{name} is declared with other keys in measurement.yaml")


def _targets(files: PriorFiles, signals: Mapping[str, Signal]) -> Iterator[Problem]:
    facets, factors = files.layers.content.facets, files.factors
    where = files.folder.parent / "observations" / "signals.yaml"
    lines = read_text(where).splitlines() if where.exists() else []
    for slug, signal in signals.items():
        target, known = signal.measures.target, facets if signal.measures.facet else factors
        line = next((i for i, text in enumerate(lines, 1) if text.strip() == f"{slug}:"), 1)
        if target not in known:
            message = f"signal {slug!r} measures the unknown {target!r}{did_you_mean(target, known)}"
            yield Problem(where, line, "3", message)
        elif signal.measures.facet and (signal.likelihood == "gap") != (facets[target].kind == "gap"):
            yield Problem(
                where, line, "3", f"a {signal.likelihood} cannot measure the {facets[target].kind} {target!r}"
            )


def _references(files: PriorFiles, signals: Mapping[str, Signal]) -> Iterator[Problem]:
    layers, criterion = files.layers, files.debate.content.criterion
    for name in layers.content.facets:
        mine = {s: d for s, d in signals.items() if d.measures.facet == name and d.role in REFERENCES}
        declared = [slug for slug, signal in mine.items() if signal.role == "reference"]
        in_run = [slug for slug, signal in mine.items() if signal.criterion in (None, criterion)]
        if len(declared) != 1:
            found = ", ".join(declared) or "none"
            yield layers.problem(("facets", name), f"facet {name!r} needs exactly one reference signal (found {found})")
        elif len(in_run) != 1:
            found = ", ".join(in_run) or "none"
            message = f"facet {name!r} needs exactly one reference at the criterion {criterion!r} (found {found})"
            yield layers.problem(("facets", name), message)
