"""Influence of observations, hypothetical news and the value of information, by importance weights."""
