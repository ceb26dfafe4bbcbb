"""Joining small segments into one, without what was deleted or replaced."""

from __future__ import annotations

import numpy as np

from enishi.engines.core import IntArray, InvalidInputError
from enishi.engines.matching.segments import Array, Index, Segment

_PLAIN = (
    "vectors vector_scales hubs lengths prefectures window_from window_to cost_min_yen cost_max_yen "
    "capacity engaged confirmed_on expires_on successes attempts owners audiences underserved"
).split()
_FLAT = (
    ("field_offsets", ("field_codes", "parent_codes")),
    ("kind_offsets", ("kind_codes",)),
    ("area_offsets", ("area_codes",)),
)


def merge(index: Index) -> Segment:
    """Return one segment with the rows of an index that still stand.

    Raises
    ------
    InvalidInputError
        If the index has no segment.
    """
    if not index.segments:
        raise InvalidInputError("index", "has no segment")
    kept = [np.flatnonzero(alive) for alive in index.alive]
    keys = np.concatenate([segment.keys[rows] for segment, rows in zip(index.segments, kept, strict=True)])
    order = np.argsort(keys, kind="stable")
    columns: dict[str, Array] = {"keys": keys[order]}
    for name in _PLAIN:
        parts = [getattr(segment, name)[rows] for segment, rows in zip(index.segments, kept, strict=True)]
        columns[name] = np.concatenate(parts)[order]
    codes = [segment.codes[:, rows] for segment, rows in zip(index.segments, kept, strict=True)]
    columns["codes"] = np.ascontiguousarray(np.concatenate(codes, axis=1)[:, order])
    for offsets, names in _FLAT:
        columns |= _flat_columns(index, kept, order, offsets, names)
    return Segment(**columns, **_postings(index, kept, order))


def _flat_columns(
    index: Index, kept: list[IntArray], order: IntArray, offsets: str, names: tuple[str, ...]
) -> dict[str, Array]:
    starts, widths, base = [], [], 0
    for segment, rows in zip(index.segments, kept, strict=True):
        bounds = getattr(segment, offsets)
        starts.append(bounds[rows] + base)
        widths.append(bounds[rows + 1] - bounds[rows])
        base += len(getattr(segment, names[0]))
    start, width = np.concatenate(starts)[order], np.concatenate(widths)[order]
    bounds = np.zeros(len(order) + 1, np.int64)
    np.cumsum(width, out=bounds[1:])
    places = np.repeat(start - bounds[:-1], width) + np.arange(bounds[-1])
    flat = {
        name: np.concatenate([getattr(segment, name) for segment in index.segments])[places] for name in names
    }
    return {offsets: bounds, **flat}


def _postings(index: Index, kept: list[IntArray], order: IntArray) -> dict[str, Array]:
    place_of = np.empty(len(order), np.int32)
    place_of[order] = np.arange(len(order), dtype=np.int32)
    terms, rows, counts, base = [], [], [], 0
    for segment, standing in zip(index.segments, kept, strict=True):
        new_row = np.full(len(segment), -1, np.int32)
        new_row[standing] = place_of[base : base + len(standing)]
        base += len(standing)
        mapped = new_row[segment.posting_rows]
        alive = mapped >= 0
        terms.append(np.repeat(segment.terms, np.diff(segment.posting_offsets))[alive])
        rows.append(mapped[alive])
        counts.append(segment.posting_counts[alive])
    codes = np.concatenate(terms)
    by_term = np.argsort(codes, kind="stable")
    unique, starts = np.unique(codes[by_term], return_index=True)
    return {
        "terms": unique,
        "posting_offsets": np.append(starts, len(codes)).astype(np.int64),
        "posting_rows": np.concatenate(rows)[by_term],
        "posting_counts": np.concatenate(counts)[by_term],
    }
