"""What moved the forecast, what would move it, and which observation would say most: by importance reweighting."""
