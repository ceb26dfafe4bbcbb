"""Municipalities with the same trouble: wants that could be called for together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from enishi.engines.core import Float32Array, InvalidInputError
from enishi.engines.matching.model import Want
from enishi.engines.matching.segments import term_hash
from enishi.engines.matching.space import Space

SAME_TROUBLE = 0.55
"""Cosine of two centred wants from which they tell of the same trouble."""
_WORDS_SHOWN = 6
_BLOCK = 2048


@dataclass(frozen=True)
class JointCall:
    """Wants of several owners that are one trouble.

    Attributes
    ----------
    want_ids : tuple of str
        The most central first.
    owners : tuple of str
        Each once, in the order of the wants.
    nearness : float
        The least cosine between any two of them.
    words : tuple of str
        Words that stand in at least half of them, rarest first.
    """

    want_ids: tuple[str, ...]
    owners: tuple[str, ...]
    nearness: float
    words: tuple[str, ...]


def joint_calls(wants: Sequence[Want], space: Space, *, nearness: float = SAME_TROUBLE) -> list[JointCall]:
    """Return groups of wants of at least two owners whose members are all near to each other.

    Notes
    -----
    Complete linkage: pairs are joined from the nearest on, and two groups only when every member of
    one is near to every member of the other. So a chain of small steps does not join unlike troubles.

    Raises
    ------
    InvalidInputError
        If ``nearness`` is not between 0 and 1.
    """
    if not 0 < nearness < 1:
        raise InvalidInputError("nearness", "must lie between 0 and 1")
    if len(wants) < 2:
        return []
    placed = space.place_wants(np.stack([want.evidence.vector for want in wants]))
    groups = _linked(placed, _near_pairs(placed, nearness), nearness)
    calls = [_call([wants[row] for row in group], placed[group], space) for group in groups]
    several = [call for call in calls if len(call.owners) > 1]
    return sorted(several, key=lambda call: (-len(call.owners), -call.nearness))


def _near_pairs(placed: Float32Array, nearness: float) -> list[tuple[float, int, int]]:
    pairs: list[tuple[float, int, int]] = []
    for start in range(0, len(placed), _BLOCK):
        near = placed[start : start + _BLOCK] @ placed.T
        rows, columns = np.nonzero(near >= nearness)
        upper = columns > rows + start
        pairs.extend(
            (float(near[row, column]), int(row) + start, int(column))
            for row, column in zip(rows[upper], columns[upper], strict=True)
        )
    return sorted(pairs, reverse=True)


def _linked(placed: Float32Array, pairs: list[tuple[float, int, int]], nearness: float) -> list[list[int]]:
    group_of = list(range(len(placed)))
    members = {row: [row] for row in range(len(placed))}
    for _, one, other in pairs:
        first, second = group_of[one], group_of[other]
        if first == second:
            continue
        if float((placed[members[first]] @ placed[members[second]].T).min()) >= nearness:
            for row in members[second]:
                group_of[row] = first
            members[first].extend(members.pop(second))
    return [sorted(group) for group in members.values() if len(group) > 1]


def _call(wants: list[Want], placed: Float32Array, space: Space) -> JointCall:
    near = placed @ placed.T
    order = np.argsort(-near.sum(axis=1), kind="stable")
    ordered = [wants[row] for row in order]
    counts = Counter(normal for want in wants for normal in {word.normal for word in want.evidence.words})
    common = [normal for normal, count in counts.items() if count * 2 >= len(wants) and count > 1]
    rarest = sorted(common, key=lambda normal: (-space.rarity(term_hash(normal)), normal))
    return JointCall(
        tuple(want.id for want in ordered),
        tuple(dict.fromkeys(want.owner for want in ordered)),
        float(near.min()),
        tuple(rarest[:_WORDS_SHOWN]),
    )
