"""Plans in and out as tables."""
