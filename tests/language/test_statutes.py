import pytest

from enishi.language.statutes import numbers_in, value_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("地方自治法第252条の14第1項", ["第252条の14"]),
        ("第二百五十二条の十四", ["第252条の14"]),
        ("252条の14", ["第252条の14"]),
        ("第一〇条及び第十一条の二の三", ["第10条", "第11条の2の3"]),
        ("千代田区九段南", []),
        ("三条市の条例", ["第3条"]),
        ("第244条の2第3項の規定", ["第244条の2"]),
    ],
)
def test_articles_have_one_spelling(text, found):
    assert numbers_in(text) == found


@pytest.mark.parametrize(
    ("number", "value"), [("千二百", 1200), ("二十", 20), ("百", 100), ("〇", 0), ("42", 42)]
)
def test_kanji_numbers(number, value):
    assert value_of(number) == value
