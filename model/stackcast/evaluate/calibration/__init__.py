"""Simulation-based calibration: data sets drawn from the prior, refitted with the shipped settings."""
