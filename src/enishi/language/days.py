"""Days, written in one way: 令和7年4月1日, 令和七年四月一日, R7.4.1, 2025-04-01, 2025/4/1."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from enishi.language.statutes import value_of

_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_SHORT = {"M": 1867, "T": 1911, "S": 1925, "H": 1988, "R": 2018}
_NUMBER = r"[0-9]{1,2}|[一二三四五六七八九十]{1,3}"
DAY = re.compile(
    rf"(?:(?P<era>{'|'.join(_ERAS)})(?P<eyear>元|{_NUMBER})|(?P<year>\d{{4}}))年"
    rf"(?P<month>{_NUMBER})月(?P<day>{_NUMBER})日"
    r"|(?<![A-Za-z0-9])(?P<short>[MTSHR])(?P<syear>元|\d{1,2})[-/.](?P<smonth>\d{1,2})[-/.](?P<sday>\d{1,2})(?![A-Za-z0-9])"
    r"|(?<!\d)(?P<iyear>\d{4})[-/.](?P<imonth>\d{1,2})[-/.](?P<iday>\d{1,2})(?!\d)"
)


def day_of(match: re.Match[str]) -> dt.date | None:
    """Return the day a match of ``DAY`` names; nothing where there is no such day."""
    part = match.groupdict()
    begun = _ERAS.get(part["era"] or "") or _SHORT.get(part["short"] or "") or 0
    year, month, day = (
        next(part[one + name] for one in ("e", "s", "i", "") if part.get(one + name))
        for name in ("year", "month", "day")
    )
    try:
        return dt.date(begun + (1 if year == "元" else value_of(year)), value_of(month), value_of(day))
    except ValueError:
        return None


def days_at(text: str) -> Iterator[tuple[dt.date, int, int]]:
    """Return the days a normalised text names, and where.

    >>> [str(day) for day, _start, _end in days_at("令和七年四月一日、R7.4.1、2025-04-01、令和7年2月30日")]
    ['2025-04-01', '2025-04-01', '2025-04-01']
    """
    for match in DAY.finditer(text):
        day = day_of(match)
        if day is not None:
            yield day, *match.span()
