"""Sentences against their sources: numbers, dates, names and denials must agree."""

import pytest

from enishi.language.checking import check_written, numbers_kept, supported
from enishi.language.glossary import understanding
from enishi.language.ports import Source
from enishi.language.reading import names_people, person_spans

SOURCE = (
    "粗大ごみの手数料は、1点につき500円です。申込みは電話で受け付けます。土曜日は受け付けません。会議室の予約は必要ありません。"
    "令和8年4月1日から始まります。午後5時までです。草薙町の方も使えます。"
)


@pytest.mark.parametrize(
    "sentence",
    [
        "手数料は500円です。",
        "手数料は1点500円です。",
        "申込みは電話で受け付けます。",
        "土曜日は受け付けません。",
        "会議室の予約は必要ありません。",
        "4月1日から始まります。",
        "2026年4月1日に始まります。",
        "17時までです。",
        "草薙町の方も使えます。",
    ],
)
def test_what_the_source_says_is_supported(sentence):
    assert supported(sentence, SOURCE).reasons == ()


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("手数料は300円です。", "number"),
        ("手数料は5,000円です。", "number"),
        ("令和9年4月1日から始まります。", "number"),
        ("4月2日から始まります。", "number"),
        ("18時までです。", "number"),
        ("土曜日は受け付けます。", "denial"),
        ("申込みは電話で受け付けません。", "denial"),
        ("会議室の予約が必要です。", "denial"),
        ("潮見市の方も使えます。", "name"),
        ("山田市長が手数料を決めました。", "name"),
        ("パンダは竹を食べて暮らします。", "words"),
    ],
)
def test_what_it_does_not_say_is_not(sentence, reason):
    assert any(found.startswith(reason) for found in supported(sentence, SOURCE).reasons)


def test_a_sentence_that_names_no_source_is_dropped():
    checked = check_written("手数料は500円です。[1] 申込みは電話です。", [Source("a", SOURCE)])

    assert [(one.text, one.is_supported) for one in checked] == [
        ("手数料は500円です。", True),
        ("申込みは電話です。", False),
    ]


def test_a_sentence_is_held_to_the_source_it_names():
    sources = [Source("a", "手数料は500円です。"), Source("b", "図書館は月曜日に休みます。")]

    assert [one.is_supported for one in check_written("手数料は500円です。[2]", sources)] == [False]


def test_a_model_that_finds_nothing_says_nothing():
    assert check_written("該当する資料が見つかりません", [Source("a", SOURCE)]) == []


@pytest.mark.parametrize(
    ("original", "translated", "lost"),
    [
        ("手数料は500円です。", "The fee is 500 yen.", set()),
        ("手数料は1,500円です。", "The fee is 1,500 yen.", set()),
        ("午後5時まで、5月1日から、500円", "Until 5 p.m., from May 1, 500 yen", set()),
        ("手数料は500円です。", "The fee is 300 yen.", {"500"}),
        ("電話 0000-10-0630", "Telephone 0000-10-0631", {"0630"}),
    ],
)
def test_a_translation_keeps_numbers(original, translated, lost):
    assert numbers_kept(original, translated) == lost


@pytest.mark.parametrize(
    ("question", "language", "word"),
    [
        ("How much does bulky waste collection cost?", "en", "粗大"),
        ("图书馆几点关门?", "zh", "図書"),
        ("대형 쓰레기 수수료는 얼마입니까?", "ko", "手数"),
        ("Thư viện mở cửa đến mấy giờ?", "vi", "図書"),
    ],
)
def test_questions_of_residents_lead_to_japanese_words(question, language, word):
    assert word in understanding(question, language).words


def test_what_no_entry_explains_counts_as_unknown():
    assert understanding("How do I cook curry?", "en").unknown == 1.0
    assert understanding("library", "en").unknown == 0.0


def test_people_are_told_from_places():
    assert names_people("山田太郎さんの住所は") and names_people("市民課の鈴木課長の年収")
    assert not names_people("あおば市の人口は") and not names_people("住民票の写し")
    assert person_spans("鈴木さんの家") == [(0, 2)]
