"""The Japanese fiscal year: 1 April to 31 March, named by the year it begins."""

import datetime as dt
from dataclasses import dataclass

_ERAS = ((2019, "令和"), (1989, "平成"), (1926, "昭和"), (1912, "大正"), (1868, "明治"))


@dataclass(frozen=True, order=True)
class FiscalYear:
    """``FiscalYear(2026)`` is 令和8年度: 2026-04-01 to 2027-03-31."""

    year: int

    @classmethod
    def of(cls, day: dt.date) -> "FiscalYear":
        return cls(day.year if day.month >= 4 else day.year - 1)

    @property
    def first_day(self) -> dt.date:
        return dt.date(self.year, 4, 1)

    @property
    def last_day(self) -> dt.date:
        return dt.date(self.year + 1, 3, 31)

    @property
    def next(self) -> "FiscalYear":
        return FiscalYear(self.year + 1)

    def __contains__(self, day: dt.date) -> bool:
        return self.first_day <= day <= self.last_day

    def __str__(self) -> str:
        """平成24年度; a year in which an era began carries the new era's name, as 令和元年度 does."""
        for first, era in _ERAS:
            if self.year >= first:
                return f"{era}{'元' if self.year == first else self.year - first + 1}年度"
        return f"{self.year}年度"
