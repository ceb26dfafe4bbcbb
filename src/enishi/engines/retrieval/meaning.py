"""Evidence from meaning: one vector a text, and the finer comparison of question and text piece by piece.

Sentence vectors of one model lie in a narrow cone, and questions in another place of it than texts. Each side is
centred on its own mean first: what all questions share says nothing about this one, and texts that are near to every
question lose their advantage.

Source
------
Khattab, Zaharia: ColBERT, SIGIR 2020 (the nearest piece of the text for each piece of the question), here without training:
pieces are centred on the collection's mean and weighed by their rarity. Measured in docs/engines/retrieval.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from enishi.engines.core import Float32Array, IntArray, unit_rows
from enishi.engines.retrieval.words import Array

PRIOR = 20
"""The known mean counts as so many vectors beside those at hand."""


def side_mean(vectors: Float32Array, known: Float32Array | None = None) -> Float32Array:
    """Return the mean of a side, drawn towards a known one as far as there are few vectors.

    Parameters
    ----------
    vectors : array, shape (n, d)
        Vectors of zeros (texts that say nothing) do not count.
    known : array, shape (d,), optional
        The mean of many texts of this kind. Without it and with fewer than ``PRIOR`` vectors nothing is taken off.
    """
    present = vectors[np.any(vectors != 0, axis=1)]
    if known is None:
        few = len(present) < PRIOR
        return np.zeros(vectors.shape[1], np.float32) if few else np.asarray(present.mean(axis=0), np.float32)
    drawn = (present.sum(axis=0) + PRIOR * known) / (len(present) + PRIOR)
    mean: Float32Array = drawn.astype(np.float32)
    return mean


def centred(vectors: Float32Array, mean: Float32Array) -> Float32Array:
    """Return the vectors with the mean taken off, of length 1; zeros stay. Shape as given."""
    present = np.any(vectors != 0, axis=-1, keepdims=True)
    return np.where(present, unit_rows(vectors - mean), 0).astype(np.float32)


@dataclass(frozen=True)
class Pieces:
    """A text in pieces: the id of each in the model's vocabulary and its vector in this context.

    ``vectors``: shape (pieces, d), of length 1, as float16 or int8 (one scale for all).
    """

    ids: IntArray
    vectors: Array


def piece_mean(texts: Sequence[Pieces]) -> Float32Array:
    """Return the mean of all pieces, each of length 1. Shape (d,)."""
    total, count = np.zeros(texts[0].vectors.shape[1]), 0
    for text in texts:
        total += unit_rows(text.vectors.astype(np.float32)).sum(axis=0)
        count += len(text.vectors)
    return (total / max(count, 1)).astype(np.float32)


class Interaction:
    """Compares questions with texts piece by piece.

    Parameters
    ----------
    texts : sequence of Pieces
        The collection; their vectors may be mapped from disk.
    mean : array, shape (d,)
        Mean of the collection's pieces.
    questions : sequence of Pieces
        Of the questions at hand: their pieces lie elsewhere than the texts', and are centred on their own mean as far as there are many.
    """

    def __init__(self, texts: Sequence[Pieces], mean: Float32Array, questions: Sequence[Pieces] = ()) -> None:
        self._texts = texts
        self._mean = mean
        own = piece_mean(questions) * len(questions) if questions else 0
        self._question_mean = np.asarray((own + mean * PRIOR) / (len(questions) + PRIOR), np.float32)
        size = 1 + max((int(text.ids.max(initial=0)) for text in texts), default=0)
        seen = np.zeros(size, np.int64)
        for text in texts:
            seen[np.unique(text.ids)] += 1
        self._rarity = np.log1p((len(texts) - seen + 0.5) / (seen + 0.5)).astype(np.float32)
        self._rarest = float(np.log1p((len(texts) + 0.5) / 0.5))

    def scores(self, question: Pieces, rows: IntArray) -> Float32Array:
        """Return, for each of the rows, the mean nearness of the question's pieces, rare ones counted more."""
        found = np.zeros(len(rows), np.float32)
        weights = self._weights(question.ids)
        if not len(question.ids) or weights.sum() <= 0:
            return found
        asked = centred(unit_rows(question.vectors.astype(np.float32)), self._question_mean)
        for place, row in enumerate(rows):
            said = self._texts[int(row)].vectors
            if len(said):
                near = asked @ centred(unit_rows(said.astype(np.float32)), self._mean).T
                found[place] = near.max(axis=1) @ weights / weights.sum()
        return found

    def _weights(self, ids: IntArray) -> Float32Array:
        known = np.minimum(ids, len(self._rarity) - 1)
        rare = np.where(ids < len(self._rarity), self._rarity[known], self._rarest)
        return rare.astype(np.float32)
