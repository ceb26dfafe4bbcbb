"""What of an index means the same as a text, whatever else fits: for searching, where matching would ask too much."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from enishi.engines.core import BoolArray, Float32Array, IntArray, InvalidInputError
from enishi.engines.core.signs import cosines_by_signs
from enishi.engines.matching.scoring import among
from enishi.engines.matching.segments import Index, Segment

COMPARED = 2_000
"""So many rows of a segment, nearest by their signs, are compared by their exact vectors."""


def nearest(
    index: Index, placed: Float32Array, *, audiences: Collection[int], top: int
) -> list[tuple[int, float]]:
    """Return key and cosine of the cans nearest in meaning, the nearest first.

    Parameters
    ----------
    placed : array, shape (d,)
        The text's vector, centred by the space and of length 1.
    audiences : collection of int
        The circles whose cans count.

    Notes
    -----
    The time is that of reading one bit a dimension of every row; words and conditions are not looked at.
    """
    if top < 1:
        raise InvalidInputError("top", "must be at least 1")
    circles = frozenset(audiences)
    found = [
        _of_segment(segment, alive & among(segment.audiences, circles), placed)
        for segment, alive in zip(index.segments, index.alive, strict=True)
    ]
    keys = np.concatenate([np.zeros(0, np.int64), *(keys for keys, _cosines in found)])
    cosines = np.concatenate([np.zeros(0, np.float32), *(cosines for _keys, cosines in found)])
    order = np.lexsort((keys, -cosines))[:top]
    return list(zip(keys[order].tolist(), cosines[order].tolist(), strict=True))


def _of_segment(segment: Segment, allowed: BoolArray, placed: Float32Array) -> tuple[IntArray, Float32Array]:
    rows = np.flatnonzero(allowed)
    if len(rows) > COMPARED:
        rough = cosines_by_signs(placed, segment.codes)[rows]
        rows = rows[np.argpartition(-rough, COMPARED)[:COMPARED]]
    cosines = (segment.vectors[rows].astype(np.float32) @ placed) * segment.vector_scales[rows]
    return np.asarray(segment.keys)[rows], cosines
