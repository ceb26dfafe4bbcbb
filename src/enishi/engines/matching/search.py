"""One want against very many cans: coarse codes and words find candidates, full scoring orders them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from enishi.engines.core import BoolArray, Float32Array, IntArray, InvalidInputError
from enishi.engines.matching.model import Match, MatchWeights, Ranking, Rule, View, Want
from enishi.engines.matching.scoring import (
    DEFAULT_WEIGHTS,
    Probe,
    allowed_rows,
    parts,
    totals,
    view_values,
)
from enishi.engines.matching.segments import Array, Index, Segment, sign_codes
from enishi.engines.matching.space import Space
from enishi.engines.matching.variety import with_unexpected

CANDIDATES = 6000
"""How many rows of all segments together are scored in full."""


@dataclass(frozen=True)
class _Scored:
    """Full scores of one segment's candidates."""

    keys: IntArray
    values: dict[View, Float32Array]
    scores: Float32Array


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
    candidates: int | None = CANDIDATES,
) -> Ranking:
    """Return the best cans of an index for one want; ``can_id`` is the key as text.

    Parameters
    ----------
    index : Index
    candidates : int or None
        How many rows are scored in full; None for all of them (the exhaustive answer).

    Other parameters are those of :func:`~enishi.engines.matching.ranking.rank`. Matches carry their parts but
    neither phrases nor reasons: give the texts of those you show to
    :func:`~enishi.engines.matching.reasons.explain`.
    """
    if top < 1:
        raise InvalidInputError("top", "must be at least 1")
    probe = Probe.of(want, index, space, as_of, audiences)
    excluded: dict[Rule, int] = dict.fromkeys(Rule, 0)
    scored: list[_Scored] = []
    considered = 0
    for segment, alive in zip(index.segments, index.alive, strict=True):
        allowed, kept_out = allowed_rows(probe, segment, alive)
        for rule, count in kept_out.items():
            excluded[rule] += count
        considered += int(np.count_nonzero(allowed))
        share = None if candidates is None else _share(candidates, len(segment), index)
        scored.append(_score_segment(probe, segment, allowed, space, weights, share))
    return Ranking(want.id, _matches(want, scored, weights, top, unexpected), excluded, considered)


def _share(candidates: int, rows: int, index: Index) -> int:
    whole = sum(len(segment) for segment in index.segments)
    return max(200, -(-candidates * rows // max(whole, 1)))


def _score_segment(
    probe: Probe, segment: Segment, allowed: BoolArray, space: Space, weights: MatchWeights, limit: int | None
) -> _Scored:
    words = probe.words.scores(segment)
    rows = np.flatnonzero(allowed)
    if limit is not None and len(rows) > limit:
        rough = _rough_scores(probe, segment, rows, space, weights) + np.float32(weights.words) * words[rows]
        rows = np.sort(rows[np.argpartition(-rough, limit)[:limit]])
    values = view_values(probe, segment, rows, space, words)
    return _Scored(np.asarray(segment.keys)[rows], values, totals(values, weights))


def _rough_scores(
    probe: Probe, segment: Segment, rows: IntArray, space: Space, weights: MatchWeights
) -> Float32Array:
    """Meaning by signs alone: the share of differing bits is the angle over pi.

    Source: Charikar, Similarity estimation techniques from rounding algorithms, STOC 2002, section 3.
    """
    code = sign_codes(probe.vector[None])[0]
    everything = len(rows) == len(segment)
    differing = _differing_bits(segment.codes if everything else segment.codes[rows], code)
    table = np.cos(np.pi * np.arange(64 * len(code) + 1) / (64 * len(code))).astype(np.float32)
    hubs = np.asarray(segment.hubs) if everything else segment.hubs[rows]
    return np.float32(weights.meaning) * space.scaled(table[differing], probe.hub, hubs)


def _differing_bits(codes: Array, code: Array) -> Array:
    total = np.zeros(len(codes), np.uint16)
    for column in range(codes.shape[1]):
        total += np.bitwise_count(codes[:, column] ^ code[column])
    return total


def _matches(
    want: Want, scored: list[_Scored], weights: MatchWeights, top: int, unexpected: int
) -> tuple[Match, ...]:
    if not scored:
        return ()
    keys = np.concatenate([part.keys for part in scored])
    values = {view: np.concatenate([part.values[view] for part in scored]) for view in View}
    scores = np.concatenate([part.scores for part in scored])
    order = np.lexsort((keys, -scores))
    chosen = with_unexpected(order, values[View.FIELDS], values[View.MEANING], top, unexpected)
    return tuple(
        Match(
            want_id=want.id,
            can_id=str(keys[position]),
            rank=place + 1,
            score=float(scores[position]),
            parts=parts(values, position, weights),
            is_unexpected=strange,
        )
        for place, (position, strange) in enumerate(chosen)
    )
