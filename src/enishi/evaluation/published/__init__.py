"""Frozen data of a finished cycle, and recomputing a number from it. Nothing here but ``models`` and pages needs Django."""
