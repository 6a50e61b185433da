"""Runs on disk: written whole or not at all, found again by the hash of what went into them."""
