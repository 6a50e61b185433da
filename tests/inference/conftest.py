"""These tests stand on the invented debate of ``tests/data/toy``."""

from tests.toy import compiled, design, observed, probe, project, rows

__all__ = ["compiled", "design", "observed", "probe", "project", "rows"]
