"""The weekly update: due sources, new rows, plan, fit and outcome; nothing is printed here."""
