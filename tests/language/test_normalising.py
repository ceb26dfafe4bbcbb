import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from enishi.language.normalising import fold, normalise, normalise_with_origins

ANY_TEXT = st.text(st.characters(), max_size=60)


def test_half_width_kana_and_full_width_letters_become_one_spelling():
    assert normalise("ﾎﾞﾗﾝﾃｨｱ１０人　ＡＢＣ") == "ボランティア10人 ABC"


def test_variants_of_a_kanji_become_one():
    assert normalise("辻\U000e0100さんと髙橋さん") == "辻さんと高橋さん"


def test_spaced_voicing_marks_join_their_kana():
    assert normalise("か゛き") == "がき"


def test_rare_kanji_and_emoji_stay():
    assert normalise("𠮷野家👨‍👩‍👧") == "𠮷野家👨👩👧"


def test_nul_and_lone_surrogates_disappear():
    assert normalise("避難\x00所\ud800") == "避難所"


def test_a_sign_that_swells_is_held_to_the_limit():
    assert len(normalise("\ufdfa" * 1000, limit=500)) == 500


def test_fold_makes_kana_alike():
    assert fold("コドモ 食堂") == fold("こども食堂")


def test_a_wave_between_kana_is_a_long_vowel():
    assert normalise("サ〜ビス") == "サービス"


@given(ANY_TEXT)
def test_normalising_twice_changes_nothing(text):
    once = normalise(text)

    assert normalise(once) == once


@given(ANY_TEXT)
def test_normalised_text_can_always_be_stored(text):
    assert "\x00" not in normalise(text)
    normalise(text).encode("utf-8")


@given(ANY_TEXT)
def test_every_span_leads_back_into_the_source(text):
    normalised = normalise_with_origins(text)

    for index in range(len(normalised.text)):
        start, end = normalised.span(index, index + 1)
        assert 0 <= start <= end <= len(text)


def test_plain_text_is_left_as_it_is():
    text = "停電と断水が長く続いた。"

    assert normalise_with_origins(text).origins is None
    assert unicodedata.is_normalized("NFKC", text)
