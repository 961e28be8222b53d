"""Measurements of the cost of runs: they print figures, and fail for none of them."""
