"""What rooms above tell of agreements: they know the agreement, it does not know them."""

from collections.abc import Callable, Iterable
from typing import Any

Occurred = Callable[[Any], Iterable[tuple[int, str]]]
"""Asked with agreements (keys, or a queryset of them): pairs of an agreement and the key of a listed risk that came true."""

_told: list[Occurred] = []


def tell_of_risks(occurred: Occurred) -> None:
    """Count what another room saw happen among the risks of an agreement that came true."""
    if occurred not in _told:
        _told.append(occurred)


def risks_that_came_true(agreement_ids: Any) -> Iterable[tuple[int, str]]:
    for occurred in _told:
        yield from occurred(agreement_ids)
