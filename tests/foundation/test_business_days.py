import datetime as dt

import pytest

from enishi.foundation.business_days import business_days_until, is_business_day

SUNDAY = dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (SUNDAY, False),
        (dt.date(2026, 11, 23), False),
        (dt.date(2026, 11, 24), True),
        (dt.date(2026, 12, 28), True),
        (dt.date(2026, 12, 29), False),
        (dt.date(2027, 1, 3), False),
        (dt.date(2027, 1, 4), True),
    ],
)
def test_offices_close_at_weekends_on_holidays_and_around_new_year(day: dt.date, open_: bool) -> None:
    assert is_business_day(day) is open_


@pytest.mark.parametrize(
    ("day", "left"),
    [
        (SUNDAY, 0),
        (dt.date(2026, 11, 23), 0),
        (dt.date(2026, 11, 26), 3),
        (dt.date(2026, 11, 19), -1),
        (dt.date(2026, 11, 20), 0),
    ],
)
def test_days_left_count_the_days_on_which_somebody_works(day: dt.date, left: int) -> None:
    assert business_days_until(day, today=SUNDAY) == left


def test_a_day_far_away_takes_no_long_count() -> None:
    assert business_days_until(dt.date(9999, 12, 31), today=SUNDAY) < 300
