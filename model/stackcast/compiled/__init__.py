"""Densities as machine code: compiled once, kept on disk, and sampled with any data of the same shapes."""
