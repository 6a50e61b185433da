"""The forecast: draws extended beyond the grid, and the quantities and tables computed from them."""
