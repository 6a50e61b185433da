"""Interventions on the future: what the model would do if somebody set a claim or a facet, by its own step function."""
