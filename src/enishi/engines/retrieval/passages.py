"""Very many passages as plain arrays fit to be mapped from disk, and the one question asked of them.

Meaning is looked up roughly by the signs of all vectors, a bit each (:mod:`~enishi.engines.core.signs`); the nearest are compared
by their vectors. Words are looked up in all. The best of both are put together as in :mod:`~enishi.engines.retrieval.fusion`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from enishi.engines.core import BoolArray, Float32Array, IntArray, InvalidInputError, unit_rows
from enishi.engines.core.signs import cosines_by_signs, packed_signs
from enishi.engines.retrieval.fusion import DEFAULT_BLEND, Blend
from enishi.engines.retrieval.meaning import PRIOR, centred
from enishi.engines.retrieval.words import Array, Asked, Rarity, Words, build_words

SCALE = np.float32(127 / 0.5)
"""Entries of vectors of some hundred dimensions stay below a half; what does not is cut."""
ROUGH_FROM = 4_000
"""Fewer passages than these are compared by their vectors at once."""
READ_SHARE = 0.008
LEAST_READ = 4_000
CANDIDATES = 400
COMMON = 0.02
"""Words in more than this share of the passages tell little; rarer ones decide where there are some."""
LEAST_COMMON = 20_000
_FAR = 1_000


@dataclass(frozen=True)
class PassageSegment:
    """A table of passages that never changes.

    Attributes
    ----------
    keys, owners : arrays, shape (n,), int64
        Key of each passage and of its document.
    vectors : array, shape (n, d), int8
        Vectors times ``SCALE``; zeros where there is none yet.
    codes : array, shape (ceil(d / 64), n), uint64
        Signs of the vectors with the mean taken off.
    mean : array, shape (d,)
        Mean of the vectors.
    words : Words
    """

    keys: Array
    owners: Array
    vectors: Array
    codes: Array
    mean: Array
    words: Words

    def __len__(self) -> int:
        return len(self.keys)

    def arrays(self) -> dict[str, Array]:
        """Return every column by name, to be saved."""
        own = {name: getattr(self, name) for name in _COLUMNS}
        return own | {f"words_{name}": array for name, array in self.words.arrays().items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> PassageSegment:
        """Return the segment of saved (or memory-mapped) columns."""
        missing = [name for name in _COLUMNS if name not in arrays]
        if missing:
            raise InvalidInputError("arrays", f"lacks {', '.join(missing)}")
        words = Words.from_arrays(
            {
                name.removeprefix("words_"): array
                for name, array in arrays.items()
                if name.startswith("words_")
            }
        )
        segment = cls(**{name: np.asarray(arrays[name]) for name in _COLUMNS}, words=words)
        if not len(segment.owners) == len(segment.vectors) == len(words) == len(segment.keys):
            raise InvalidInputError("keys", "differ in number from the other columns")
        return segment


_COLUMNS = ("keys", "owners", "vectors", "codes", "mean")


def build_passages(
    keys: Sequence[int] | IntArray,
    owners: Sequence[int] | IntArray,
    words: Sequence[Sequence[str]],
    vectors: Float32Array,
) -> PassageSegment:
    """Return the segment of these passages; a vector of zeros stands for none yet."""
    numbers, belongs = np.asarray(keys, np.int64), np.asarray(owners, np.int64)
    if not len(numbers) == len(belongs) == len(words) == len(vectors):
        raise InvalidInputError("keys", "differ in number from the other columns")
    order = np.argsort(numbers, kind="stable")
    present = np.any(vectors != 0, axis=1)
    mean = vectors[present].mean(axis=0) if present.any() else np.zeros(vectors.shape[1])
    ordered = vectors[order]
    return PassageSegment(
        numbers[order],
        belongs[order],
        packed(ordered),
        packed_signs(ordered > mean),
        np.asarray(mean, np.float32),
        build_words(words[row] for row in order),
    )


def packed(vectors: Float32Array) -> Array:
    """Return vectors as 8-bit numbers."""
    return np.clip(np.round(vectors * SCALE), -127, 127).astype(np.int8)


def unpacked(vectors: Array) -> Float32Array:
    return unit_rows(vectors.astype(np.float32))


@dataclass(frozen=True)
class Candidate:
    """A passage that may answer: ``near`` and ``covered`` are None or 0 where meaning or words told nothing.

    ``near`` is stretched over what was compared, so that the nearest has 1 however far it is; ``cosine`` is the nearness itself.
    """

    key: int
    owner: int
    score: float
    near: float | None
    covered: float
    cosine: float | None = None


class Passages:
    """Segments asked together.

    Parameters
    ----------
    segments : sequence of PassageSegment
    alive : sequence of bool arrays, one a segment
        Which rows still stand.
    """

    def __init__(self, segments: Sequence[PassageSegment], alive: Sequence[BoolArray]) -> None:
        self.segments = tuple(segments)
        self.alive = tuple(alive)
        self._rarity = Rarity(tuple(segment.words for segment in segments))
        self._mean = _mean(self.segments)

    def __len__(self) -> int:
        return int(sum(mask.sum() for mask in self.alive))

    def best(
        self,
        words: Sequence[str],
        vector: Float32Array | None,
        *,
        allowed: Sequence[BoolArray] | None = None,
        also: Mapping[str, float] | None = None,
        question_mean: Float32Array | None = None,
        top: int = CANDIDATES,
        blend: Blend = DEFAULT_BLEND,
    ) -> list[Candidate]:
        """Return the best passages for a question, the best first.

        Parameters
        ----------
        words : the question's words; ``also`` further ones (synonyms) that count by their weight
        vector : array, shape (d,), optional
            The question's vector; without it words decide alone.
        allowed : one bool array a segment, optional
            Which rows the asker may read; all that stand, by default.
        """
        masks = allowed if allowed is not None else self.alive
        asked = Asked.of(words, self._rarity, also=also)
        placed = None
        if vector is not None and np.any(vector):
            known = question_mean if question_mean is not None else np.zeros_like(vector)
            placed = centred(vector, known)
        parts = [
            _ask(segment, mask, asked, placed, self._mean, self._effort(len(segment), top))
            for segment, mask in zip(self.segments, masks, strict=True)
            if mask.any()
        ]
        return _joined(parts, blend, top, has_meaning=placed is not None)

    def _effort(self, rows: int, top: int) -> _Effort:
        """How much of a segment is read: its share of what all together deserve."""
        total = max(sum(len(segment) for segment in self.segments), 1)
        share = rows / total
        return _Effort(
            common=int(max(LEAST_COMMON, COMMON * total) * share),
            read=int(max(LEAST_READ, READ_SHARE * total) * share),
            sampled=max(1, int(_FAR * share)),
            kept=min(top, max(50, int(4 * top * share))),
        )


@dataclass(frozen=True)
class _Effort:
    """Words in more passages than ``common`` are left out; ``read`` rows are compared, ``sampled`` ones tell what is far,
    ``kept`` go on to the exact comparison: some more than the segment's share, for answers lie unevenly."""

    common: int
    read: int
    sampled: int
    kept: int


def _mean(segments: Sequence[PassageSegment]) -> Float32Array:
    # A segment in which nothing has a vector yet may be as wide as it likes.
    segments = [segment for segment in segments if np.any(segment.mean)]
    total = sum(len(segment) for segment in segments)
    if total < PRIOR:
        # Few passages tell nothing of where passages lie.
        return np.zeros(segments[0].vectors.shape[1] if segments else 1, np.float32)
    weighed = sum(np.asarray(segment.mean, np.float32) * (len(segment) / total) for segment in segments)
    return np.asarray(weighed, np.float32)


@dataclass(frozen=True)
class _Part:
    """What one segment has to offer; ``far`` is how near unrelated passages are."""

    keys: IntArray
    owners: IntArray
    near: Float32Array
    covered: Float32Array
    far: float


def _ask(
    segment: PassageSegment,
    mask: BoolArray,
    asked: Asked,
    placed: Float32Array | None,
    mean: Float32Array,
    effort: _Effort,
) -> _Part:
    covered = (
        asked.coverage(segment.words, most=effort.common)
        if len(asked.codes)
        else np.zeros(len(segment), np.float32)
    )
    covered *= mask
    rows = _highest(covered, effort.kept)
    far = 0.0
    near = np.full(len(rows), np.nan, np.float32)
    if placed is not None and segment.vectors.shape[1] == len(placed) == len(mean):
        found, far = _near_rows(segment, mask, placed, mean, effort)
        rows = np.union1d(rows, found)
        near = _cosines(segment, rows, placed, mean)
    return _Part(np.asarray(segment.keys)[rows], np.asarray(segment.owners)[rows], near, covered[rows], far)


def _near_rows(
    segment: PassageSegment,
    mask: BoolArray,
    placed: Float32Array,
    mean: Float32Array,
    effort: _Effort,
) -> tuple[IntArray, float]:
    rows = _roughly_near(segment, mask, placed, effort.read)
    near = _last_if_zero(_raw(np.asarray(segment.vectors[rows]), placed))
    sample = np.flatnonzero(mask)[:: max(1, len(segment) // effort.sampled)]
    base = np.float32(mean @ placed)
    far = _raw(np.asarray(segment.vectors[sample]), placed)
    kept = rows if len(rows) <= effort.kept else rows[np.argpartition(-near, effort.kept - 1)[: effort.kept]]
    return kept.astype(np.int64), float(far.min(initial=base) - base)


def _roughly_near(segment: PassageSegment, mask: BoolArray, placed: Float32Array, wanted: int) -> IntArray:
    """Rows the asker may read, the nearest by their signs where there are many."""
    if len(segment) <= ROUGH_FROM or np.count_nonzero(mask) <= wanted:
        return np.flatnonzero(mask)
    rough = cosines_by_signs(placed, segment.codes)
    rough[~mask] = -np.inf
    return np.sort(np.argpartition(-rough, wanted - 1)[:wanted])


def _raw(vectors: Array, placed: Float32Array) -> Float32Array:
    """Products with the question: but for a constant and the length of the centred vector, which is all but the same
    for all, the centred nearness."""
    return _products(vectors.astype(np.float32), placed / SCALE)


def _products(rows: Array, vector: Float32Array) -> Float32Array:
    """Row by row, in this thread alone: BLAS would wait for a second thread longer than these short sums take."""
    return np.asarray(np.einsum("ij,j->i", rows, vector), np.float32)


def _last_if_zero(near: Float32Array) -> Float32Array:
    return np.where(near == 0, np.float32(-1), near).astype(np.float32)


def _cosines(
    segment: PassageSegment, rows: IntArray, placed: Float32Array, mean: Float32Array
) -> Float32Array:
    """Centred cosines; not a number where a passage has no vector yet."""
    vectors = unpacked(np.asarray(segment.vectors[rows]))
    near = _products(centred(vectors, mean), placed)
    near[~vectors.any(axis=1)] = np.nan
    return near.astype(np.float32)


def _highest(scores: Float32Array, count: int) -> IntArray:
    """Rows of the highest scores above zero, ascending."""
    rows = np.flatnonzero(scores)
    if len(rows) > count:
        rows = rows[np.argpartition(-scores[rows], count - 1)[:count]]
    return np.sort(rows)


def _joined(parts: Sequence[_Part], blend: Blend, top: int, *, has_meaning: bool) -> list[Candidate]:
    if not parts:
        return []
    keys = np.concatenate([part.keys for part in parts])
    owners = np.concatenate([part.owners for part in parts])
    near = np.concatenate([part.near for part in parts])
    covered = np.concatenate([part.covered for part in parts])
    scores, cosines = np.float32(blend.words + blend.letters) * covered, near
    if has_meaning and np.isfinite(near).any():
        low = min(part.far for part in parts)
        high = float(np.nanmax(near))
        spread = (near - low) / max(high - low, 1e-6)
        # What has no vector yet is neither near nor far: words decide, with what meaning gives on average.
        near = np.clip(spread, 0, 1)
        scores = scores + np.where(np.isfinite(near), near, 0.5)
    order = np.lexsort((keys, -scores))[:top]
    return [
        Candidate(
            int(keys[row]),
            int(owners[row]),
            float(scores[row]),
            float(near[row]) if np.isfinite(near[row]) else None,
            float(covered[row]),
            float(cosines[row]) if np.isfinite(cosines[row]) else None,
        )
        for row in order
    ]
