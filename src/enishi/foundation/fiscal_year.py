"""The Japanese fiscal year: 1 April to 31 March, named by the year it begins."""

import datetime as dt
from dataclasses import dataclass

from enishi.foundation.wareki import ERAS


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
        for era in ERAS:
            number = self.year - era.first_day.year + 1
            if number >= 1:
                return f"{era.name}{'元' if number == 1 else number}年度"
        return f"{self.year}年度"
