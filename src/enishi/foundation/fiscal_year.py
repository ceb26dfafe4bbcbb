"""The Japanese fiscal year: 1 April to 31 March, named by the year it begins."""

import datetime as dt
from dataclasses import dataclass


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
        return f"令和{self.year - 2018}年度" if self.year >= 2019 else f"{self.year}年度"
