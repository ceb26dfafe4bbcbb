import numpy as np
import pytest

from enishi.engines.core import InvalidInputError
from enishi.engines.retrieval import (
    Collection,
    Interaction,
    Method,
    Pieces,
    Said,
    centred,
    coverage_fusion,
    reciprocal_ranks,
    side_mean,
    spread,
)


def vector(*values: float) -> np.ndarray:
    found = np.array(values, np.float32)
    return found / np.linalg.norm(found)


def says(words: str, *values: float, pieces: Pieces | None = None) -> Said:
    return Said(words.split(), [], vector(*values), pieces)


def test_meaning_answers_alone_where_no_word_is_shared():
    texts = [says("図書館", 1, 0, 0), says("病院", 0, 1, 0), says("学校", 0, 0, 1)]
    collection = Collection(texts)

    assert collection.best(says("医者", 0.1, 1, 0.2), 1)[0][0] == 1


def test_words_decide_between_texts_of_the_same_meaning():
    texts = [says("補助 30万円", 1, 0.1), says("補助 50万円", 1, 0.1), says("図書館", 0, 1)]

    assert Collection(texts).best(says("補助 50万円", 1, 0), 2) == sorted(
        Collection(texts).best(says("補助 50万円", 1, 0), 2), key=lambda row: -row[1]
    )
    assert Collection(texts).best(says("補助 50万円", 1, 0), 1)[0][0] == 1


def test_centring_takes_the_crown_from_a_text_that_is_near_to_every_question():
    # The third text lies where all questions lie; the others lie where their subject is.
    texts = [says("a", 1, 3, 0), says("b", 1, 0, 3), says("c", 3, 0.4, 0.4), says("d", 1, -1, -1)]
    question = says("x", 3, 1, 0)
    where_questions_lie = vector(3, 0.2, 0.2)

    plain = Collection(texts).best(question, 1, Method.MEANING)[0][0]
    ours = Collection(texts, question_mean=where_questions_lie).best(question, 1)[0][0]

    assert (plain, ours) == (2, 0)


def test_few_questions_do_not_move_the_known_mean_far():
    known, odd = vector(1, 0), vector(0, 1)[None]

    drawn = side_mean(odd, known)

    assert np.allclose(drawn, [20 / 21, 1 / 21])
    assert side_mean(odd).tolist() == [0, 0]


def test_vectors_of_zeros_stay_zeros_when_centred():
    rows = np.array([[0, 0], [1, 0]], np.float32)

    assert centred(rows, np.array([0.5, 0.5], np.float32))[0].tolist() == [0, 0]


def test_pieces_find_the_text_that_holds_the_nearest_piece_of_each():
    first = Pieces(np.array([1, 2]), np.array([[127, 0, 0], [0, 127, 0]], np.int8))
    second = Pieces(np.array([1, 3]), np.array([[127, 0, 0], [0, 0, 127]], np.int8))
    question = Pieces(np.array([3]), np.array([[0, 0, 1]], np.float32))

    scores = Interaction([first, second], np.zeros(3, np.float32)).scores(question, np.array([0, 1]))

    assert scores.tolist() == [0, 1]


def test_a_question_without_pieces_gives_zeros():
    text = Pieces(np.array([1]), np.ones((1, 2), np.int8))
    none = Pieces(np.zeros(0, np.int64), np.zeros((0, 2), np.int8))

    assert Interaction([text], np.zeros(2, np.float32)).scores(none, np.array([0])).tolist() == [0]


def test_spread_of_equal_values_tells_nothing():
    assert spread(np.array([0.8, 0.8], np.float32)).tolist() == [0, 0]


def test_coverage_fusion_never_lets_words_say_more_than_they_cover():
    near = np.array([0.8, 0.9], np.float32)

    assert coverage_fusion(near, np.zeros(2, np.float32), 0.7).tolist() == [0, 1]


def test_reciprocal_ranks_ignore_texts_a_list_does_not_hold():
    total = reciprocal_ranks(np.array([0, 2, 1], np.float32), np.array([3, 1, 2], np.float32))

    assert np.allclose(total, [1 / 61, 1 / 61 + 1 / 63, 1 / 62 + 1 / 62])


def test_equal_texts_keep_the_order_they_came_in():
    texts = [says("同じ", 1, 0)] * 3

    assert [row for row, _score in Collection(texts).best(says("同じ", 1, 0), 3)] == [0, 1, 2]


def test_nothing_to_rank_is_refused():
    with pytest.raises(InvalidInputError, match="texts"):
        Collection([])
