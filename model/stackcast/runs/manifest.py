"""What went into a run: hashes of every input, versions, settings; and the name that follows from them."""

import hashlib
import json
from typing import Any

from stackcast.project import Project
from stackcast.provenance import code_hash, versions
from stackcast.settings import FitSettings


def inputs(project: Project, settings: FitSettings) -> dict[str, Any]:
    """Return everything that decides a run's numbers."""
    return {
        "order": settings.to_json(),
        "files": project.input_hashes(),
        "code": code_hash(),
        "versions": versions(),
        "preconditioner": "pilot",
    }


def run_name(settings: FitSettings, given: dict[str, Any]) -> str:
    """Return ``<as-of>-<prior scenario>-<hash>``."""
    digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()
    return f"{settings.as_of}-{settings.prior_scenario}-{digest[:10]}"
