"""One want against very many cans: coarse codes and words find candidates, full scoring orders them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from enishi.engines.core import BoolArray, Float32Array, IntArray, InvalidInputError
from enishi.engines.core.signs import cosines_by_signs
from enishi.engines.matching.model import Match, MatchWeights, Ranking, Rule, View, Want
from enishi.engines.matching.scoring import (
    DEFAULT_WEIGHTS,
    Probe,
    allowed_rows,
    meaning,
    parts,
    totals,
    view_values,
)
from enishi.engines.matching.segments import Index, Segment
from enishi.engines.matching.space import Space
from enishi.engines.matching.variety import FIRST_PLACES, LOOKED_AT, with_unexpected

SURE = 2000
"""Up to so many rows of a segment are scored in full."""
MOST_ROUGH = 20_000
"""So many rows at most are compared by their exact vectors."""
_SAMPLE = 20_000


@dataclass(frozen=True)
class _Scored:
    """Full scores of one segment's candidates, and how many rows were looked at or kept out."""

    keys: IntArray
    values: dict[View, Float32Array]
    scores: Float32Array
    excluded: Mapping[Rule, int]
    considered: int


def search(
    index: Index,
    want: Want,
    space: Space,
    *,
    as_of: dt.date,
    top: int = 20,
    weights: MatchWeights = DEFAULT_WEIGHTS,
    audiences: Collection[int] | None = None,
    unexpected: int = 0,
    exhaustive: bool = False,
    threads: int = 1,
) -> Ranking:
    """Return the best cans of an index for one want; ``can_id`` is the key as text.

    Parameters
    ----------
    index : Index
    exhaustive : bool
        Score every row in full; slow, for measuring what the fast path misses.
    threads : int
        How many segments are scored side by side; the answer is the same.

    Other parameters are those of :func:`~enishi.engines.matching.ranking.rank`. Matches carry their parts but
    neither phrases nor reasons: give the texts of those you show to
    :func:`~enishi.engines.matching.reasons.explain`.
    """
    if top < 1:
        raise InvalidInputError("top", "must be at least 1")
    probe = Probe.of(want, index, space, as_of, audiences)
    one = partial(_score_segment, probe, space=space, weights=weights, is_fast=not exhaustive)
    if threads > 1 and len(index.segments) > 1:
        with ThreadPoolExecutor(threads) as side_by_side:
            scored = list(side_by_side.map(one, index.segments, index.alive))
    else:
        scored = [one(segment, alive) for segment, alive in zip(index.segments, index.alive, strict=True)]
    excluded = {rule: sum(part.excluded.get(rule, 0) for part in scored) for rule in Rule}
    considered = sum(part.considered for part in scored)
    return Ranking(want.id, _matches(want, scored, weights, top, unexpected), excluded, considered)


def _score_segment(
    probe: Probe, segment: Segment, alive: BoolArray, space: Space, weights: MatchWeights, is_fast: bool
) -> _Scored:
    allowed, excluded = allowed_rows(probe, segment, alive)
    words = probe.words.scores(segment)
    rows = np.flatnonzero(allowed)
    near = None
    if is_fast and len(rows) > SURE:
        rows = _by_signs(probe, segment, rows, words, space, weights)
        rows, near = _by_meaning(probe, segment, rows, words, space, weights)
    values = view_values(probe, segment, rows, space, words, near)
    keys, considered = np.asarray(segment.keys)[rows], int(np.count_nonzero(allowed))
    return _Scored(keys, values, totals(values, weights), excluded, considered)


def _by_signs(
    probe: Probe,
    segment: Segment,
    rows: IntArray,
    words: Float32Array,
    space: Space,
    weights: MatchWeights,
) -> IntArray:
    """Keep one row in twenty by the signs of its vector and its words."""
    # Most of a nation's cans serve other regions: what may not be proposed is not compared.
    cosines = cosines_by_signs(probe.vector, np.take(segment.codes, rows, axis=1))
    rough = space.scaled(cosines, probe.hub, segment.hubs[rows])
    rough *= np.float32(weights.meaning)
    rough += np.float32(weights.words) * words[rows]
    return rows[_highest(rough, max(SURE, min(len(rows) // 20, MOST_ROUGH)))]


def _by_meaning(
    probe: Probe,
    segment: Segment,
    rows: IntArray,
    words: Float32Array,
    space: Space,
    weights: MatchWeights,
) -> tuple[IntArray, Float32Array]:
    """Keep those that exact meaning and words put first, with their meaning."""
    near = meaning(probe, segment, rows, space)
    known = np.float32(weights.meaning) * np.nan_to_num(near, nan=0.0)
    kept = _highest(known + np.float32(weights.words) * words[rows], SURE)
    return rows[kept], near[kept]


def _highest(scores: Float32Array, count: int) -> IntArray:
    """Return about ``count`` places of the highest scores, ascending, without sorting them all."""
    if len(scores) <= count:
        return np.flatnonzero(scores > -np.inf)
    if len(scores) < 16 * _SAMPLE:
        places = np.argpartition(-scores, count - 1)[:count]
        return np.sort(places[scores[places] > -np.inf])
    sample = np.sort(scores[:: len(scores) // _SAMPLE])
    bound = sample[-max(1, round(len(sample) * count / len(scores)))]
    return np.flatnonzero(scores >= max(bound, np.finfo(np.float32).min))


def _best_first(keys: IntArray, scores: Float32Array, count: int) -> IntArray:
    """Return the places of the ``count`` highest scores and of all that tie with the last, best first, then by key."""
    if len(scores) > count:
        bound = np.partition(scores, -count)[-count]
        places = np.flatnonzero(scores >= bound)
    else:
        places = np.arange(len(scores))
    return places[np.lexsort((keys[places], -scores[places]))]


def _matches(
    want: Want, scored: list[_Scored], weights: MatchWeights, top: int, unexpected: int
) -> tuple[Match, ...]:
    if not scored:
        return ()
    keys = np.concatenate([part.keys for part in scored])
    values = {view: np.concatenate([part.values[view] for part in scored]) for view in View}
    scores = np.concatenate([part.scores for part in scored])
    order = _best_first(keys, scores, max(top, LOOKED_AT) + FIRST_PLACES)
    chosen = with_unexpected(order, values[View.FIELDS], values[View.MEANING], top, unexpected)
    positions = [position for position, _strange in chosen]
    found = zip(
        keys[positions].tolist(), scores[positions].tolist(), parts(values, positions, weights), strict=True
    )
    return tuple(
        Match(want.id, str(key), place + 1, score, why, is_unexpected=strange)
        for place, ((key, score, why), (_position, strange)) in enumerate(zip(found, chosen, strict=True))
    )
