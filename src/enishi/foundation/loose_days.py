"""Days as offices write them when no day is settled: 令和9年度中, R9.3頃, 令和8年秋, 令和8年4月〜6月."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from enishi.foundation import wareki
from enishi.foundation.wareki import UnreadableDateError


@dataclass(frozen=True)
class Span:
    """The days that are meant, from ``first`` to ``last``; ``is_exact`` when one day was named."""

    first: dt.date
    last: dt.date
    is_exact: bool = False


_YEAR = r"(?P<year>(?:令和|平成|昭和|大正|明治|[令平昭大明RHSTMrhstm])?\s*\.?\s*(?:元|\d{1,4}))\s*"
_MONTH = re.compile(_YEAR + r"(?:年|[./\-])\s*(?P<month>\d{1,2})\s*月?\s*(?P<part>上旬|初旬|中旬|下旬|末)?")
_FISCAL_YEAR = re.compile(
    _YEAR + r"年?度\s*(?P<part>当初|前半|上半期|後半|下半期|第?[1-4]\s*四半期)?", re.IGNORECASE
)
_CALENDAR_YEAR = re.compile(_YEAR + r"年(?!度)\s*(?P<part>春|夏|秋|冬)?")
_SOFTENERS = re.compile(
    r"(?:\([^()]*\)|[\s。、]|頃|ごろ|ころ|中|内|以降|から|より|まで|予定|見込み?|目途に?|めど|を|に|[~〜])+$"
)
_BETWEEN = re.compile(r"\s*(?:[~〜]|から|より)\s*")
_TENTHS = {"上旬": (1, 10), "初旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "末": (21, 31)}
_SEASONS = {"春": (3, 5), "夏": (6, 8), "秋": (9, 11), "冬": (12, 2)}
_HALVES = {"当初": (4, 6), "前半": (4, 9), "上半期": (4, 9), "後半": (10, 3), "下半期": (10, 3)}


def read(text: str) -> Span:
    """The days that ``text`` names, as wide as it leaves them.

    >>> read("令和9年度中").last, read("R9.3頃").first, read("令和8年4月〜6月").last
    (datetime.date(2028, 3, 31), datetime.date(2027, 3, 1), datetime.date(2026, 6, 30))

    Raises
    ------
    UnreadableDateError
        If no year is named, or something else stands there.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    softened = _SOFTENERS.sub("", plain)
    for candidate in (plain, softened):
        found = _exactly(candidate) or _roughly(candidate)
        if found is not None:
            return found
    sides = _BETWEEN.split(softened, maxsplit=1)
    if len(sides) == 2 and all(sides):
        return _between(*sides)
    raise UnreadableDateError(text)


def _exactly(plain: str) -> Span | None:
    try:
        day = wareki.read(plain)
    except UnreadableDateError:
        return None
    return Span(day, day, is_exact=True)


def _roughly(plain: str) -> Span | None:
    if match := _MONTH.fullmatch(plain):
        return _month(match["year"], int(match["month"]), match["part"])
    if match := _FISCAL_YEAR.fullmatch(plain):
        return _months(match["year"], *_part_of_fiscal_year(match["part"]), begins=4)
    if match := _CALENDAR_YEAR.fullmatch(plain):
        return _months(match["year"], *_SEASONS.get(match["part"] or "", (1, 12)), begins=1)
    return None


def _month(year: str, month: int, part: str | None) -> Span:
    first, last = wareki.read(f"{year}年{month}月1日"), wareki.read(f"{year}年{month}月末日")
    if part is None:
        return Span(first, last)
    begin, end = _TENTHS[part]
    return Span(first.replace(day=begin), last.replace(day=min(end, last.day)))


def _part_of_fiscal_year(part: str | None) -> tuple[int, int]:
    if part is None:
        return 4, 3
    if part in _HALVES:
        return _HALVES[part]
    quarter = next(int(character) for character in part if character.isdigit())
    return [(4, 6), (7, 9), (10, 12), (1, 3)][quarter - 1]


def _months(year: str, begin: int, end: int, *, begins: int) -> Span:
    """From the first day of month ``begin`` to the last of ``end``, in a year that starts in month ``begins``."""
    start = wareki.read(f"{year}年1月1日")

    def in_year(month: int) -> int:
        return start.year + (month < begins)

    first = dt.date(in_year(begin), begin, 1)
    wraps = end < begin and begins == 1
    return Span(first, wareki.read(f"{in_year(end) + wraps}年{end}月末日"))


def _between(left: str, right: str) -> Span:
    """令和8年4月〜6月: the second side may leave out the year."""
    begin = read(left)
    year = re.match(_YEAR, left)
    if year is not None and re.fullmatch(r"\d{1,2}月.*", right):
        right = f"{year['year']}年{right}"
    end = read(right)
    if end.last < begin.first:
        raise UnreadableDateError(f"{left}〜{right}")
    return Span(begin.first, end.last)
