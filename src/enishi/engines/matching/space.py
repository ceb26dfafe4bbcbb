"""Where meanings are compared: the mean of each side, reference wants and a common scale.

Sentence vectors of one model lie in a narrow cone, and some texts ("hubs") are near to everything. Both are
corrected: each side is centred on its own mean, and from twice the cosine the nearness of each text to
its nearest reference texts of the other side is taken off (CSLS). The references come with the space, so that one
want alone is judged as well as a thousand.

Source
------
Lample, Conneau, Denoyer, Ranzato, Jegou: Word translation without parallel data, ICLR 2018, section 2.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from enishi.engines.core import Float32Array, IntArray, InvalidInputError, unit_rows

NEIGHBOURS = 10
MEAN_STRENGTH = 20


@dataclass(frozen=True)
class Space:
    """Learnt arrays for one embedder; vectors of other embedders must never meet them.

    Attributes
    ----------
    name : str
        Name of the embedder whose vectors fit.
    want_mean, can_mean : arrays, shape (d,)
        Mean vector of each side.
    want_bank, can_bank : arrays, shapes (m, d) and (n, d)
        Reference texts, centred, each of length 1.
    centre, spread : float
        Mean and standard deviation of the corrected nearness of unrelated pairs.
    terms, term_counts : arrays, shape (t,), uint32 ascending and int64
        Hash of each word of the reference texts and in how many of them it stands.
    texts : int
        How many reference texts those counts are of.
    word_codes, word_vectors : arrays, shape (w,), uint32 ascending, and (w, e), int8
        Meanings of single words, for reasons.
    neighbours : int
        How many references make the neighbourhood.
    """

    name: str
    want_mean: Float32Array
    can_mean: Float32Array
    want_bank: Float32Array
    can_bank: Float32Array
    centre: float
    spread: float
    terms: np.ndarray
    term_counts: IntArray
    texts: int
    word_codes: np.ndarray
    word_vectors: np.ndarray
    neighbours: int = NEIGHBOURS

    def __post_init__(self) -> None:
        if self.want_bank.shape[1:] != self.want_mean.shape or self.can_bank.shape[1:] != self.can_mean.shape:
            raise InvalidInputError("want_bank", "has other dimensions than the means")
        if self.spread <= 0:
            raise InvalidInputError("spread", "must be positive")

    @property
    def dimensions(self) -> int:
        return int(self.want_mean.shape[0])

    def place_wants(self, vectors: Float32Array) -> Float32Array:
        """Return wants' vectors centred and of length 1; a vector of zeros stays zero. Shape (n, d)."""
        return _centred(vectors, self.want_mean)

    def place_cans(self, vectors: Float32Array) -> Float32Array:
        """Return cans' vectors centred and of length 1; a vector of zeros stays zero. Shape (n, d)."""
        return _centred(vectors, self.can_mean)

    def want_hubs(self, placed: Float32Array) -> Float32Array:
        """Return how near each placed want is to its nearest reference cans. Shape (n,)."""
        return _neighbourhood(placed, self.can_bank, self.neighbours)

    def can_hubs(self, placed: Float32Array) -> Float32Array:
        """Return how near each placed can is to its nearest reference wants. Shape (n,)."""
        return _neighbourhood(placed, self.want_bank, self.neighbours)

    def scaled(self, cosines: Float32Array, want_hub: float, can_hubs: Float32Array) -> Float32Array:
        """Return corrected nearness in standard deviations over unrelated pairs."""
        corrected = 2 * cosines - want_hub - can_hubs
        return ((corrected - self.centre) / self.spread).astype(np.float32)

    def adapted(self, wants: Sequence[Float32Array], cans: Sequence[Float32Array]) -> Space:
        """Return the space with its means drawn towards the texts at hand, as far as there are many.

        Texts of one source share a manner of writing that is no meaning; fewer than some dozens of texts tell
        little about it, so the learnt means count as ``MEAN_STRENGTH`` texts.
        """
        return replace(
            self,
            want_mean=_drawn(self.want_mean, wants),
            can_mean=_drawn(self.can_mean, cans),
        )

    def rarity(self, code: int) -> float:
        """Return how rare a word is among the reference texts: log(1 + (N - n + 0.5) / (n + 0.5))."""
        place = int(np.searchsorted(self.terms, code))
        found = place < len(self.terms) and int(self.terms[place]) == code
        count = int(self.term_counts[place]) if found else 0
        return float(np.log1p((self.texts - count + 0.5) / (count + 0.5)))

    def word_rows(self, codes: Sequence[int]) -> IntArray:
        """Return the row of each word in the table of meanings, -1 for unknown ones. Shape (len(codes),)."""
        wanted = np.array(codes, np.uint32)
        if len(self.word_codes) == 0:
            return np.full(len(wanted), -1, np.int64)
        places = np.minimum(np.searchsorted(self.word_codes, wanted), len(self.word_codes) - 1)
        return np.where(self.word_codes[places] == wanted, places, -1)

    def word_nearness(self, rows: IntArray, others: IntArray) -> Float32Array:
        """Return the cosines between words of the table. Shape (len(rows), len(others))."""
        mine = unit_rows(self.word_vectors[rows].astype(np.float32))
        theirs = unit_rows(self.word_vectors[others].astype(np.float32))
        near: Float32Array = mine @ theirs.T
        return near


def _drawn(mean: Float32Array, vectors: Sequence[Float32Array]) -> Float32Array:
    present = [vector for vector in vectors if vector.any()]
    if not present:
        return mean
    total = unit_rows(np.stack(present)).sum(axis=0) + MEAN_STRENGTH * mean
    drawn: Float32Array = (total / (len(present) + MEAN_STRENGTH)).astype(np.float32)
    return drawn


def _centred(vectors: Float32Array, mean: Float32Array) -> Float32Array:
    present = np.any(vectors != 0, axis=-1, keepdims=True)
    return np.where(present, unit_rows(unit_rows(vectors) - mean), 0).astype(np.float32)


def _neighbourhood(placed: Float32Array, bank: Float32Array, neighbours: int) -> Float32Array:
    """Mean cosine to the nearest texts of a bank, in blocks that keep memory small."""
    count = min(neighbours, len(bank))
    if count == 0:
        return np.zeros(len(placed), np.float32)
    hubs = np.empty(len(placed), np.float32)
    for start in range(0, len(placed), 4096):
        near = placed[start : start + 4096] @ bank.T
        hubs[start : start + 4096] = np.partition(near, -count, axis=1)[:, -count:].mean(axis=1)
    return hubs
