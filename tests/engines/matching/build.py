"""Small wants, cans and spaces for the tests of the engine."""

import numpy as np

from enishi.engines.core import unit_rows
from enishi.engines.matching import Can, Evidence, Passage, Space, Want, Word, term_hash

DIMENSIONS = 64


def space(rng=None, **changes):
    """A space without a bias: means of zero, references at random, words that know each other."""
    rng = rng or np.random.default_rng(7)
    words = {"断水": 0, "水": 0, "給水": 0, "鉄道": 1, "消防": 2}
    table = np.eye(3, 4, dtype=np.float32)
    codes = np.array([term_hash(word) for word in words], np.uint32)
    order = np.argsort(codes)
    vectors = np.array([table[topic] * 100 for topic in words.values()], np.int8)[order]
    arguments = {
        "name": "test",
        "want_mean": np.zeros(DIMENSIONS, np.float32),
        "can_mean": np.zeros(DIMENSIONS, np.float32),
        "want_bank": unit_rows(rng.normal(size=(50, DIMENSIONS)).astype(np.float32)),
        "can_bank": unit_rows(rng.normal(size=(50, DIMENSIONS)).astype(np.float32)),
        "centre": -0.66,
        "spread": 0.25,
        "terms": codes[order],
        "term_counts": np.array([5] * len(codes), np.int64),
        "texts": 200,
        "word_codes": codes[order],
        "word_vectors": vectors,
    }
    return Space(**(arguments | changes))


def evidence(text, vector=None, passages=(), passage_vectors=None):
    """Words are what blanks part; the vector is a direction of its own unless given."""
    words, start = [], 0
    for piece in text.split(" "):
        if piece:
            words.append(Word(piece, start, start + len(piece)))
        start += len(piece) + 1
    if vector is None:
        vector = direction(text)
    if passage_vectors is None:
        passage_vectors = np.zeros((0, DIMENSIONS), np.float32)
    return Evidence(text, tuple(words), vector, tuple(Passage(*place) for place in passages), passage_vectors)


def direction(seed):
    number = (
        seed if isinstance(seed, int) else sum(ord(sign) * (place + 1) for place, sign in enumerate(seed))
    )
    vector = np.random.default_rng(number).normal(size=DIMENSIONS).astype(np.float32)
    return vector / np.linalg.norm(vector)


def between(first, second, share=0.5):
    """A direction between two others."""
    mixed = (1 - share) * first + share * second
    return (mixed / np.linalg.norm(mixed)).astype(np.float32)


def want(id="w1", text="断水 が 続く", vector=None, **attributes):
    return Want(id, evidence(text, vector), **attributes)


def can(id="c1", text="給水 車 を 出す", vector=None, **attributes):
    return Can(id, evidence(text, vector), **attributes)
