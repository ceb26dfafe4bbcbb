from concurrent.futures import ThreadPoolExecutor

from hypothesis import given, settings
from hypothesis import strategies as st

from enishi.language.sentences import pieces, sentences
from enishi.language.synonyms import read_synonyms, synonyms_of
from enishi.language.tokens import content_words, tokens


def test_spellings_of_a_word_share_a_normal_form():
    assert content_words("子ども食堂") == content_words("こども食堂") == ["子供", "食堂"]


def test_particles_numbers_and_fillers_are_left_out():
    assert content_words("年に3回、駅まで歩くことができる。") == ["回", "駅", "歩く"]


def test_offsets_lead_into_the_text_as_typed():
    text = "ﾎﾞﾗﾝﾃｨｱが辻\U000e0100さんの家へ㌖歩く"

    assert [text[token.start : token.end] for token in tokens(text)] == [
        token.surface for token in tokens(text)
    ]


def test_text_over_the_limit_of_sudachi_is_read_in_pieces():
    words = content_words("消防団の人が足りない。" * 8000)

    assert words.count("消防") == 8000


def test_threads_do_not_disturb_each_other():
    texts = [f"{number}番目の消防団が町内を回る。" for number in range(200)]
    expected = [content_words(text) for text in texts]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(content_words, texts)) == expected


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(), max_size=40))
def test_any_text_can_be_read(text):
    assert all(text[token.start : token.end] == token.surface for token in tokens(text))


def test_sentences_end_outside_brackets_and_at_line_breaks():
    text = "「もう。待てない」と聞く。困った!?\nなぜか"

    found = sentences(text)

    assert [sentence.text for sentence in found] == ["「もう。待てない」と聞く。", "困った!?", "なぜか"]
    assert all(text[sentence.start : sentence.end] == sentence.text for sentence in found)


def test_a_bracket_left_open_does_not_swallow_the_text():
    text = "「" + "あ" * 300 + "。次の文。"

    assert len(sentences(text)) == 2


@given(st.text("あ。\n!", max_size=200), st.integers(5, 50))
def test_pieces_put_together_are_the_text(text, limit):
    cut = pieces(text, limit=limit)

    assert "".join(piece for _, piece in cut) == text
    assert all(len(piece) <= limit for _, piece in cut)


def test_a_synonym_is_found_by_any_spelling():
    table = read_synonyms(["こども食堂, 地域食堂  # 注"])

    assert table["子供 食堂"] == (("地域", "食堂"),)


def test_the_bundled_table_widens_a_search():
    assert ("空家",) in synonyms_of(content_words("空き家の相談")) or synonyms_of(content_words("独居")) != []
