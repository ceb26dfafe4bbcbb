"""Running text set in two columns: which lines belong to which, so that a page is not read across."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FEWEST_LEFT, FEWEST_RIGHT = 8, 4
_FULL = 4
"""So many lines reach the edge of a column of running text; the cells of a table end where they like."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a line stands on a page; y grows upwards."""

    left: float
    right: float
    middle: float


def gutter_of(lines: Sequence[Span], *, size: float) -> float | None:
    """Return the x that parts a page into two columns of running text, None where the page is read across.

    >>> left = [Span(50, 289, 800 - 14 * at) for at in range(12)]
    >>> gutter_of([*left, *(Span(306, 540, each.middle) for each in left)], size=10)
    306.0
    >>> gutter_of([*left, *(Span(306, 540, each.middle) for each in left), *[Span(50, 540, 30)] * 9], size=10)
    """
    if len(lines) < FEWEST_LEFT + FEWEST_RIGHT:
        return None
    first, last = min(line.left for line in lines), max(line.right for line in lines)
    width = last - first
    starts = sorted({line.left for line in lines if 0.35 * width < line.left - first < 0.7 * width})
    return next((float(each) for each in starts if _parts(lines, each, size)), None)


def _parts(lines: Sequence[Span], gutter: float, size: float) -> bool:
    left = [line for line in lines if line.right <= gutter]
    right = [line for line in lines if line.left >= gutter]
    crossing = len(lines) - len(left) - len(right)
    if len(left) < FEWEST_LEFT or len(right) < FEWEST_RIGHT or crossing > len(lines) / 10:
        return False
    edge = max(line.right for line in left)
    full = sum(edge - line.right < size * 1.2 for line in left)
    near = sum(line.left - gutter < size * 3 for line in right)
    return gutter - edge < size * 5 and full >= _FULL and near >= len(right) * 0.6


def order_of(spans: Sequence[Span], gutter: float | None) -> list[list[int]]:
    """Return the lines in groups that are read one after the other.

    A line across both columns (a title, a wide table) parts what stands above it from what stands below.
    """
    if gutter is None:
        return [list(range(len(spans)))]
    groups: list[list[int]] = []
    left: list[int] = []
    right: list[int] = []
    for at in sorted(range(len(spans)), key=lambda each: -spans[each].middle):
        if spans[at].right <= gutter:
            left.append(at)
        elif spans[at].left >= gutter:
            right.append(at)
        else:
            groups += [left, right, [at]]
            left, right = [], []
    return [group for group in [*groups, left, right] if group]
