"""Priorities: measures scored by several people on weighted criteria."""
