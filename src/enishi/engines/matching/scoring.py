"""One score a pair: the sum of its parts."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from enishi.engines.core import BoolArray, Float32Array
from enishi.engines.matching import conditions
from enishi.engines.matching.model import MatchWeights, Part, Rule, View, Want
from enishi.engines.matching.segments import Array, Index, Segment, label_code
from enishi.engines.matching.space import Space
from enishi.engines.matching.words import Rarity, WordQuery

NEUTRAL: Mapping[View, float] = {
    View.MEANING: 0.0,
    View.WORDS: 0.0,
    View.FIELDS: 0.4,
    View.KINDS: 0.4,
    View.REGION: 0.6,
    View.WINDOW: 0.7,
    View.BUDGET: 0.7,
    View.CAPACITY: 0.6,
    View.FRESHNESS: 1.0,
    View.TRACK_RECORD: conditions.PRIOR_SHARE,
}
"""The value of each view that speaks neither for nor against; what is not said counts as this."""

DEFAULT_WEIGHTS = MatchWeights()
ALL_RULES = frozenset(Rule)
_FEW = 12
_CHUNK = 512


@dataclass(frozen=True)
class Probe:
    """A want made ready to be held against any segment."""

    want: Want
    vector: Float32Array
    hub: float
    words: WordQuery
    as_of: dt.date
    audiences: frozenset[int] | None

    @classmethod
    def of(
        cls, want: Want, index: Index, space: Space, as_of: dt.date, audiences: Collection[int] | None
    ) -> Probe:
        return cls.of_all([want], index, space, as_of, audiences)[0]

    @classmethod
    def of_all(
        cls,
        wants: Sequence[Want],
        index: Index,
        space: Space,
        as_of: dt.date,
        audiences: Collection[int] | None,
    ) -> list[Probe]:
        """Return the probes of many wants; their neighbourhoods are looked up together, which is much quicker."""
        if not wants:
            return []
        placed = space.place_wants(np.stack([want.evidence.vector for want in wants]).astype(np.float32))
        hubs = space.want_hubs(placed)
        rarity = Rarity(index.segments, space)
        allowed = None if audiences is None else frozenset(audiences)
        return [
            cls(want, vector, float(hub), WordQuery.of(want.evidence, rarity), as_of, allowed)
            for want, vector, hub in zip(wants, placed, hubs, strict=True)
        ]


def broken_rules(probe: Probe, segment: Segment) -> dict[Rule, BoolArray]:
    """Return for each hard constraint which rows break it; a row is counted under the first one it breaks."""
    want = probe.want
    owners = np.asarray(segment.owners)
    today = probe.as_of.toordinal()
    expires = np.asarray(segment.expires_on)
    return {
        Rule.NOT_VISIBLE: _not_visible(probe, segment),
        Rule.OWN_RESOURCE: _owned_by(owners, {want.owner} - {""}),
        Rule.CONFLICT_OF_INTEREST: _owned_by(owners, want.conflicts),
        Rule.EXPIRED: (expires >= 0) & (expires < today),
        Rule.WINDOW_CLOSED: conditions.is_closed(want, segment, probe.as_of),
        Rule.REGION_EXCLUDED: conditions.is_elsewhere(want, segment),
    }


def allowed_rows(
    probe: Probe, segment: Segment, alive: BoolArray, rules: frozenset[Rule] = ALL_RULES
) -> tuple[BoolArray, dict[Rule, int]]:
    """Return which rows may be proposed, and how many of the others each rule kept out."""
    allowed = alive.copy()
    excluded: dict[Rule, int] = {}
    for rule, broken in broken_rules(probe, segment).items():
        if rule not in rules:
            continue
        newly = allowed & broken
        excluded[rule] = int(np.count_nonzero(newly))
        allowed &= ~broken
    return allowed, excluded


def view_values(
    probe: Probe,
    segment: Segment,
    rows: Array,
    space: Space,
    words: Float32Array,
    near: Float32Array | None = None,
) -> dict[View, Float32Array]:
    """Return each view's values for the rows; NaN where one side did not say.

    Parameters
    ----------
    words : array, shape (len(segment),)
        The word scores of the whole segment.
    near : array, shape (len(rows),), optional
        The rows' meaning, when it is known already.
    """
    want = probe.want
    return {
        View.MEANING: meaning(probe, segment, rows, space) if near is None else near,
        View.WORDS: words[rows] if len(probe.words.codes) else np.full(len(rows), np.nan, np.float32),
        View.FIELDS: conditions.fields(want, segment, rows),
        View.KINDS: conditions.kinds(want, segment, rows),
        View.REGION: conditions.region(want, segment, rows),
        View.WINDOW: conditions.window(want, segment, rows, probe.as_of),
        View.BUDGET: conditions.budget(want, segment, rows),
        View.CAPACITY: conditions.capacity(segment, rows),
        View.FRESHNESS: conditions.freshness(segment, rows, probe.as_of),
        View.TRACK_RECORD: conditions.track_record(segment, rows),
    }


def meaning(probe: Probe, segment: Segment, rows: Array, space: Space) -> Float32Array:
    """Return nearness in meaning, corrected for hubs, in standard deviations; NaN without vectors."""
    cosines = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        cosines[start : start + _CHUNK] = segment.vectors[chunk].astype(np.float32) @ probe.vector
    cosines *= segment.vector_scales[rows]
    values = space.scaled(cosines, probe.hub, segment.hubs[rows])
    empty = (segment.vector_scales[rows] < 1e-9) | (not probe.vector.any())
    return np.where(empty, np.nan, values).astype(np.float32)


def totals(values: Mapping[View, Float32Array], weights: MatchWeights) -> Float32Array:
    """Return the score of each row: weights times what each view says beyond its neutral value."""
    rows = len(next(iter(values.values())))
    score = np.zeros(rows, np.float32)
    for view, value in values.items():
        score += np.float32(weights.of(view)) * np.nan_to_num(value - np.float32(NEUTRAL[view]), nan=0.0)
    return score


def parts(
    values: Mapping[View, Float32Array], rows: Sequence[int], weights: MatchWeights
) -> list[tuple[Part, ...]]:
    """Return the parts of each row's score."""
    columns = [_parts(view, column[rows].tolist(), weights.of(view)) for view, column in values.items()]
    return list(zip(*columns, strict=True))


def _parts(view: View, values: list[float], weight: float) -> list[Part]:
    neutral, unsaid = NEUTRAL[view], Part(view, None, weight, 0.0)
    return [
        unsaid if math.isnan(value) else Part(view, value, weight, weight * (value - neutral))
        for value in values
    ]


def _not_visible(probe: Probe, segment: Segment) -> BoolArray:
    if probe.audiences is None:
        return np.zeros(len(segment), bool)
    return ~among(segment.audiences, probe.audiences)


def _owned_by(owners: Array, names: Collection[str]) -> BoolArray:
    return among(owners, {label_code(name) for name in names})


def among(column: Array, codes: Collection[int]) -> BoolArray:
    """Which entries are among the codes; comparing with each is much the fastest for a few."""
    if len(codes) > _FEW:
        return np.isin(column, np.array(sorted(codes), np.int64))
    found = np.zeros(len(column), bool)
    for code in codes:
        found |= column == code
    return found
