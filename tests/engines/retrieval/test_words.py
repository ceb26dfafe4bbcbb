import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from enishi.engines.retrieval import Asked, Rarity, build_words, pairs_of

TEXTS = [["空き家", "補助", "改修"], ["補助", "申請"], ["図書館", "貸出"]]


def asked(words, texts=TEXTS, **more):
    index = build_words(texts)
    return Asked.of(words, Rarity((index,)), **more), index


def test_bm25_of_one_word_is_its_closed_form():
    question, index = asked(["空き家"])

    scores = question.bm25(index)

    idf = math.log1p((3 - 1 + 0.5) / (1 + 0.5))
    damping = 1.5 * (0.25 + 0.75 * 3 / (7 / 3))
    assert np.allclose(scores, [idf * 2.5 / (1 + damping), 0, 0], rtol=1e-5)


def test_words_no_text_holds_lower_the_coverage_but_not_the_order():
    known, index = asked(["空き家", "補助"])
    with_unknown, _same = asked(["空き家", "補助", "宇宙船"])

    assert np.array_equal(known.bm25(index), with_unknown.bm25(index))
    assert (with_unknown.coverage(index)[:2] < known.coverage(index)[:2]).all()


def test_a_question_without_words_covers_nothing():
    question, index = asked([])

    assert question.coverage(index).tolist() == [0, 0, 0]


def test_synonyms_find_but_count_less_and_do_not_lower_coverage():
    plain, index = asked(["空家"])
    widened, _same = asked(["空家"], also={"空き家": 0.5})

    assert plain.coverage(index).tolist() == [0, 0, 0]
    assert 0 < widened.coverage(index)[0] < asked(["空き家"])[0].coverage(index)[0]
    assert widened.whole == plain.whole


def test_common_words_are_left_out_where_rarer_ones_were_asked_for():
    texts = [["市"]] * 50 + [["市", "温泉"]]
    question, index = asked(["市", "温泉"], texts)

    limited = question.bm25(index, most=10)

    assert np.flatnonzero(limited).tolist() == [50]
    assert np.count_nonzero(asked(["市"], texts)[0].bm25(index, most=10)) == 51


def test_rarity_is_counted_over_all_parts():
    whole = Rarity((build_words(TEXTS),))
    parts = Rarity((build_words(TEXTS[:1]), build_words(TEXTS[1:])))
    codes = build_words(TEXTS).terms

    assert np.allclose(whole.idf(codes), parts.idf(codes))
    assert whole.mean_length() == parts.mean_length()


@settings(deadline=None)
@given(st.lists(st.lists(st.text(max_size=4), max_size=6), max_size=8))
def test_saved_columns_answer_like_those_built(texts):
    index = build_words(texts)

    again = type(index).from_arrays(index.arrays())

    assert len(again) == len(texts)
    assert again.frequencies(index.terms).tolist() == index.frequencies(index.terms).tolist()
    assert again.lengths.tolist() == [float(len(words)) for words in texts]


def test_pairs_skip_marks_and_blanks():
    assert pairs_of("A-1 市") == ["a1", "1市"]
