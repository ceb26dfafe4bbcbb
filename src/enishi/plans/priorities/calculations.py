"""Scores to places: weighted means, where scorers disagree, and how far the ranking survives other weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from enishi.engines.core import weighing
from enishi.plans.priorities.enums import HIGHEST, LOWEST

SPLIT_FROM = 2
"""Points between the highest and the lowest score from which a cell counts as disputed (scale 1 to 5)."""
VARIATION = 0.5


@dataclass(frozen=True, slots=True)
class Given:
    """One score."""

    scorer: int
    measure: int
    criterion: int
    points: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What all scorers gave one measure on one criterion."""

    mean: float
    lowest: int
    highest: int
    count: int

    @property
    def is_split(self) -> bool:
        return self.highest - self.lowest >= SPLIT_FROM


@dataclass(frozen=True, slots=True)
class Ranked:
    """A measure in the ranking. ``kept`` is the share of other weights under which it keeps this place."""

    measure: int
    place: int
    total: float
    kept: float
    best: int
    worst: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Tipping:
    """What must happen to one weight before another measure draws level with the first."""

    criterion: int
    change: float | None


@dataclass(frozen=True, slots=True)
class Ranking:
    rows: tuple[Ranked, ...]
    tipping: tuple[Tipping, ...]
    unscored: tuple[int, ...]
    scorers: int

    @property
    def split_cells(self) -> int:
        return sum(cell.is_split for row in self.rows for cell in row.cells)


def ranking_of(
    given: Sequence[Given], *, measures: Sequence[int], weights: Mapping[int, float]
) -> Ranking | None:
    """The ranking by the mean of what was given; ``None`` while nothing complete was given or no weight counts.

    A measure that somebody left out on a criterion where nobody scored it is not ranked, and said so.
    """
    criteria = list(weights)
    cells = _cells(given)
    whole = [key for key in measures if all((key, criterion) in cells for criterion in criteria)]
    if not whole or not criteria or not any(weights.values()):
        return None
    points = np.array([[cells[key, each].mean for each in criteria] for key in whole], np.float64)
    weight = np.array([weights[each] for each in criteria], np.float64)
    found = weighing.stability(points, weight, variation=VARIATION)
    totals = weighing.weighted_totals(points, weight)
    rows = [
        _ranked(at, key, found, totals, tuple(cells[key, each] for each in criteria))
        for at, key in enumerate(whole)
    ]
    tipping = [
        Tipping(each, None if np.isnan(change) else float(change))
        for each, change in zip(criteria, found.tipping, strict=True)
    ]
    return Ranking(
        tuple(sorted(rows, key=lambda row: (row.place, whole.index(row.measure)))),
        tuple(tipping),
        tuple(key for key in measures if key not in whole),
        len({each.scorer for each in given}),
    )


def _ranked(at: int, key: int, found: Any, totals: Any, cells: tuple[Cell, ...]) -> Ranked:
    taken = np.flatnonzero(found.shares[at] > 0)
    return Ranked(
        key,
        int(found.places[at]),
        float(totals[at]),
        float(found.kept[at]),
        int(taken[0]) + 1,
        int(taken[-1]) + 1,
        cells,
    )


def _cells(given: Sequence[Given]) -> dict[tuple[int, int], Cell]:
    points: dict[tuple[int, int], list[int]] = {}
    for each in given:
        if not LOWEST <= each.points <= HIGHEST:
            raise ValueError(each.points)
        points.setdefault((each.measure, each.criterion), []).append(each.points)
    return {
        key: Cell(sum(values) / len(values), min(values), max(values), len(values))
        for key, values in points.items()
    }
