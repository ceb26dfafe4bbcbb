"""Cans as plain arrays: what :func:`~enishi.engines.matching.search.search` reads, fit to be mapped from disk.

A segment never changes. New and changed cans go into a new segment, and the later one wins; what is gone is
named to :class:`Index`. So a record is matchable the moment its one-row segment is appended.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from enishi.engines.core import BoolArray, Float32Array, IntArray, InvalidInputError
from enishi.engines.core.signs import packed_signs
from enishi.engines.matching.model import NATIONWIDE, Can, Word
from enishi.engines.matching.space import Space

Array = np.ndarray[Any, Any]

UNKNOWN_DAY = -1
UNKNOWN_YEN = -1
UNKNOWN_COUNT = -1
NATIONWIDE_BIT = np.uint64(1) << np.uint64(63)


@dataclass(frozen=True)
class Segment:
    """A table of cans, one array a column; see docs/engines/matching.md for shapes.

    ``*_offsets`` arrays have one more entry than rows (or words) and say where each begins in the
    flat array beside them. Days are proleptic ordinals, money is yen; -1 is unknown.
    """

    keys: Array
    vectors: Array
    vector_scales: Array
    codes: Array
    hubs: Array
    terms: Array
    posting_offsets: Array
    posting_rows: Array
    posting_counts: Array
    lengths: Array
    field_offsets: Array
    field_codes: Array
    parent_codes: Array
    kind_offsets: Array
    kind_codes: Array
    area_offsets: Array
    area_codes: Array
    prefectures: Array
    window_from: Array
    window_to: Array
    cost_min_yen: Array
    cost_max_yen: Array
    capacity: Array
    engaged: Array
    confirmed_on: Array
    expires_on: Array
    successes: Array
    attempts: Array
    owners: Array
    audiences: Array
    underserved: Array

    def __len__(self) -> int:
        return len(self.keys)

    def arrays(self) -> dict[str, Array]:
        """Return every column by name, to be saved."""
        return {column.name: getattr(self, column.name) for column in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Segment:
        """Return the segment of saved (or memory-mapped) columns.

        Raises
        ------
        InvalidInputError
            If a column is missing or shorter than the keys.
        """
        names = [column.name for column in fields(cls)]
        missing = [name for name in names if name not in arrays]
        if missing:
            raise InvalidInputError("arrays", f"lacks {', '.join(missing)}")
        # Plain views: a memory map's own indexing costs more than the reading.
        segment = cls(**{name: np.asarray(arrays[name]) for name in names})
        for name in ("vectors", "hubs", "lengths", "owners", "audiences"):
            if len(arrays[name]) != len(segment):
                raise InvalidInputError(name, "has another number of rows than keys")
        return segment


class Index:
    """Segments in the order they were made, with a note of which rows still stand."""

    def __init__(self, segments: Sequence[Segment], deleted: Iterable[int] | IntArray = ()) -> None:
        self.segments = tuple(segments)
        gone = np.unique(np.fromiter(deleted, np.int64) if not isinstance(deleted, np.ndarray) else deleted)
        alive: list[BoolArray] = []
        for segment in reversed(self.segments):
            mask = np.ones(len(segment), bool)
            mask[_positions(np.asarray(segment.keys), gone)] = False
            alive.append(mask)
            gone = np.union1d(gone, segment.keys) if len(self.segments) > 1 else gone
        self.alive = tuple(reversed(alive))

    def __len__(self) -> int:
        return int(sum(mask.sum() for mask in self.alive))


def build_segment(cans: Sequence[Can], keys: Sequence[int] | IntArray, space: Space) -> Segment:
    """Return the columns of these cans, ordered by key.

    Parameters
    ----------
    cans : sequence of Can
    keys : int64, shape (len(cans),), each once
        What the caller knows each can by; matches carry it as ``can_id``.
    space : Space
        The space of the embedder that made the vectors.

    Raises
    ------
    InvalidInputError
        If a key stands twice, or their number differs from the cans'.
    """
    numbers = np.asarray(keys, np.int64)
    if len(numbers) != len(cans) or len(np.unique(numbers)) != len(numbers):
        raise InvalidInputError("keys", "must be one a can, each once")
    order = np.argsort(numbers)
    ordered = [cans[position] for position in order]
    return Segment(
        keys=numbers[order], **_meaning_columns(ordered, space), **_word_columns(ordered), **_plain(ordered)
    )


def _meaning_columns(cans: list[Can], space: Space) -> dict[str, Array]:
    raw = (
        np.stack([can.evidence.vector for can in cans])
        if cans
        else np.zeros((0, space.dimensions), np.float32)
    )
    if raw.shape[1] != space.dimensions:
        raise InvalidInputError("vector", f"has {raw.shape[1]} dimensions, the space {space.dimensions}")
    placed = space.place_cans(raw)
    vectors, scales = quantised(placed)
    return {
        "vectors": vectors,
        "vector_scales": scales,
        "codes": sign_codes(placed),
        "hubs": space.can_hubs(placed),
    }


def quantised(placed: Float32Array) -> tuple[Array, Float32Array]:
    """Return rows as int8 and the factor that gives each back."""
    scales = np.maximum(np.abs(placed).max(axis=1, initial=0), 1e-12).astype(np.float32) / 127
    return np.round(placed / scales[:, None]).astype(np.int8), scales


def sign_codes(placed: Float32Array) -> Array:
    """Return the sign of each dimension as bits, 64 to a word, shape (ceil(d / 64), n): read a word at a time."""
    return packed_signs(placed > 0)


def term_hash(normal: str) -> int:
    """Return the number a word is known by in every segment."""
    return zlib.crc32(normal.encode("utf-8", "replace"))


def counted(words: Iterable[Word]) -> dict[int, float]:
    """Return the weighted count of each word by its hash."""
    counts: dict[int, float] = defaultdict(float)
    for word in words:
        counts[term_hash(word.normal)] += word.weight
    return dict(counts)


def _word_columns(cans: list[Can]) -> dict[str, Array]:
    rows: list[int] = []
    hashes: list[int] = []
    counts: list[float] = []
    lengths = np.zeros(len(cans), np.float32)
    for row, can in enumerate(cans):
        for code, count in counted(can.evidence.words).items():
            rows.append(row)
            hashes.append(code)
            counts.append(count)
            lengths[row] += count
    codes = np.array(hashes, np.uint32)
    order = np.argsort(codes, kind="stable")
    terms, starts = np.unique(codes[order], return_index=True)
    return {
        "terms": terms,
        "posting_offsets": np.append(starts, len(codes)).astype(np.int64),
        "posting_rows": np.array(rows, np.int32)[order],
        "posting_counts": np.array(counts, np.float32)[order],
        "lengths": lengths,
    }


def label_code(label: str) -> int:
    """Return the number a field, kind, owner or area is known by: digits as they are, others by hash."""
    if label.isascii() and label.isdigit() and len(label) < 10:
        return int(label[:5]) if len(label) == 6 else int(label)
    return (1 << 40) + zlib.crc32(label.encode("utf-8", "replace"))


def parent_code(label: str) -> int:
    """Return the code of the upper field of ``"<field>/<subfield>"``, or of the field itself."""
    return label_code(label.split("/", 1)[0])


def prefecture_bits(regions: Iterable[str]) -> int:
    """Return a bit for each prefecture named by a code of 2, 5 or 6 digits; bit 63 is nationwide."""
    bits = 0
    for label in regions:
        if label == NATIONWIDE:
            bits |= int(NATIONWIDE_BIT)
        elif label.isascii() and label.isdigit() and len(label) in (2, 5, 6) and 1 <= int(label[:2]) <= 47:
            bits |= 1 << int(label[:2])
    return bits


def day(date: dt.date | None) -> int:
    """Return a date as an ordinal, -1 for none."""
    return UNKNOWN_DAY if date is None else date.toordinal()


def _plain(cans: list[Can]) -> dict[str, Array]:
    field_offsets, field_codes = _flat([[label_code(label) for label in sorted(can.fields)] for can in cans])
    _, parents = _flat([[parent_code(label) for label in sorted(can.fields)] for can in cans])
    kind_offsets, kind_codes = _flat([[label_code(label) for label in sorted(can.kinds)] for can in cans])
    area_offsets, area_codes = _flat([[label_code(label) for label in sorted(can.regions)] for can in cans])
    return {
        "field_offsets": field_offsets,
        "field_codes": field_codes,
        "parent_codes": parents,
        "kind_offsets": kind_offsets,
        "kind_codes": kind_codes,
        "area_offsets": area_offsets,
        "area_codes": area_codes,
        "prefectures": np.array([prefecture_bits(can.regions) for can in cans], np.uint64),
        "window_from": np.array([day(can.window.start) for can in cans], np.int32),
        "window_to": np.array([day(can.window.end) for can in cans], np.int32),
        "cost_min_yen": np.array([_known(can.cost_min_yen) for can in cans], np.int64),
        "cost_max_yen": np.array([_known(can.cost_max_yen) for can in cans], np.int64),
        "capacity": np.array([_known(can.capacity) for can in cans], np.int32),
        "engaged": np.array([can.engaged for can in cans], np.int32),
        "confirmed_on": np.array([day(can.confirmed_on) for can in cans], np.int32),
        "expires_on": np.array([day(can.expires_on) for can in cans], np.int32),
        "successes": np.array([can.successes for can in cans], np.int32),
        "attempts": np.array([can.attempts for can in cans], np.int32),
        "owners": np.array([label_code(can.owner) if can.owner else -1 for can in cans], np.int64),
        "audiences": np.array([can.audience for can in cans], np.int64),
        "underserved": np.array([can.is_underserved for can in cans], bool),
    }


def _flat(rows: list[list[int]]) -> tuple[Array, Array]:
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    return offsets, np.array([code for row in rows for code in row], np.int64)


def _known(number: int | None) -> int:
    return -1 if number is None else number


def _positions(keys: IntArray, wanted: IntArray) -> IntArray:
    """Where the wanted keys stand in ascending keys; those that do not stand there are left out."""
    places = np.searchsorted(keys, wanted)
    inside = places < len(keys)
    places, wanted = places[inside], wanted[inside]
    found: IntArray = places[keys[places] == wanted]
    return found
