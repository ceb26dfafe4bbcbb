"""The head of a list read once more: letters, and pieces kept in a bit a number.

A passage's pieces in full take sixty kilobytes, too many for the million passages a house may keep. Their signs, with the mean
taken off, take a tenth of that and find as well (docs/engines/retrieval.md). How rare letters and pieces are is told by a
sample of the passages: exact counts over all would have to be kept for every change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from enishi.engines.core import Float32Array, unit_rows
from enishi.engines.retrieval.fusion import DEFAULT_BLEND, Blend, spread
from enishi.engines.retrieval.meaning import Pieces, centred
from enishi.engines.retrieval.words import Array, Asked, Rarity, Words, build_words

HEAD = 100
"""So many passages at the head of a list are read once more."""


@dataclass(frozen=True)
class PieceSigns:
    """A text's pieces: their ids, and the signs of their vectors. Shapes (n,) and (n, ceil(d / 8)) uint8."""

    ids: Array
    signs: Array


def signs_of(pieces: Pieces, mean: Float32Array) -> PieceSigns:
    """Return the signs of pieces, ``mean`` being where pieces of this model lie in general. Shape of mean: (d,)."""
    placed = unit_rows(pieces.vectors.astype(np.float32)) - mean
    return PieceSigns(np.asarray(pieces.ids), np.packbits(placed > 0, axis=1))


@dataclass(frozen=True)
class Sample:
    """Some texts of a collection: how usual neighbouring letters and pieces are in it."""

    letters: Words
    pieces: dict[int, int]
    texts: int

    @classmethod
    def of(cls, letters: Iterable[Sequence[str]], pieces: Iterable[Array]) -> Sample:
        """Return the sample of texts given as their letters, and of texts given as the ids of their pieces."""
        seen: dict[int, int] = {}
        count = 0
        for ids in pieces:
            count += 1
            for each in np.unique(ids).tolist():
                seen[each] = seen.get(each, 0) + 1
        return cls(build_words(letters), seen, count)

    def rarity(self, ids: Array) -> Float32Array:
        """Return log(1 + (N - n + 0.5) / (n + 0.5)) for each piece. Shape (len(ids),)."""
        seen = np.array([self.pieces.get(each, 0) for each in ids.tolist()], np.float32)
        rare: Float32Array = np.log1p((self.texts - seen + 0.5) / (seen + 0.5)).astype(np.float32)
        return rare


@dataclass(frozen=True)
class Candidate:
    """A text at the head of a list: what words cover of the question, how near it is (0 to 1), its letters and pieces."""

    covered: float
    near: float
    letters: Sequence[str]
    pieces: PieceSigns | None


def reread(
    candidates: Sequence[Candidate],
    letters: Sequence[str],
    pieces: Pieces | None,
    sample: Sample,
    mean: Float32Array,
    *,
    blend: Blend = DEFAULT_BLEND,
) -> Float32Array:
    """Return the scores of texts as :class:`~enishi.engines.retrieval.Collection` blends them. Shape (len(candidates),).

    Parameters
    ----------
    letters, pieces : of the question
    mean : array, shape (d,)
        What was taken off the texts' pieces before only their signs were kept.

    Notes
    -----
    A text without pieces counts as the middle of those that have them.
    """
    said = build_words(candidate.letters for candidate in candidates)
    spelled = Asked.of(letters, Rarity((sample.letters,))).coverage(said)
    covered = np.array([candidate.covered for candidate in candidates], np.float32)
    near = np.array([candidate.near for candidate in candidates], np.float32)
    scores = near + np.float32(blend.words) * covered + np.float32(blend.letters) * spelled
    if pieces is not None and len(pieces.ids):
        found = _nearness([candidate.pieces for candidate in candidates], pieces, sample, mean)
        scores = scores + np.float32(blend.pieces) * found
    return np.asarray(scores, np.float32)


def _nearness(
    texts: Sequence[PieceSigns | None], question: Pieces, sample: Sample, mean: Float32Array
) -> Float32Array:
    """How near each text's pieces come to the question's, 0 to 1; one half where none are kept."""
    weights = sample.rarity(question.ids)
    asked = centred(unit_rows(question.vectors.astype(np.float32)), mean)
    width = len(mean)
    found = np.full(len(texts), np.nan, np.float32)
    for place, text in enumerate(texts):
        if text is not None and len(text.ids):
            bits = np.unpackbits(text.signs, axis=1, count=width).astype(np.float32)
            # A sign is twice its bit less one; the sum of the question's own numbers stays the same for every text.
            near = 2 * (asked @ bits.T).max(axis=1) - asked.sum(axis=1)
            found[place] = near @ weights
    known = np.isfinite(found)
    found[known] = spread(np.asarray(found[known], np.float32))
    found[~known] = 0.5 if known.any() else 0.0
    return found
