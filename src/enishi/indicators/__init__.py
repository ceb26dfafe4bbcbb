"""Indicators: what is measured, the values with their parents, targets, and where each stands."""
