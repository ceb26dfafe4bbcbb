"""When something can begin, in the words of people who plan by fiscal years."""

import datetime as dt

from django.utils.translation import gettext as _

from enishi.foundation.days import day_in_words, fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear


def window_in_words(begin: dt.date | None, end: dt.date | None, *, today: dt.date, verb: str) -> str:
    """「令和9年度に受け入れ可能」; ``verb`` is 受け入れ or 提供.

    >>> window_in_words(dt.date(2027, 4, 1), dt.date(2028, 3, 31), today=dt.date(2026, 11, 22), verb="受け入れ")
    '令和9年度に受け入れ可能'
    """
    if begin is None and end is None:
        return _("時期は相談")
    if end is not None and end < today:
        return _("%(verb)sの期間は%(day)sに終わりました") % {"verb": verb, "day": _day(end)}
    return _("%(span)s%(verb)s可能") % {"span": _span(begin, end, today), "verb": verb}


def _span(begin: dt.date | None, end: dt.date | None, today: dt.date) -> str:
    years = _whole_years(begin, end)
    if years is not None:
        first, last = years
        if first == last:
            return _("%(year)sに") % {"year": fiscal_year_in_words(first)}
        years_in_words = {"first": fiscal_year_in_words(first), "last": fiscal_year_in_words(last)}
        return _("%(first)sから%(last)sまで") % years_in_words
    if end is None:
        return _open_ended(begin, today)
    if begin is None or begin <= today:
        return _("いまから%(day)sまで") % {"day": _day(end)}
    return _("%(begin)sから%(end)sまで") % {"begin": _day(begin), "end": _day(end)}


def _open_ended(begin: dt.date | None, today: dt.date) -> str:
    if begin is None or begin <= today:
        return _("いつでも")
    if begin == FiscalYear.of(begin).first_day:
        return _("%(year)sから") % {"year": fiscal_year_in_words(FiscalYear.of(begin))}
    return _("%(day)sから") % {"day": _day(begin)}


def _whole_years(begin: dt.date | None, end: dt.date | None) -> tuple[FiscalYear, FiscalYear] | None:
    """The fiscal years the window fills from the first day to the last."""
    if begin is None or end is None:
        return None
    first, last = FiscalYear.of(begin), FiscalYear.of(end)
    return (first, last) if begin == first.first_day and end == last.last_day else None


def _day(day: dt.date) -> str:
    return day_in_words(day, weekday=False)


def years_of_window(begin: dt.date | None, end: dt.date | None, *, around: dt.date) -> list[str]:
    """The fiscal years the window touches, ten at most; ``["any"]`` when it is open to talk."""
    if begin is None and end is None:
        return ["any"]
    this = FiscalYear.of(around).year
    first = FiscalYear.of(begin).year if begin else this
    last = FiscalYear.of(end).year if end else max(first, this) + 5
    return [str(year) for year in range(max(first, last - 9), last + 1)]
