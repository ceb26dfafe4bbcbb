"""Indicators: what is measured, the values with their parents, targets, and where each stands."""

from enishi.indicators.offices import Offices

__all__ = ["Offices"]
