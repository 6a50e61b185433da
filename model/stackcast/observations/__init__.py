"""Dated observations with their sources: load, validate, and look at them as of a date."""
