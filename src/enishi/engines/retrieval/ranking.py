"""A whole collection against its questions, everything compared with everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from enishi.engines.core import Float32Array, IntArray, InvalidInputError
from enishi.engines.retrieval.fusion import (
    DEFAULT_BLEND,
    Blend,
    coverage_fusion,
    reciprocal_ranks,
    spread,
)
from enishi.engines.retrieval.meaning import Interaction, Pieces, centred, piece_mean, side_mean
from enishi.engines.retrieval.words import Asked, Rarity, Words, build_words

REREAD = 300
"""So many texts at the head of each list are compared piece by piece."""


class Method(StrEnum):
    """Ways to rank; all but the first are baselines."""

    BLEND = "blend"
    WORDS = "bm25"
    MEANING = "meaning"
    RECIPROCAL = "reciprocal"
    COVERAGE = "coverage"


@dataclass(frozen=True)
class Said:
    """What a text or a question says: its words, its neighbouring letters, its vector and, where kept, its pieces."""

    words: Sequence[str]
    letters: Sequence[str]
    vector: Float32Array
    pieces: Pieces | None = None


class Collection:
    """Texts made ready to be asked.

    Parameters
    ----------
    texts : sequence of Said
    questions : array, shape (n, d), optional
        Vectors of the questions at hand: they show where questions lie.
    question_pieces : sequence of Pieces, optional
        Their pieces: they show where pieces of questions lie.
    question_mean : array, shape (d,), optional
        Where questions of this model lie in general.
    """

    def __init__(
        self,
        texts: Sequence[Said],
        *,
        questions: Float32Array | None = None,
        question_mean: Float32Array | None = None,
        question_pieces: Sequence[Pieces] = (),
        blend: Blend = DEFAULT_BLEND,
    ) -> None:
        if not texts:
            raise InvalidInputError("texts", "must hold at least one")
        self._words = build_words(text.words for text in texts)
        self._letters = build_words(text.letters for text in texts)
        self._rarity = Rarity((self._words,))
        self._letter_rarity = Rarity((self._letters,))
        self._vectors = np.stack([text.vector for text in texts])
        self._placed = centred(self._vectors, side_mean(self._vectors))
        asked = questions if questions is not None else np.zeros((0, self._vectors.shape[1]), np.float32)
        self._question_mean = side_mean(asked, question_mean)
        self._interaction = _interaction(texts, question_pieces)
        self._blend = blend

    def __len__(self) -> int:
        return len(self._vectors)

    def scores(self, question: Said, method: Method = Method.BLEND) -> Float32Array:
        """Return how well each text answers; only the order means something. Shape (len(self),)."""
        return _METHODS[method](self, question)

    def best(self, question: Said, top: int, method: Method = Method.BLEND) -> list[tuple[int, float]]:
        """Return the rows and scores of the best texts, the best first; equals keep the order they came in."""
        scores = self.scores(question, method)
        order = np.argsort(-scores, kind="stable")[:top]
        return [(int(row), float(scores[row])) for row in order]

    def _bm25(self, question: Said) -> Float32Array:
        return Asked.of(question.words, self._rarity).bm25(self._words)

    def _near(self, question: Said) -> Float32Array:
        return (self._vectors @ question.vector).astype(np.float32)

    def _reciprocal(self, question: Said) -> Float32Array:
        return reciprocal_ranks(self._bm25(question), self._near(question) + 1)

    def _covered(self, question: Said) -> Float32Array:
        coverage = Asked.of(question.words, self._rarity).coverage(self._words)
        return coverage_fusion(self._near(question), coverage, 0.7)

    def _blended(self, question: Said) -> Float32Array:
        said = self._said_score(question)
        placed = centred(question.vector, self._question_mean)
        first = said + spread((self._placed @ placed).astype(np.float32))
        if self._interaction is None or question.pieces is None:
            return first
        return self._reread(question.pieces, first)

    def _said_score(self, question: Said) -> Float32Array:
        words = Asked.of(question.words, self._rarity).coverage(self._words)
        letters = Asked.of(question.letters, self._letter_rarity).coverage(self._letters)
        total = np.float32(self._blend.words) * words + np.float32(self._blend.letters) * letters
        return total.astype(np.float32)

    def _reread(self, pieces: Pieces, first: Float32Array) -> Float32Array:
        """Compare the head of the list piece by piece; the rest stays below it in its order."""
        assert self._interaction is not None
        head: IntArray = np.sort(np.argsort(-first, kind="stable")[:REREAD])
        near = spread(self._interaction.scores(pieces, head))
        scores = first.copy()
        scores[head] += np.float32(self._blend.pieces) * near
        return scores


def _interaction(texts: Sequence[Said], questions: Sequence[Pieces]) -> Interaction | None:
    pieces = [text.pieces for text in texts]
    known = [one for one in pieces if one is not None]
    if len(known) != len(pieces):
        return None
    return Interaction(known, piece_mean(known), questions)


_METHODS: dict[Method, Callable[[Collection, Said], Float32Array]] = {
    Method.BLEND: Collection._blended,
    Method.WORDS: Collection._bm25,
    Method.MEANING: Collection._near,
    Method.RECIPROCAL: Collection._reciprocal,
    Method.COVERAGE: Collection._covered,
}

__all__ = ["REREAD", "Collection", "Method", "Said", "Words"]
