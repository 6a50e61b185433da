"""The page: one self-contained HTML file that leads with the answer and ends with the evidence."""
