"""The future: the same graph's nodes, more of them, with innovations that nobody has seen."""
