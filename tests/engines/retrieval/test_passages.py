import numpy as np
import pytest

from enishi.engines.core import InvalidInputError
from enishi.engines.retrieval import Passages, PassageSegment, build_passages

RNG = np.random.default_rng(5)


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def segment(count, *, first=0, width=64):
    vectors = unit(RNG.standard_normal((count, width)))
    words = [[f"語{row % 50}", f"珍{first + row}"] for row in range(count)]
    return build_passages(range(first, first + count), [0] * count, words, vectors), vectors


def asked(parts, words, vector, **named):
    alive = [np.ones(len(part), bool) for part in parts]
    return Passages(parts, alive).best(words, vector, **named)


def test_among_many_nearly_all_of_the_nearest_are_found():
    built, vectors = segment(9_000)
    found, hits = 0, 0
    for _turn in range(10):
        question = unit(vectors[RNG.integers(9_000)] + 0.3 * RNG.standard_normal(64).astype(np.float32))
        near = (vectors - vectors.mean(axis=0)) @ question
        exact = set(np.argsort(-near)[:10].tolist())
        got = {one.key for one in asked([built], [], question, top=200)}
        found += len(exact)
        hits += len(exact & got)

    assert hits / found > 0.9


def test_a_word_nobody_else_has_brings_its_passage_to_the_top():
    parts = [segment(300)[0], segment(300, first=300)[0]]

    assert asked(parts, ["珍421"], None)[0].key == 421
    assert asked(parts, ["珍421"], None)[0].near is None


def test_what_is_not_allowed_never_comes():
    built, vectors = segment(5_000)
    allowed = np.zeros(5_000, bool)
    allowed[::7] = True
    passages = Passages([built], [np.ones(5_000, bool)])

    found = passages.best(["語3"], vectors[1], allowed=[allowed], top=100)

    assert found
    assert all(one.key % 7 == 0 for one in found)


def test_passages_without_a_vector_are_found_by_their_words():
    vectors = unit(RNG.standard_normal((40, 64)))
    vectors[5] = 0
    built = build_passages(range(40), [0] * 40, [[f"語{row}"] for row in range(40)], vectors)

    found = {one.key: one for one in asked([built], ["語5"], vectors[1])}

    assert found[5].near is None
    assert found[5].covered > 0


def test_no_question_and_no_passages_give_nothing():
    empty = build_passages([], [], [], np.zeros((0, 64), np.float32))

    assert asked([empty], ["語"], None) == []
    assert asked([], ["語"], None) == []


def test_saved_columns_answer_like_those_built():
    built, vectors = segment(200)
    again = PassageSegment.from_arrays(built.arrays())

    assert asked([again], ["語7"], vectors[7]) == asked([built], ["語7"], vectors[7])


def test_columns_of_other_lengths_are_refused():
    built, _vectors = segment(10)
    broken = built.arrays() | {"keys": np.arange(9)}

    with pytest.raises(InvalidInputError):
        PassageSegment.from_arrays(broken)
    with pytest.raises(InvalidInputError):
        build_passages([1, 2], [1], [[]], np.zeros((1, 4), np.float32))
