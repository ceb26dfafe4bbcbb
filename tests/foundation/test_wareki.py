import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi.foundation import wareki

days_with_an_era = st.dates(dt.date(1868, 10, 23), dt.date(2200, 12, 31))


@pytest.mark.parametrize(
    "written",
    [
        "令和8年12月1日",
        "令和8年12月1日(火)",
        "令和8年12月1日 火曜日",
        "令和８年１２月１日",
        "令8.12.1",
        "R8.12.1",
        "Ｒ８．１２．１",
        "r8/12/1",
        "2026/12/1",
        "2026-12-01",
        "２０２６−１２−０１",
        "2026年12月1日",
        "20261201",
        "2026-12-01 00:00:00",
        " 令和 8 年 12 月 1 日 ",
    ],
)
def test_a_day_is_read_however_it_is_written(written: str) -> None:
    assert wareki.read(written) == dt.date(2026, 12, 1)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("令和元年5月1日", dt.date(2019, 5, 1)),
        ("令和8年度末", dt.date(2027, 3, 31)),
        ("R8年度末まで", dt.date(2027, 3, 31)),
        ("2026年度末", dt.date(2027, 3, 31)),
        ("令和10年2月末", dt.date(2028, 2, 29)),
        ("令和9年3月末日まで", dt.date(2027, 3, 31)),
        ("令和9年3月31日まで", dt.date(2027, 3, 31)),
        ("平成31年4月30日", dt.date(2019, 4, 30)),
        ("H1.1.8", dt.date(1989, 1, 8)),
        ("昭和64年1月7日", dt.date(1989, 1, 7)),
        ("大正15年12月24日", dt.date(1926, 12, 24)),
        ("明治45年7月29日", dt.date(1912, 7, 29)),
    ],
)
def test_every_era_is_known(written: str, day: dt.date) -> None:
    assert wareki.read(written) == day


@pytest.mark.parametrize(
    "written",
    [
        "令和8年13月",
        "令和8年13月1日",
        "令和8年2月30日",
        "8年12月1日",
        "12月1日",
        "2026",
        "26/12/1",
        "あした",
        "",
        "\x00",
        "R2026.12.1",
        "9" * 5000,
        "9999年度末",
        "令和9年13月末",
    ],
)
def test_what_names_no_day_is_refused_with_what_was_written(written: str) -> None:
    with pytest.raises(wareki.UnreadableDateError) as refusal:
        wareki.read(written)

    assert refusal.value.text == written


@given(days_with_an_era)
def test_a_day_written_in_words_is_read_back(day: dt.date) -> None:
    assert wareki.read(wareki.in_words(day)) == day
    assert wareki.read(wareki.in_short(day)) == day


@given(st.text(max_size=40))
def test_any_text_is_a_day_or_refused(text: str) -> None:
    try:
        day = wareki.read(text)
    except wareki.UnreadableDateError:
        return
    assert isinstance(day, dt.date)


def test_the_first_year_of_an_era_is_gannen() -> None:
    assert wareki.in_words(dt.date(2019, 5, 1)) == "令和元年5月1日(水)"
    assert wareki.in_words(dt.date(2019, 4, 30), weekday=False) == "平成31年4月30日"
