"""How closely a text meets a question piece by piece, told in spreads above answers about other things.

A cosine has no scale of its own, and neither has the mean nearness of a question's pieces: some questions are near to everything.
So each question is first held against answers to everyday questions at any office, the reference; what lies far above most of
them speaks of the very thing that is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from enishi.engines.core import Float32Array, FloatArray, unit_rows
from enishi.engines.retrieval import Pieces, PieceSigns, centred

Array = np.ndarray[Any, Any]

_LEAST_SPREAD = 0.003
_LEAST_PIECE_SPREAD = 0.03
_THIRD = 1 / 3
_MET = 1.5
"""A piece of the question so many spreads above the reference is met; more does not make up for pieces that are not."""


@dataclass(frozen=True)
class Close:
    """``total``: all pieces together; ``met``: each piece counted as far as it is met.

    ``least``: how far the pieces are met that are met least: of 「図書館の本をなくした」 the loss. ``lead``: how far ``total`` lies
    above the best of the others. ``as_asked`` is ``met`` by the title or question of the text alone.
    """

    total: float
    met: float
    least: float = 0.0
    lead: float = 0.0
    as_asked: float = 0.0
    words: Mapping[str, float] = field(default_factory=dict)
    """How far each word of the question is met, in spreads above the reference: also one that the text says in another way."""


class Reference:
    """Answers to other questions: what closeness is measured from.

    Parameters
    ----------
    texts : sequence of PieceSigns, at least a few dozen
    mean : array, shape (d,)
        Where pieces of this model's texts lie in general, taken off before only the signs were kept.
    """

    def __init__(self, texts: Sequence[PieceSigns], mean: Float32Array) -> None:
        self.mean = mean
        self._bits = np.concatenate([_bits(text, len(mean)) for text in texts])
        self._starts = np.cumsum([0, *(len(text.ids) for text in texts[:-1])])
        self._count = len(texts)
        self._seen: dict[int, int] = {}
        for text in texts:
            for each in np.unique(text.ids).tolist():
                self._seen[each] = self._seen.get(each, 0) + 1

    def asked(self, question: Pieces, words: Mapping[str, Sequence[int]] | None = None) -> AskedPieces:
        """The question, held against the reference; ``words``: which pieces spell each of its words."""
        rarity = self.rarity(question.ids)
        placed = centred(unit_rows(question.vectors.astype(np.float32)), self.mean)
        near = np.maximum.reduceat(placed @ self._bits.T, self._starts, axis=1).T
        weights = np.asarray(rarity / max(float(rarity.sum()), 1e-9), np.float32)
        return AskedPieces(placed, weights, near, self, words or {})

    def rarity(self, ids: Array) -> Float32Array:
        """How much each piece tells: little where most texts hold it."""
        seen = np.array([self._seen.get(each, 0) for each in ids.tolist()], np.float32)
        return np.asarray(np.log1p((self._count - seen + 0.5) / (seen + 0.5)), np.float32)


class AskedPieces:
    """A question's pieces with their weights and their nearness to each text of the reference. Shapes (n, d), (n,), (texts, n)."""

    def __init__(
        self,
        placed: Float32Array,
        weights: Float32Array,
        near: Float32Array,
        measured: Reference,
        words: Mapping[str, Sequence[int]],
    ) -> None:
        self._placed, self._weights, self._measured = placed, weights, measured
        known = ((word, [place for place in places if place < len(placed)]) for word, places in words.items())
        self._words = {word: places for word, places in known if places}
        whole = near @ weights
        self._mean, self._spread = float(whole.mean()), float(whole.std()) + _LEAST_SPREAD
        self._piece_mean, self._piece_spread = near.mean(axis=0), near.std(axis=0) + _LEAST_PIECE_SPREAD

    def of(self, text: PieceSigns) -> Close:
        """How close a text is; nothing where either has no pieces."""
        if not len(text.ids) or not len(self._weights):
            return Close(0.0, 0.0)
        near = (self._placed @ _bits(text, self._placed.shape[1]).T).max(axis=1)
        whole = float(near @ self._weights)
        above = (near - self._piece_mean) / self._piece_spread
        pieces = np.minimum(above, _MET)
        words = {word: float(above[places].mean()) for word, places in self._words.items()}
        return Close(
            (whole - self._mean) / self._spread,
            float(pieces @ self._weights),
            least=self._least(pieces),
            words=words,
        )

    def _least(self, pieces: FloatArray) -> float:
        """How far the least met pieces are met that together weigh a third."""
        order = np.argsort(pieces)
        weights = self._weights[order]
        taken = np.clip(_THIRD - (np.cumsum(weights) - weights), 0.0, weights)
        return float(pieces[order] @ taken / max(float(taken.sum()), 1e-9))

    def met_by(self, title: PieceSigns) -> float:
        """How far the question is met by a title alone."""
        if not len(title.ids) or not len(self._weights):
            return 0.0
        near = (self._placed @ _bits(title, self._placed.shape[1]).T).max(axis=1)
        there = np.minimum((near - self._piece_mean) / self._piece_spread, _MET)
        return float(there @ self._weights)

    def of_all(self, texts: Sequence[PieceSigns]) -> list[Close]:
        """How close texts are that were found together."""
        found = [self.of(text) for text in texts]
        totals = np.array([each.total for each in found])
        return [
            replace(each, lead=each.total - float(np.delete(totals, place).max(initial=0.0)))
            for place, each in enumerate(found)
        ]


def _bits(text: PieceSigns, width: int) -> Float32Array:
    """Signs as a vector of length 1 a piece."""
    bits = np.unpackbits(text.signs, axis=1, count=width).astype(np.float32)
    return np.asarray((2 * bits - 1) / np.sqrt(width), np.float32)
