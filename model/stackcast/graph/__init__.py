"""The model: a design, one step function, one parameter table, and the PyMC graph made of them."""
