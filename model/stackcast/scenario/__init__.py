"""Interventions on future claims and facets, and decisions under the forecast."""
