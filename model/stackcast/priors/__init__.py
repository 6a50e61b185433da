"""Written priors with their reasons: claims, layers, measurement scales, prior scenarios."""
