"""Two or three cans that together cover what one alone does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations as subsets

import numpy as np

from enishi.engines.core import Float32Array, InvalidInputError
from enishi.engines.matching.model import Can, Match, Want
from enishi.engines.matching.space import Space

HALF_COVERED = 1.5
"""Nearness, in standard deviations over unrelated pairs, at which a need counts as half covered."""
_SLOPE = 0.6
_SEARCHED = 24
_WORTHWHILE = 0.08
"""How much more of the needs a further partner must cover to be worth the talking."""


@dataclass(frozen=True)
class Need:
    """One thing a want asks for: a sentence of it (``start`` to ``end``) or a kind of resource."""

    label: str
    start: int | None = None
    end: int | None = None

    @property
    def is_kind(self) -> bool:
        return self.start is None


@dataclass(frozen=True)
class Contribution:
    """What one can brings: the needs it covers better than the others, and how far (0 to 1)."""

    can_id: str
    needs: tuple[tuple[Need, float], ...]


@dataclass(frozen=True)
class Combination:
    """Cans that together cover a want's needs.

    Attributes
    ----------
    coverage : float, 0 to 1
        Mean over the needs of how far the best of the members covers each.
    single_coverage : float
        The same for the best can alone.
    """

    want_id: str
    members: tuple[Contribution, ...]
    coverage: float
    single_coverage: float


def combine(
    want: Want, cans: Sequence[Can], matches: Sequence[Match], space: Space, *, most: int = 3, top: int = 3
) -> list[Combination]:
    """Return combinations of two or three well-matched cans that cover clearly more needs than any one.

    Parameters
    ----------
    want : Want
        With the vectors of its passages; needs are its sentences and the kinds it seeks.
    cans : sequence of Can
        At least those named by ``matches``.
    matches : sequence of Match
        The want's ranking; its first places are combined.
    most : 2 or 3
        How many members at most.
    top : int
        How many combinations at most; no two share all but one of their members' roles.

    Raises
    ------
    InvalidInputError
        If ``most`` is neither 2 nor 3.
    """
    if most not in (2, 3):
        raise InvalidInputError("most", "must be 2 or 3")
    by_id = {can.id: can for can in cans}
    members = [by_id[match.can_id] for match in matches[:_SEARCHED] if match.can_id in by_id]
    needs = needs_of(want)
    if len(needs) < 2 or len(members) < 2:
        return []
    fits = coverage_matrix(want, members, needs, space)
    return _best(want, members, needs, fits, most, top)


def needs_of(want: Want) -> list[Need]:
    """Return what a want asks for: its sentences (when they have vectors) and the kinds it seeks."""
    text = want.evidence.text
    spoken = [
        Need(text[passage.start : passage.end], passage.start, passage.end)
        for passage in want.evidence.passages[: len(want.evidence.passage_vectors)]
    ]
    return [*spoken, *(Need(kind) for kind in sorted(want.kinds))]


def coverage_matrix(want: Want, cans: Sequence[Can], needs: Sequence[Need], space: Space) -> Float32Array:
    """Return how far each can covers each need, 0 to 1. Shape (len(needs), len(cans))."""
    placed = space.place_cans(np.stack([can.evidence.vector for can in cans]))
    hubs = space.can_hubs(placed)
    fits = np.zeros((len(needs), len(cans)), np.float32)
    spoken = space.place_wants(want.evidence.passage_vectors) if len(want.evidence.passage_vectors) else None
    for row, need in enumerate(needs):
        if need.is_kind:
            fits[row] = [float(need.label in can.kinds) for can in cans]
        elif spoken is not None:
            near = space.scaled(placed @ spoken[row], float(space.want_hubs(spoken[row : row + 1])[0]), hubs)
            fits[row] = 1 / (1 + np.exp(-(near - HALF_COVERED) / _SLOPE))
    return fits


def _best(
    want: Want, cans: Sequence[Can], needs: Sequence[Need], fits: Float32Array, most: int, top: int
) -> list[Combination]:
    single = float(fits.mean(axis=0).max())
    found: list[tuple[float, tuple[int, ...]]] = []
    for size in range(2, most + 1):
        for chosen in subsets(range(len(cans)), size):
            covered = float(fits[:, chosen].max(axis=1).mean())
            if all(covered - _without(fits, chosen, member) >= _WORTHWHILE for member in chosen):
                found.append((covered - 0.01 * size, chosen))
    found.sort(key=lambda entry: (-entry[0], entry[1]))
    return [_combination(want, cans, needs, fits, chosen, single) for _, chosen in _different(found, top)]


def _without(fits: Float32Array, chosen: tuple[int, ...], member: int) -> float:
    rest = [other for other in chosen if other != member]
    return float(fits[:, rest].max(axis=1).mean())


def _different(found: list[tuple[float, tuple[int, ...]]], top: int) -> list[tuple[float, tuple[int, ...]]]:
    """The first few that do not merely repeat two members of an earlier one."""
    kept: list[tuple[float, tuple[int, ...]]] = []
    for entry in found:
        if len(kept) == top:
            break
        if all(len(set(entry[1]) & set(other)) < 2 for _, other in kept):
            kept.append(entry)
    return kept


def _combination(
    want: Want,
    cans: Sequence[Can],
    needs: Sequence[Need],
    fits: Float32Array,
    chosen: tuple[int, ...],
    single: float,
) -> Combination:
    owner = fits[:, chosen].argmax(axis=1)
    members = tuple(
        Contribution(
            cans[column].id,
            tuple((need, float(fits[row, column])) for row, need in enumerate(needs) if owner[row] == place),
        )
        for place, column in enumerate(chosen)
    )
    return Combination(want.id, members, float(fits[:, chosen].max(axis=1).mean()), single)
