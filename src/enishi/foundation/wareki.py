"""Japanese eras: writing a day as people here read it, and reading it as they write it."""

import calendar
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

WEEKDAYS = "月火水木金土日"


@dataclass(frozen=True)
class Era:
    name: str
    letter: str
    first_day: dt.date


ERAS = (
    Era("令和", "R", dt.date(2019, 5, 1)),
    Era("平成", "H", dt.date(1989, 1, 8)),
    Era("昭和", "S", dt.date(1926, 12, 25)),
    Era("大正", "T", dt.date(1912, 7, 30)),
    Era("明治", "M", dt.date(1868, 10, 23)),
)


class UnreadableDateError(ValueError):
    """The text names no day; ``text`` is what was written."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def year_in_words(day: dt.date) -> str:
    """令和8年; the first year of an era is 元年; before 明治 the common year."""
    for era in ERAS:
        if day >= era.first_day:
            number = day.year - era.first_day.year + 1
            return f"{era.name}{'元' if number == 1 else number}年"
    return f"{day.year}年"


def in_words(day: dt.date, *, weekday: bool = True) -> str:
    """令和8年11月22日(日)."""
    words = f"{year_in_words(day)}{day.month}月{day.day}日"
    return f"{words}({WEEKDAYS[day.weekday()]})" if weekday else words


def in_short(day: dt.date) -> str:
    """R8.11.22."""
    for era in ERAS:
        if day >= era.first_day:
            return f"{era.letter}{day.year - era.first_day.year + 1}.{day.month}.{day.day}"
    return f"{day.year}.{day.month}.{day.day}"


_ERA_YEARS = {
    written: era.first_day.year - 1
    for era in ERAS
    for written in (era.name, era.name[0], era.letter, era.letter.lower())
}
_WRITTEN = re.compile(
    r"(?P<era>令和|平成|昭和|大正|明治|[令平昭大明RHSTMrhstm])?\s*\.?\s*"
    r"(?P<year>元|\d{1,4})\s*(?:年度?|[./\-])\s*"
    r"(?P<month>\d{1,2})\s*(?:月|[./\-])\s*"
    r"(?P<day>\d{1,2}|末)\s*日?"
    r"\s*(?:\(?[月火水木金土日](?:曜日?)?\)?)?"
    r"(?:[T ]\s*0{1,2}:00(?::00)?)?"
)
_END_OF_YEAR = re.compile(
    r"(?P<era>令和|平成|昭和|大正|明治|[令平昭大明RHSTMrhstm])?\s*\.?\s*(?P<year>元|\d{1,4})\s*年?度\s*末"
)
_COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
# Hyphens, dashes and minus signs that people and word processors put between numbers.
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ーｰ", "-"))


def read(text: str) -> dt.date:
    """The day that ``text`` names.

    Reads 令和8年12月1日, 令8.12.1, R8.12.1, 2026/12/1, 2026-12-01, 2026年12月1日(火), 20261201, 令和9年3月末(日),
    令和8年度末, in full or half width, まで after any of them.

    >>> read("令和8年度末"), read("令和10年2月末日まで")
    (datetime.date(2027, 3, 31), datetime.date(2028, 2, 29))

    Raises
    ------
    UnreadableDateError
        If no day of the calendar is named, or the year is missing or has two digits without an era.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).strip().removesuffix("まで").rstrip()
    match = _COMPACT.fullmatch(plain) or _WRITTEN.fullmatch(plain) or _END_OF_YEAR.fullmatch(plain)
    if match is None:
        raise UnreadableDateError(text)
    parts = match.groupdict()
    year = 1 if parts["year"] == "元" else int(parts["year"])
    era = parts.get("era")
    if (era is None) == (year < 1000) or not year:
        raise UnreadableDateError(text)
    year += _ERA_YEARS[era] if era else 0
    try:
        if "month" not in parts:
            return dt.date(year + 1, 3, 31)
        month = int(parts["month"])
        last = calendar.monthrange(year, month)[1] if parts["day"] == "末" else int(parts["day"])
        return dt.date(year, month, last)
    except (ValueError, OverflowError) as error:
        raise UnreadableDateError(text) from error
