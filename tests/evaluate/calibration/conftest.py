"""These tests stand on the invented debate of ``tests/data/toy``."""

from tests.toy import design, observed, project

__all__ = ["design", "observed", "project"]
