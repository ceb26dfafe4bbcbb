"""When something can begin, in the words of people who plan by fiscal years."""

import datetime as dt

import pytest

from enishi.exchange.windows import window_in_words, years_of_window
from tests.factories import TODAY

DAY = dt.date


@pytest.mark.parametrize(
    ("begin", "end", "words"),
    [
        (None, None, "時期は相談"),
        (DAY(2027, 4, 1), DAY(2028, 3, 31), "令和9年度に受け入れ可能"),
        (DAY(2026, 4, 1), DAY(2029, 3, 31), "令和8年度から令和10年度まで受け入れ可能"),
        (DAY(2027, 4, 1), None, "令和9年度から受け入れ可能"),
        (DAY(2026, 12, 1), None, "令和8年12月1日から受け入れ可能"),
        (DAY(2026, 4, 1), None, "いつでも受け入れ可能"),
        (None, DAY(2027, 3, 31), "いまから令和9年3月31日まで受け入れ可能"),
        (DAY(2026, 12, 1), DAY(2027, 3, 31), "令和8年12月1日から令和9年3月31日まで受け入れ可能"),
        (DAY(2025, 4, 1), DAY(2026, 3, 31), "受け入れの期間は令和8年3月31日に終わりました"),
    ],
)
def test_a_window_in_words(begin, end, words):
    assert window_in_words(begin, end, today=TODAY, verb="受け入れ") == words


@pytest.mark.parametrize(
    ("begin", "end", "years"),
    [
        (None, None, ["any"]),
        (DAY(2026, 12, 1), DAY(2027, 4, 1), ["2026", "2027"]),
        (None, DAY(2027, 3, 31), ["2026"]),
        (DAY(2030, 4, 1), None, ["2030", "2031", "2032", "2033", "2034", "2035"]),
        (DAY(1950, 4, 1), DAY(2027, 3, 31), [str(year) for year in range(2017, 2027)]),
    ],
)
def test_the_fiscal_years_a_window_touches(begin, end, years):
    assert years_of_window(begin, end, around=TODAY) == years
