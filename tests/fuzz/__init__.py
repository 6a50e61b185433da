"""Seeded damage to a project's files and runs: every verb ends well, or with one clear message and nothing changed."""
