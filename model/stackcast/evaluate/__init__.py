"""Judgement of finished runs: scores beside a rival, how far camps have converged, and what one more figure says."""
