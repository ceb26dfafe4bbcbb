"""Refusals that every engine shares."""

from __future__ import annotations


class EngineError(Exception):
    """Base of what an engine refuses."""


class InvalidInputError(EngineError, ValueError):
    """An input that has no meaningful answer.

    Parameters
    ----------
    field : str
        Name of the argument or attribute at fault.
    reason : str
        What is wrong with it, for the developer who called.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class NotEnoughDataError(EngineError):
    """Fewer observations than the method needs.

    Parameters
    ----------
    needed, given : int
        How many it needs and how many there are.
    """

    def __init__(self, *, needed: int, given: int) -> None:
        super().__init__(f"needs at least {needed}, got {given}")
        self.needed = needed
        self.given = given
