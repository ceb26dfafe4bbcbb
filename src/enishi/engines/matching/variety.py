"""Room for what nobody would have looked for: 「意外な組み合わせ」 among the first places."""

from __future__ import annotations

import numpy as np

from enishi.engines.core import Float32Array, IntArray, InvalidInputError

FIRST_PLACES = 10
RELEVANT_DEVIATIONS = 2.0
"""Nearness, in standard deviations over unrelated pairs, from which a can of another field is relevant."""
LOOKED_AT = 200
"""How far down an order the unexpected are looked for."""


def with_unexpected(
    order: IntArray, fields: Float32Array, meaning: Float32Array, top: int, wanted: int
) -> list[tuple[int, bool]]:
    """Return the first ``top`` positions of an order, with cans of another field among the first ten.

    A can is unexpected when both sides name fields, none is shared, and it is still near in meaning. Those
    already among the first ten are marked; when they are too few, the best of the rest take the last
    of the ten places. Nothing is moved when nothing relevant is there.

    Parameters
    ----------
    order : positions, best first
    fields, meaning : arrays, one value a position
        Values of the views; NaN where unknown.
    wanted : int, 0 to 5
        How many of the first ten places.

    Returns
    -------
    list of (position, is_unexpected)
    """
    if not 0 <= wanted <= FIRST_PLACES // 2:
        raise InvalidInputError("unexpected", f"must lie between 0 and {FIRST_PLACES // 2}")
    first = [int(position) for position in order[:FIRST_PLACES]]
    if wanted == 0 or top < FIRST_PLACES:
        return [(int(position), False) for position in order[:top]]
    strange = (fields == 0) & (np.nan_to_num(meaning, nan=-np.inf) >= RELEVANT_DEVIATIONS)
    inside = [position for position in first if strange[position]][:wanted]
    later = [int(position) for position in order[FIRST_PLACES:LOOKED_AT] if strange[position]]
    invited = later[: wanted - len(inside)]
    leading = _make_room(first, invited, set(inside))
    marked, placed = set(inside) | set(invited), set(leading)
    rest = [position for position in order[: top + len(leading)].tolist() if position not in placed]
    return [(position, position in marked) for position in [*leading, *rest][:top]]


def _make_room(first: list[int], invited: list[int], kept: set[int]) -> list[int]:
    """Let the invited take the last places of those who are not kept."""
    leaving = [position for position in reversed(first) if position not in kept][: len(invited)]
    return [position for position in first if position not in set(leaving)] + invited
