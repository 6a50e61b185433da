"""Simulation-based calibration: worlds of the prior, observed as the real one is, refitted by the shipped recipe."""
