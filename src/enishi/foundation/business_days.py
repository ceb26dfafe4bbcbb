"""Days on which public offices work: no weekends, no holidays, no 29 December to 3 January."""

import datetime as dt

import jpholiday

ONE_DAY = dt.timedelta(days=1)


def is_business_day(day: dt.date) -> bool:
    closed_for_new_year = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return day.weekday() < 5 and not closed_for_new_year and not jpholiday.is_holiday(day)


def business_days_until(day: dt.date, *, today: dt.date) -> int:
    """Business days after ``today`` up to and including ``day``; negative when ``day`` is past.

    A year ahead or back is enough for a deadline: beyond it the count stops.
    """
    if day < today:
        return -business_days_until(today, today=day)
    last = min(day, today + dt.timedelta(days=400))
    return sum(is_business_day(today + ONE_DAY * n) for n in range(1, (last - today).days + 1))
