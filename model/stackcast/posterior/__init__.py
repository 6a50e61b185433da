"""What the draws say: states, moments of observations, openness, and the one door to the DataTree."""
