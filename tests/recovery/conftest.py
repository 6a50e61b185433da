"""These tests stand on the invented debate of ``tests/data/toy``: many refits of a small graph."""

from tests.toy import compiled, design, observed, project, rows

__all__ = ["compiled", "design", "observed", "project", "rows"]
