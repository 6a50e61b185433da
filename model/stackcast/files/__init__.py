"""Files on disk: whole or not at all, and every problem in them named by line and column."""
