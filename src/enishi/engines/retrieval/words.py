"""Evidence from shared words: BM25 over arrays fit to be mapped from disk, counted as far as the question is covered.

A word is known by its hash. The arrays never change once built; what is new goes into another index, and rarity is
counted over all of them together.

Source
------
Robertson, Zaragoza: The probabilistic relevance framework: BM25 and beyond, 2009. The division by the rarity of
all the question's words, those no text holds included, is measured in docs/engines/retrieval.md.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from enishi.engines.core import Float32Array, IntArray, InvalidInputError

K1 = 1.5
B = 0.75
MOST_COUNTED = 255

Array = np.ndarray[Any, Any]


@lru_cache(maxsize=200_000)
def code_of(word: str) -> int:
    """Return the hash a word is known by."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True)
class Words:
    """The words of n texts: for each word the texts it stands in and how often.

    Attributes
    ----------
    terms : array, shape (t,), uint32 ascending
    offsets : array, shape (t + 1,), int64
        Where each word's postings begin and end.
    rows, counts : arrays, shape (p,), uint32 and uint8
    lengths : array, shape (n,), float32
        Number of words of each text.
    """

    terms: Array
    offsets: Array
    rows: Array
    counts: Array
    lengths: Array

    def __post_init__(self) -> None:
        if len(self.offsets) != len(self.terms) + 1 or len(self.rows) != len(self.counts):
            raise InvalidInputError("offsets", "do not fit the words")

    def __len__(self) -> int:
        return len(self.lengths)

    def arrays(self) -> dict[str, Array]:
        """Return every column by name, to be saved."""
        return {column.name: getattr(self, column.name) for column in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Words:
        """Return the index of saved (or memory-mapped) columns."""
        missing = [column.name for column in fields(cls) if column.name not in arrays]
        if missing:
            raise InvalidInputError("arrays", f"lacks {', '.join(missing)}")
        return cls(**{column.name: np.asarray(arrays[column.name]) for column in fields(cls)})

    def places(self, codes: Array) -> IntArray:
        """Return where each word stands in ``terms``; -1 for words no text holds. Shape (len(codes),)."""
        if not len(self.terms):
            return np.full(len(codes), -1, np.int64)
        found = np.minimum(np.searchsorted(self.terms, codes), len(self.terms) - 1)
        return np.where(self.terms[found] == codes, found, -1).astype(np.int64)

    def frequencies(self, codes: Array) -> IntArray:
        """Return in how many texts each word stands. Shape (len(codes),)."""
        places = self.places(codes)
        known = np.maximum(places, 0)
        if not len(self.terms):
            return np.zeros(len(codes), np.int64)
        widths = np.asarray(self.offsets[known + 1]) - np.asarray(self.offsets[known])
        return np.where(places >= 0, widths, 0).astype(np.int64)


def build_words(texts: Iterable[Iterable[str]]) -> Words:
    """Return the index of texts given as their words, repeated as they stand.

    Examples
    --------
    >>> len(build_words([["空き家", "補助"], ["補助"]]).terms)
    2
    """
    terms: list[Array] = []
    rows: list[Array] = []
    counts: list[Array] = []
    lengths: list[float] = []
    for row, words in enumerate(texts):
        counted = Counter(code_of(word) for word in words)
        terms.append(np.fromiter(counted, np.uint32, len(counted)))
        counts.append(np.minimum(np.fromiter(counted.values(), np.int64, len(counted)), MOST_COUNTED))
        rows.append(np.full(len(counted), row, np.uint32))
        lengths.append(float(counted.total()))
    if not lengths:
        return Words(
            np.zeros(0, np.uint32),
            np.zeros(1, np.int64),
            np.zeros(0, np.uint32),
            np.zeros(0, np.uint8),
            np.zeros(0, np.float32),
        )
    return _gathered(np.concatenate(terms), np.concatenate(rows), np.concatenate(counts), lengths)


def _gathered(terms: Array, rows: Array, counts: Array, lengths: Sequence[float]) -> Words:
    order = np.argsort(terms, kind="stable")
    distinct, starts = np.unique(terms[order], return_index=True)
    return Words(
        distinct.astype(np.uint32),
        np.append(starts, len(terms)).astype(np.int64),
        rows[order].astype(np.uint32),
        counts[order].astype(np.uint8),
        np.array(lengths, np.float32),
    )


@dataclass(frozen=True)
class Rarity:
    """How rare words are over several indexes together, and how long their texts are on average."""

    parts: tuple[Words, ...]

    def idf(self, codes: Array) -> Float32Array:
        """Return log(1 + (N - n + 0.5) / (n + 0.5)) for each word. Shape (len(codes),)."""
        total = float(sum(len(part) for part in self.parts))
        seen = np.zeros(len(codes))
        for part in self.parts:
            seen += part.frequencies(codes)
        return np.log1p((total - seen + 0.5) / (seen + 0.5)).astype(np.float32)

    def mean_length(self) -> float:
        total = sum(float(part.lengths.sum(dtype=np.float64)) for part in self.parts)
        rows = sum(len(part) for part in self.parts)
        return total / rows if total else 1.0


@dataclass(frozen=True)
class Asked:
    """A question's words, weighed once for all indexes. ``weights`` below 1 are of words nobody typed (synonyms)."""

    codes: Array
    idf: Float32Array
    weights: Float32Array
    whole: float
    mean_length: float

    @classmethod
    def of(cls, words: Iterable[str], rarity: Rarity, *, also: Mapping[str, float] | None = None) -> Asked:
        """Return the question of these words; ``also`` are further ones that count by their weight."""
        typed = sorted({code_of(word) for word in words})
        further = {
            code_of(word): weight for word, weight in (also or {}).items() if code_of(word) not in typed
        }
        codes = np.array([*typed, *further], np.uint32)
        idf = rarity.idf(codes)
        weights = np.array([*(1.0 for _code in typed), *further.values()], np.float32)
        return cls(codes, idf, weights, float(idf[: len(typed)].sum()), rarity.mean_length())

    def bm25(self, words: Words, *, most: int | None = None) -> Float32Array:
        """Return BM25 for every text. Shape (len(words),).

        ``most``: words that stand in more texts than these are left out where rarer ones were asked for too, so that
        a question costs no more in a large index than its telling words do.
        """
        totals = np.zeros(len(words), np.float32)
        places = words.places(self.codes)
        widths = words.frequencies(self.codes)
        is_common = _too_common(widths, most)
        for place, idf, weight, skipped in zip(places, self.idf, self.weights, is_common, strict=True):
            if place >= 0 and not skipped:
                start, end = words.offsets[place : place + 2]
                self._add(totals, words, int(start), int(end), float(idf * weight))
        return totals

    def coverage(self, words: Words, *, most: int | None = None) -> Float32Array:
        """Return how far each text covers the question's words, 0 to about 2. Shape (len(words),)."""
        totals = self.bm25(words, most=most)
        return totals / np.float32(self.whole) if self.whole > 0 else totals

    def _add(self, totals: Float32Array, words: Words, start: int, end: int, gain: float) -> None:
        rows = words.rows[start:end]
        counts = words.counts[start:end].astype(np.float32)
        damping = np.float32(K1) * (1 - B + (B / self.mean_length) * words.lengths[rows])
        totals[rows] += np.float32(gain * (K1 + 1)) * counts / (counts + damping)


def _too_common(widths: IntArray, most: int | None) -> Array:
    """Which words are left out; the rarest that stands anywhere never is."""
    known = widths[widths > 0]
    if most is None or not len(known):
        return np.zeros(len(widths), bool)
    return np.asarray(widths > max(most, int(known.min())))


def pairs_of(text: str) -> list[str]:
    """Return every two neighbouring letters: what is left where no dictionary knows the words.

    >>> pairs_of("縁側 カフェ")
    ['縁側', '側カ', 'カフ', 'フェ']
    """
    letters = [letter for letter in text.casefold() if letter.isalnum()]
    return [one + other for one, other in pairwise(letters)]
