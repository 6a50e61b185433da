"""Posterior draws: summaries, importance weights, leave-one-out checks, and the DataTree."""
