"""A reader for the suite: real words, and meanings made of words by chance. Texts that share words lie near each other."""

import zlib
from collections.abc import Sequence

import numpy as np

from enishi.engines.matching import Space
from enishi.language.matching_inputs import MatchingReader
from enishi.language.ports import FloatArray, Side
from enishi.language.tokens import content_words

DIMENSIONS = 64


class WordSums:
    """Keeps the promises of an embedder without a model: each word a fixed random direction, a text their sum."""

    name = "word-sums-1"
    dimensions = DIMENSIONS

    def embed(self, texts: Sequence[str], *, side: Side) -> FloatArray:
        return (
            np.stack([self._of(text) for text in texts]) if texts else np.zeros((0, DIMENSIONS), np.float32)
        )

    def _of(self, text: str) -> FloatArray:
        total = np.zeros(DIMENSIONS, np.float32)
        for word in set(content_words(text)):
            total += np.random.default_rng(zlib.crc32(word.encode())).standard_normal(DIMENSIONS)
        length = float(np.linalg.norm(total))
        return (total / length if length else total).astype(np.float32)


def read_for_tests() -> MatchingReader:
    nothing = np.zeros((0, DIMENSIONS), np.float32)
    space = Space(
        name=WordSums.name,
        want_mean=np.zeros(DIMENSIONS, np.float32),
        can_mean=np.zeros(DIMENSIONS, np.float32),
        want_bank=nothing,
        can_bank=nothing,
        centre=0.0,
        spread=0.25,
        terms=np.zeros(0, np.uint32),
        term_counts=np.zeros(0, np.int64),
        texts=0,
        word_codes=np.zeros(0, np.uint32),
        word_vectors=np.zeros((0, 8), np.int8),
    )
    return MatchingReader(WordSums(), space)
