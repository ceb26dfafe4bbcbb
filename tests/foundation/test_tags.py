import datetime as dt

import pytest
from django.template import engines
from django.utils import translation

from enishi.foundation.templatetags import enishi as tags

DAY = dt.date(2026, 11, 22)


def shown(source: str, **facts: object) -> str:
    return engines["django"].from_string(source).render(facts)


def test_a_day_is_shown_in_its_era_with_the_iso_date_beside() -> None:
    assert shown("{{ day|wareki }}", day=DAY) == '<time datetime="2026-11-22">令和8年11月22日(日)</time>'


def test_a_moment_is_shown_in_the_towns_time() -> None:
    moment = dt.datetime(2026, 11, 22, 5, 4, 33, tzinfo=dt.UTC)

    assert (
        shown("{{ at|wareki }}", at=moment)
        == '<time datetime="2026-11-22T14:04:33+09:00">令和8年11月22日(日) 14:04</time>'
    )


def test_english_readers_get_the_common_calendar() -> None:
    with translation.override("en"):
        assert shown("{{ day|wareki_text }}", day=DAY) == "22 Nov 2026 (Sun)"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ 1234567|yen }}", "1,234,567円"),
        ("{{ 1234567|thousand_yen }}", '<span title="1,234,567円">1,235千円</span>'),
        ("{{ 1234|count }}", "1,234件"),
        ("{{ 1234|count:'団体' }}", "1,234団体"),
        ("{% share 3 5 %}", "60.0%(3/5)"),
        ("{% share 0 0 %}", "該当なし(0/0)"),
        ("{{ nothing|wareki }}", '<span class="missing">未記入</span>'),
        ("{{ 0|or_missing }}", "0"),
    ],
)
def test_numbers_name_their_parts(source: str, text: str) -> None:
    assert shown(source) == text


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (DAY, "今日まで"),
        (dt.date(2026, 11, 26), "あと3営業日(11月26日)"),
        (dt.date(2026, 11, 18), "期限から2営業日過ぎています(11月18日)"),
        (dt.date(2030, 3, 31), "令和12年3月31日(日)まで"),
    ],
)
def test_a_deadline_counts_the_days_on_which_somebody_works(day: dt.date, words: str) -> None:
    left = tags.business_days_until(day, today=DAY)

    assert tags._deadline_in_words(left, day, DAY) == words


def test_words_are_marked_in_escaped_text() -> None:
    assert (
        shown("{{ text|highlight:'雪 b' }}", text="<b>雪</b>下ろし")
        == "&lt;<mark>b</mark>&gt;<mark>雪</mark>&lt;/<mark>b</mark>&gt;下ろし"
    )


def test_typed_text_keeps_its_lines_and_is_never_markup() -> None:
    html = shown("{{ text|prose }}", text="一行目\n二行目\n\n<script>x</script> https://example.jp/a")

    assert html == (
        "<p>一行目<br>二行目</p>\n"
        '<p>&lt;script&gt;x&lt;/script&gt; <a href="https://example.jp/a" rel="nofollow">https://example.jp/a</a></p>'
    )


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (dt.timedelta(seconds=5), "たった今"),
        (dt.timedelta(minutes=5), "5分前"),
        (dt.timedelta(hours=3), "3時間前"),
        (dt.timedelta(days=2), "2日前"),
        (dt.timedelta(days=120), "4か月前"),
        (dt.timedelta(days=800), "2年前"),
    ],
)
def test_how_long_ago_is_said_in_one_unit(passed: dt.timedelta, words: str) -> None:
    assert tags.in_one_unit(passed) == words


def test_japanese_words_are_marked_as_such_on_an_english_page() -> None:
    source = "{{ title|lang_of }}|{{ name|lang_of }}|{{ sentence|quotes }}"
    context = {"title": "団地の<見守り>", "name": "Aoba AI", "sentence": "Words in both: 「見守り<」"}

    with translation.override("en"):
        english = shown(source, **context)

    assert english == ' lang="ja"||Words in both: <span lang="ja">「見守り&lt;」</span>'
    assert shown(source, **context) == "||Words in both: 「見守り&lt;」"
