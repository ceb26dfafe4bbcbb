"""Periods a value stands for: reading what people write, writing what they read, and the day the next one is due."""

import calendar
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _

from enishi.foundation import wareki
from enishi.foundation.days import fiscal_year_in_words, short_day, speaks_japanese
from enishi.foundation.fiscal_year import FiscalYear
from enishi.indicators.enums import Frequency

EARLIEST, LATEST = 1900, 2100
_ERAS = {name: era.first_day.year - 1 for era in wareki.ERAS for name in (era.name, era.name[0], era.letter)}
_YEAR = r"(?P<era>令和|平成|昭和|大正|明治|[令平昭大明RHSTM])?\.?(?P<year>元|\d{1,4})"
_FISCAL = re.compile(_YEAR + r"(?:年度|FY|年度末)?")
_QUARTER = re.compile(
    _YEAR
    + r"年度?[-/第 ]*(?P<n>[1-4])(?:四半期|Q)|"
    + _YEAR.replace("?P<era>", "?P<era2>").replace("?P<year>", "?P<year2>")
    + r"[-/]?Q(?P<n2>[1-4])"
)
_HALF = re.compile(_YEAR + r"年度?(?P<half>上半期|上期|前期|下半期|下期|後期)")
_MONTH = re.compile(_YEAR + r"(?:年|[./\-])(?P<month>\d{1,2})月?(?:分)?")
_CALENDAR = re.compile(_YEAR + r"年(?:\(暦年\)|間)?")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ーｰ", "-"))


class UnreadablePeriodError(ValueError):
    """The text names no period; the sentence says how to write one."""


@dataclass(frozen=True, order=True)
class Span:
    """A period; both days belong to it."""

    end: dt.date
    start: dt.date

    @property
    def fiscal_year(self) -> int:
        return FiscalYear.of(self.end).year

    @property
    def words(self) -> str:
        return in_words(self.start, self.end)


def fiscal(year: int) -> Span:
    return Span(dt.date(year + 1, 3, 31), dt.date(year, 4, 1))


def months(year: int, month: int, count: int) -> Span:
    index = year * 12 + month - 1 + count
    return Span(dt.date(index // 12, index % 12 + 1, 1) - dt.timedelta(days=1), dt.date(year, month, 1))


def read(text: str) -> Span:
    """The period that ``text`` names: 令和7年度, R7, 2025, 令和7年度第1四半期, 令和7年度上半期, 令和7年4月, 2025-04.

    A day such as 令和7年10月1日 is a period of one day.

    >>> read("令和７年度").words, read("R7年度第1四半期").start, read("2025/4").end
    ('令和7年度', datetime.date(2025, 4, 1), datetime.date(2025, 4, 30))

    Raises
    ------
    UnreadablePeriodError
        With a sentence for people.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).strip().replace(" ", "")
    found = _read(plain)
    if found is None:
        try:
            day = wareki.read(text)
        except wareki.UnreadableDateError as error:
            raise UnreadablePeriodError(
                _(
                    "「%(written)s」は年度や期間として読めません。例: 令和7年度、R7、2025年度、令和7年度第1四半期、令和7年4月"
                )
                % {"written": text.strip()[:40]}
            ) from error
        found = Span(day, day)
    if not EARLIEST <= found.start.year <= LATEST:
        raise UnreadablePeriodError(_("1900年から2100年までの年度を書いてください。"))
    return found


def _read(plain: str) -> Span | None:
    if match := _QUARTER.fullmatch(plain):
        era, year = match["era"] or match["era2"], match["year"] or match["year2"]
        return _from(era, year, 3, 3 * (int(match["n"] or match["n2"]) - 1))
    if match := _HALF.fullmatch(plain):
        return _from(match["era"], match["year"], 6, 0 if match["half"][0] in "上前" else 6)
    if match := _FISCAL.fullmatch(plain):
        return _from(match["era"], match["year"], 12, 0)
    if match := _MONTH.fullmatch(plain):
        year = _year(match["era"], match["year"])
        month = int(match["month"])
        return months(year, month, 1) if year and 1 <= month <= 12 else None
    if match := _CALENDAR.fullmatch(plain):
        year = _year(match["era"], match["year"])
        return months(year, 1, 12) if year else None
    return None


def _from(era: str | None, written: str, count: int, after: int) -> Span | None:
    """``count`` months of the fiscal year, beginning ``after`` months after April."""
    year = _year(era, written)
    if year is None or not 1 <= year < 9998:
        return None
    index = year * 12 + 3 + after
    return months(index // 12, index % 12 + 1, count)


def _year(era: str | None, written: str) -> int | None:
    number = 1 if written == "元" else int(written)
    if (era is None) == (number < 1000):
        return None
    return number + (_ERAS[era] if era else 0)


def in_words(start: dt.date, end: dt.date) -> str:
    """令和7年度, 令和7年度第1四半期, 令和7年4月 … and otherwise from day to day.

    >>> in_words(dt.date(2025, 4, 1), dt.date(2025, 6, 30))
    '令和7年度第1四半期'
    """
    year = FiscalYear.of(start)
    if (start, end) == (year.first_day, year.last_day):
        return str(year)
    for count, words in ((6, _halves), (3, _quarters), (1, _months)):
        if start.day == 1 and months(start.year, start.month, count).end == end:
            found = words(start, year)
            if found:
                return found
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31) and start.year == end.year:
        return _("%(year)s(暦年)") % {"year": wareki.year_in_words(end)}
    if start == end:
        return wareki.in_words(start, weekday=False)
    return f"{wareki.in_short(start)}〜{wareki.in_short(end)}"


def for_reader(start: dt.date, end: dt.date) -> str:
    """The same for somebody who reads: on an English page fiscal 2025, or from day to day.

    What is written into fields and files stays as ``in_words`` says it, so that ``read`` understands it again.
    """
    if speaks_japanese():
        return in_words(start, end)
    year = FiscalYear.of(start)
    if (start, end) == (year.first_day, year.last_day):
        return fiscal_year_in_words(year)
    if start == end:
        return short_day(start)
    return _("%(first)sから%(last)sまで") % {"first": short_day(start), "last": short_day(end)}


def _halves(start: dt.date, year: FiscalYear) -> str:
    return {4: f"{year}上半期", 10: f"{year}下半期"}.get(start.month, "")


def _quarters(start: dt.date, year: FiscalYear) -> str:
    number = {4: 1, 7: 2, 10: 3, 1: 4}.get(start.month)
    return f"{year}第{number}四半期" if number else ""


def _months(start: dt.date, year: FiscalYear) -> str:
    return f"{wareki.year_in_words(start)}{start.month}月"


def after(end: dt.date, frequency: Frequency) -> Span | None:
    """The period that follows the one that ended on this day."""
    step = frequency.months
    if not step:
        return None
    begin = end + dt.timedelta(days=1)
    return months(begin.year, begin.month, step) if begin.day == 1 else None


def current(day: dt.date, frequency: Frequency) -> Span | None:
    """The period in which the day lies; fiscal years are cut into equal parts from April."""
    step = frequency.months
    if not step:
        return None
    year = FiscalYear.of(day).year
    if step >= 12:
        return fiscal(year)
    gone = (day.year * 12 + day.month - 1) - (year * 12 + 3)
    index = year * 12 + 3 + gone // step * step
    return months(index // 12, index % 12 + 1, step)


def last_finished(day: dt.date, frequency: Frequency) -> Span | None:
    running = current(day, frequency)
    return current(running.start - dt.timedelta(days=1), frequency) if running else None


def recent(day: dt.date, frequency: Frequency, count: int) -> list[Span]:
    """The running period and those before it, newest first: the columns of the page for entering values."""
    found: list[Span] = []
    span = current(day, frequency) or fiscal(FiscalYear.of(day).year)
    usual = frequency if frequency.months else Frequency.YEARLY
    while len(found) < count:
        found.append(span)
        earlier = current(span.start - dt.timedelta(days=1), usual)
        assert earlier is not None
        span = earlier
    return found


def days_in_month(day: dt.date) -> int:
    return calendar.monthrange(day.year, day.month)[1]
