"""Evaluation of finished runs: scores beside baselines, backtests, calibration, power scaling."""
