"""These tests stand on the invented debate of ``tests/data/toy``."""

from tests.toy import copy, design, earlier, observed, probe, project, rows

__all__ = ["copy", "design", "earlier", "observed", "probe", "project", "rows"]
