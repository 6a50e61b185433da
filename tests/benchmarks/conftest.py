"""Where a benchmark loads no project itself, its tests stand on the invented debate of ``tests/data/toy``."""

from tests.toy import design, observed, project, rows

__all__ = ["design", "observed", "project", "rows"]
