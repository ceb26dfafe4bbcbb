"""Evidence from shared words: BM25, counted as far as the want's words are covered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from enishi.engines.core import Float32Array
from enishi.engines.matching.model import Evidence
from enishi.engines.matching.segments import Array, Segment, counted
from enishi.engines.matching.space import Space

K1 = 1.5
B = 0.75


@dataclass(frozen=True)
class Rarity:
    """How rare each word is, over the cans at hand and the reference texts together.

    With few cans at hand the reference texts decide, with many the cans do.
    """

    segments: tuple[Segment, ...]
    space: Space

    def idf(self, codes: Sequence[int]) -> Float32Array:
        """Return log(1 + (N - n + 0.5) / (n + 0.5)) for each word code. Shape (len(codes),)."""
        wanted = np.array(codes, np.uint32)
        seen = _lookup(self.space.terms, self.space.term_counts, wanted).astype(np.float64)
        total = float(self.space.texts)
        for segment in self.segments:
            widths = np.diff(segment.posting_offsets)
            seen += _lookup(segment.terms, widths, wanted)
            total += len(segment)
        return np.log1p((total - seen + 0.5) / (seen + 0.5)).astype(np.float32)

    def mean_length(self) -> float:
        """Return the mean weighted number of words of a can."""
        total = sum(float(segment.lengths.sum(dtype=np.float64)) for segment in self.segments)
        rows = sum(len(segment) for segment in self.segments)
        return total / rows if total else 1.0


@dataclass(frozen=True)
class WordQuery:
    """A want's words, weighted once for all segments."""

    codes: Array
    idf: Float32Array
    mean_length: float

    @classmethod
    def of(cls, evidence: Evidence, rarity: Rarity) -> WordQuery:
        codes = sorted(counted(evidence.words))
        return cls(np.array(codes, np.uint32), rarity.idf(codes), rarity.mean_length())

    def scores(self, segment: Segment) -> Float32Array:
        """Return for every row how far it covers the want's words, 0 to about 1. Shape (len(segment),).

        BM25 over the summed rarity of all the want's words: a can that shares one word of ten
        stays near 0 however rare that word is.
        """
        totals = np.zeros(len(segment), np.float32)
        places = np.searchsorted(segment.terms, self.codes)
        for code, idf, place in zip(self.codes, self.idf, places, strict=True):
            if place < len(segment.terms) and segment.terms[place] == code:
                self._add(totals, segment, int(place), float(idf))
        whole = float(self.idf.sum())
        return totals / whole if whole > 0 else totals

    def _add(self, totals: Float32Array, segment: Segment, place: int, idf: float) -> None:
        start, end = segment.posting_offsets[place : place + 2]
        rows = segment.posting_rows[start:end]
        counts = segment.posting_counts[start:end]
        # In single precision: a want of a hundred words walks through millions of entries.
        one = np.float32
        damping = segment.lengths[rows].astype(np.float32)
        damping *= one(K1 * B / self.mean_length)
        damping += one(K1 * (1 - B))
        shares = counts.astype(np.float32)
        damping += shares
        shares *= one(idf * (K1 + 1))
        shares /= damping
        totals[rows] += shares


def _lookup(terms: Array, values: Array, wanted: Array) -> Array:
    places = np.searchsorted(terms, wanted)
    inside = np.minimum(places, max(len(terms) - 1, 0))
    if len(terms) == 0:
        return np.zeros(len(wanted), np.int64)
    return np.where(terms[inside] == wanted, values[inside], 0)
