"""Days on which public offices work: no weekends, no holidays, no 29 December to 3 January."""

import datetime as dt
from functools import lru_cache

import jpholiday

ONE_DAY = dt.timedelta(days=1)
FURTHEST = dt.timedelta(days=400)


def is_business_day(day: dt.date) -> bool:
    closed_for_new_year = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return day.weekday() < 5 and not closed_for_new_year and not jpholiday.is_holiday(day)


def business_days_until(day: dt.date, *, today: dt.date) -> int:
    """Business days after ``today`` up to and including ``day``; negative when ``day`` is past.

    A year ahead or back is enough for a deadline: beyond it the count stops.
    """
    if day < today:
        return -business_days_between(day, min(today, day + FURTHEST))
    return business_days_between(today, min(day, today + FURTHEST))


def after_business_days(day: dt.date, count: int) -> dt.date:
    """The ``count``-th business day after ``day``; ``day`` itself for 0.

    >>> after_business_days(dt.date(2026, 11, 20), 1)
    datetime.date(2026, 11, 24)
    """
    while count > 0:
        day += ONE_DAY
        count -= is_business_day(day)
    return day


def business_days_between(first: dt.date, last: dt.date) -> int:
    """Business days after ``first`` up to and including ``last``; 0 when ``last`` is not later.

    >>> business_days_between(dt.date(2026, 11, 20), dt.date(2026, 11, 25))
    2
    """
    if last <= first:
        return 0
    if first.year == last.year:
        return _since_new_year(last) - _since_new_year(first)
    whole = sum(_since_new_year(dt.date(year, 12, 31)) for year in range(first.year, last.year))
    return whole - _since_new_year(first) + _since_new_year(last)


@lru_cache(maxsize=20_000)
def _since_new_year(day: dt.date) -> int:
    """Business days from 1 January up to and including ``day``."""
    before = 0 if (day.month, day.day) == (1, 1) else _since_new_year(day - ONE_DAY)
    return before + is_business_day(day)
