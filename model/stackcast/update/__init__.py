"""The weekly update, step by step: what is due, what came, what there is to do, what it did; nothing is printed."""
