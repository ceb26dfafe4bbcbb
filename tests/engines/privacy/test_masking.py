"""What points to a person goes; what does not stays."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi.engines import privacy
from enishi.engines.privacy import masking


@pytest.mark.parametrize("module", [privacy, masking])
def test_doctests(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("マイナンバーは123456789018です", "マイナンバーは〔個人番号〕です"),
        ("１２３４ ５６７８ ９０１８", "〔個人番号〕"),
        ("090-1234-5678にお願いします", "〔電話番号〕にお願いします"),
        ("０９０１２３４５６７８", "〔電話番号〕"),
        ("０９０ー１２３４ｰ5678", "〔電話番号〕"),
        ("〇九〇 一二三四 五六七八", "〔電話番号〕"),
        ("090ー1234の5678へ", "〔電話番号〕へ"),
        ("一二三四 五六七八 九〇一八", "〔個人番号〕"),
        ("品川 300 あ 12-34が", "〔車のナンバー〕が"),
        ("足立５００さ・・12", "〔車のナンバー〕"),
        ("ゆうちょ 記号12340", "ゆうちょ 記号〔番号〕"),
        ("青葉市緑町1の2の3", "〔住所〕"),
        ("S55.3.4生", "〔生年月日〕"),
        ("(03)1234-5678", None),
        ("+81 90 1234 5678", "〔電話番号〕"),
        ("taro.yamada@example.co.jp まで", "〔メール〕 まで"),
        ("〒123-4567", "〔郵便番号〕"),
        ("あおば市本町1丁目2番3号に住む", "〔住所〕に住む"),
        ("東京都千代田区丸の内1-2-3", "〔住所〕"),
        ("昭和30年5月1日生まれ", "〔生年月日〕"),
        ("私は山田太郎です。", "私は〔氏名〕です。"),
        ("氏名: 佐藤 花子", "氏名: 〔氏名〕"),
        ("4111 1111 1111 1111", "〔カード番号〕"),
        ("1234・5678・9018", "〔個人番号〕"),
        ("一二三四五六七八九〇一八", "〔個人番号〕"),
        ("080.1234.5678", "〔電話番号〕"),
        ("taro (at) example.com", "〔メール〕"),
        ("あおば市緑が丘2-3-4-101", "〔住所〕"),
        ("あおば市緑が丘2丁目3番4号メゾン青葉101号室", "〔住所〕"),
        ("I live at 1-2-3 Midorigaoka, Aoba City", "I live at 〔住所〕"),
        ("1980/3/4生まれ", "〔生年月日〕"),
        ("在留カード AB12345678CD", "在留カード 〔番号〕"),
        ("我叫王小明,", "我叫〔氏名〕,"),
        ("제 이름은 김철수입니다", "제 이름은 〔氏名〕입니다"),
        ("Tôi tên là Nguyễn Văn A, xin", "Tôi tên là 〔氏名〕, xin"),
        ("被保険者番号 12345678", "被保険者番号 〔番号〕"),
    ],
)
def test_it_is_masked(text, masked):
    found = privacy.mask(text)

    assert found.marks
    assert masked is None or found.text == masked


@pytest.mark.parametrize(
    "text",
    [
        "粗大ごみの手数料は500円ですか",
        "令和8年4月1日から午後5時まで",
        "1200000円の補助",
        "住民票は3か所の出張所で取れますか",
        "私は市民です。",
        "国道4号の穴",
        "第252条の14",
        "手数料300と1200円",
        "8・9・10・11・12月の休み",
        "5番窓口の受付番号12番",
        "7月1日から8月31日まで",
        "my name is on the list twice",
        "我叫了救护车",
        "市役所は8.30から17.15まで",
        "広報10月号の3-4ページ",
    ],
)
def test_what_names_nobody_stays(text):
    assert privacy.mask(text).text == text


def test_the_town_hall_s_own_number_may_stay():
    assert (
        privacy.mask("0000-10-0100に電話しました", kept=["0000-10-0100"]).text == "0000-10-0100に電話しました"
    )


def test_names_that_somebody_else_found_go_too():
    assert privacy.mask("鈴木さんの家", names=[(0, 2)]).text == "〔氏名〕さんの家"


@given(st.integers(0, 10**11 - 1))
def test_exactly_one_check_digit_fits(first):
    digits = f"{first:011d}"

    assert sum(privacy.is_my_number(digits + str(last)) for last in range(10)) == 1


@given(st.text(max_size=400))
def test_any_text_is_masked_and_marks_lie_in_it_without_overlap(text):
    found = privacy.mask(text)
    places = [place for mark in found.marks for place in (mark.start, mark.end)]

    assert places == sorted(places)
    assert all(0 <= place <= len(text) for place in places)


@given(
    st.from_regex(r"0[789]0-[0-9]{4}-[0-9]{4}", fullmatch=True),
    st.text(alphabet="あいうえおのはを。、 ", max_size=30),
)
def test_no_mobile_number_survives(number, words):
    assert number not in privacy.mask(words + number + words).text
