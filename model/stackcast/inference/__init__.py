"""Sampling: the metric, NUTS, the gates, and the ladder a failing run climbs."""
