"""Written priors with their reasons: claims, layers, measurement scales, camps."""
