"""Days and fiscal years in the language of the reader: eras in Japanese, the common calendar otherwise."""

import datetime as dt

from django.utils.translation import get_language

from enishi.foundation import wareki
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.sentences import Sentence


def speaks_japanese() -> bool:
    return (get_language() or "ja").startswith("ja")


def day_in_words(day: dt.date, *, weekday: bool = True) -> Sentence:
    """令和8年11月22日(日), or 22 Nov 2026 (Sun)."""
    return Sentence(lambda: _in_words(day, weekday))


def _in_words(day: dt.date, weekday: bool) -> str:
    if speaks_japanese():
        return wareki.in_words(day, weekday=weekday)
    return f"{day.day} {day:%b %Y}{f' ({day:%a})' if weekday else ''}"


def short_day(day: dt.date) -> str:
    """R8.11.22, or 2026-11-22."""
    return wareki.in_short(day) if speaks_japanese() else day.isoformat()


def fiscal_year_in_words(year: FiscalYear) -> str:
    """令和8年度, or fiscal 2026."""
    return str(year) if speaks_japanese() else f"fiscal {year.year}"
