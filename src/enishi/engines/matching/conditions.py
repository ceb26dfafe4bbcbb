"""Evidence from what people filled in: fields, kinds, region, window, budget, capacity, freshness, record.

Each function takes the rows of a segment and returns one value a row, 0 (does not fit) to 1 (fits), NaN where one
side did not say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np

from enishi.engines.core import BoolArray, Float32Array
from enishi.engines.matching.model import Period, Want
from enishi.engines.matching.segments import (
    NATIONWIDE_BIT,
    Array,
    Segment,
    label_code,
    parent_code,
    prefecture_bits,
)

FRESH_DAYS = 183
"""A can confirmed within half a year is fresh; its value halves with every further half year."""

PRIOR_SHARE = 0.3
PRIOR_STRENGTH = 5.0
"""A can without a record counts as five matches of which three in ten led on."""

SAME_FIELD = 1.0
SAME_UPPER_FIELD = 0.6
NATIONWIDE_FIT = 0.85
SAME_PREFECTURE = 0.45
LATEST_DAY = 3_652_059


def fields(want: Want, segment: Segment, rows: Array) -> Float32Array:
    """1 where a subfield is shared, 0.6 where only the upper field is."""
    same = _shares(segment.field_offsets, segment.field_codes, rows, map(label_code, want.fields))
    upper = _shares(segment.field_offsets, segment.parent_codes, rows, map(parent_code, want.fields))
    values = np.where(same > 0, SAME_FIELD, np.where(upper > 0, SAME_UPPER_FIELD, 0.0))
    return _unless_said(values, segment.field_offsets, rows, bool(want.fields))


def kinds(want: Want, segment: Segment, rows: Array) -> Float32Array:
    """Share of the kinds sought that the can brings."""
    brought = _shares(segment.kind_offsets, segment.kind_codes, rows, map(label_code, want.kinds))
    values = brought / max(len(want.kinds), 1)
    return _unless_said(values, segment.kind_offsets, rows, bool(want.kinds))


def region(want: Want, segment: Segment, rows: Array) -> Float32Array:
    """1 where the can serves the place, 0.85 where it serves all of Japan, 0.45 next door in the prefecture."""
    prefectures = segment.prefectures[rows]
    nationwide = (prefectures & NATIONWIDE_BIT) != 0
    serves = _shares(
        segment.area_offsets, segment.area_codes, rows, map(label_code, _with_prefectures(want.regions))
    )
    wanted = np.uint64(prefecture_bits(want.regions) & ~int(NATIONWIDE_BIT))
    near = (prefectures & wanted) != 0
    values = np.where(
        serves > 0, 1.0, np.where(nationwide, NATIONWIDE_FIT, np.where(near, SAME_PREFECTURE, 0.0))
    )
    return _unless_said(values, segment.area_offsets, rows, bool(want.regions))


def is_elsewhere(want: Want, segment: Segment) -> BoolArray:
    """Where both sides name prefectures and none is shared."""
    wanted = np.uint64(prefecture_bits(want.regions) & ~int(NATIONWIDE_BIT))
    if wanted == 0:
        return np.zeros(len(segment), bool)
    prefectures = np.asarray(segment.prefectures)
    elsewhere: BoolArray = (prefectures != 0) & ((prefectures & (wanted | NATIONWIDE_BIT)) == 0)
    return elsewhere


def window(want: Want, segment: Segment, rows: Array, as_of: dt.date) -> Float32Array:
    """Share of the want's remaining window in which the can is available, full from 90 days on."""
    start, end = _remaining(want.window, as_of)
    overlap = _overlap(segment, rows, start, end)
    needed = min(end - start + 1, 90)
    values = np.clip(overlap / max(needed, 1), 0, 1)
    can_said = (segment.window_from[rows] >= 0) | (segment.window_to[rows] >= 0)
    said = can_said & bool(want.window.start or want.window.end)
    return np.where(said, values, np.nan).astype(np.float32)


def is_closed(want: Want, segment: Segment, as_of: dt.date) -> BoolArray:
    """Where the two windows never meet from ``as_of`` on."""
    start, end = _remaining(want.window, as_of)
    last = segment.window_to
    closed: BoolArray = (segment.window_from > end) | ((last < start) & (last >= 0))
    return closed | (start > end)


def budget(want: Want, segment: Segment, rows: Array) -> Float32Array:
    """1 where the whole cost fits the budget, 0.7 where its lower end does, 0 from twice the budget on."""
    low = segment.cost_min_yen[rows].astype(np.float64)
    high = segment.cost_max_yen[rows].astype(np.float64)
    low = np.where(low < 0, high, low)
    high = np.where(high < 0, low, high)
    if want.budget_max_yen is None:
        return np.full(len(low), np.nan, np.float32)
    limit = float(want.budget_max_yen)
    over = np.clip(1 - (low - limit) / max(limit, 1.0), 0, 1) * 0.5
    values = np.where(high <= limit, 1.0, np.where(low <= limit, 0.7, over))
    return np.where(low < 0, np.nan, values).astype(np.float32)


def capacity(segment: Segment, rows: Array) -> Float32Array:
    """Share of its places that are free."""
    places = segment.capacity[rows].astype(np.float64)
    free = np.clip(places - segment.engaged[rows], 0, None)
    return np.where(places < 0, np.nan, free / np.maximum(places, 1)).astype(np.float32)


def freshness(segment: Segment, rows: Array, as_of: dt.date) -> Float32Array:
    """1 for half a year after the owner's confirmation, then half of it for every further half year."""
    confirmed = segment.confirmed_on[rows]
    age = as_of.toordinal() - confirmed.astype(np.float64)
    values = 0.5 ** np.clip((age - FRESH_DAYS) / FRESH_DAYS, 0, 60)
    return np.where(confirmed < 0, np.nan, values).astype(np.float32)


def track_record(segment: Segment, rows: Array) -> Float32Array:
    """Share of past matches that led on, drawn towards the usual share while there are few."""
    attempts = segment.attempts[rows].astype(np.float64)
    smoothed = (segment.successes[rows] + PRIOR_SHARE * PRIOR_STRENGTH) / (attempts + PRIOR_STRENGTH)
    return np.where(attempts == 0, np.nan, smoothed).astype(np.float32)


def _with_prefectures(regions: Iterable[str]) -> set[str]:
    """The regions and, for each municipality, its prefecture: who serves the whole serves the part."""
    found = set(regions)
    for label in regions:
        if label.isascii() and label.isdigit() and len(label) in (5, 6):
            found.add(label[:2])
    return found


def _remaining(period: Period, as_of: dt.date) -> tuple[int, int]:
    today = as_of.toordinal()
    start = max(today, period.start.toordinal()) if period.start else today
    end = period.end.toordinal() if period.end else LATEST_DAY
    return start, end


def _overlap(segment: Segment, rows: Array, start: int, end: int) -> Array:
    begins = np.maximum(segment.window_from[rows].astype(np.int64), start)
    last = segment.window_to[rows].astype(np.int64)
    ends = np.where(last < 0, end, np.minimum(last, end))
    return np.asarray(ends - begins + 1)


def _shares(offsets: Array, codes: Array, rows: Array, wanted: Iterable[int]) -> Array:
    """How many of each row's codes are among the wanted ones."""
    targets = np.array(sorted(set(wanted)), np.int64)
    starts = offsets[rows]
    widths = offsets[np.asarray(rows) + 1] - starts
    owner = np.repeat(np.arange(len(starts)), widths)
    first = (
        np.repeat(starts - np.concatenate(([0], np.cumsum(widths)[:-1])), widths) if len(starts) else owner
    )
    hit = np.isin(codes[first + np.arange(len(owner))], targets)
    return np.bincount(owner[hit], minlength=len(starts))


def _unless_said(values: Array, offsets: Array, rows: Array, want_said: bool) -> Float32Array:
    can_said = offsets[np.asarray(rows) + 1] > offsets[rows]
    return np.where(can_said & want_said, values, np.nan).astype(np.float32)
