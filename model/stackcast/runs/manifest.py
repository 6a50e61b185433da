"""What went into a run: hashes of every input, versions, settings; the name that follows; what reports call it."""

import hashlib
import json
from datetime import date
from typing import Any

from stackcast.priors.load import Priors
from stackcast.project import Project
from stackcast.provenance import code_hash, versions
from stackcast.quarters import Quarter
from stackcast.settings import FitSettings


def inputs(project: Project, settings: FitSettings) -> dict[str, Any]:
    """Return everything that decides a run's numbers."""
    return {
        "order": settings.to_json(),
        "files": dict(project.files),
        "code": code_hash(),
        "versions": versions(),
        "preconditioner": "pilot",
    }


def run_name(settings: FitSettings, given: dict[str, Any]) -> str:
    """Return ``<as-of>-<prior scenario>-<hash>``."""
    digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()
    return f"{settings.as_of}-{settings.prior_scenario}-{digest[:10]}"


def description(priors: Priors, as_of: date) -> dict[str, Any]:
    """Return what reports need besides the tables: horizons, the debate, and how gaps are printed."""
    return {
        "horizons": horizons(priors, as_of),
        "debate": priors.debate.model_dump(mode="json", exclude={"format", "evaluation"}),
        "scales": {name: f.printed.model_dump() for name, f in priors.facets.items() if f.kind == "gap"},
    }


def horizons(priors: Priors, as_of: date) -> dict[str, str]:
    """Return the last days of the quarters that reports name: ``now``, ``near`` while it lies ahead, and ``far``."""
    now, declared = Quarter.of(as_of), priors.debate.horizons
    named = {"near": declared.near, "far": declared.far}
    ahead = {key: Quarter.parse(label) for key, label in named.items() if label is not None}
    return {key: q.end.isoformat() for key, q in {"now": now, **ahead}.items() if key == "now" or q > now}
