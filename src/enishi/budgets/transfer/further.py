"""What a line tells beside its code and its amount: year, day, what pays for it, numbers and notes."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from enishi.budgets.transfer.cells import UnreadableCellError, day_fault, read_amount, read_day, read_year
from enishi.budgets.transfer.columns import COLUMNS, FUNDS
from enishi.budgets.transfer.model import Ask, AskedStage, Reading
from enishi.budgets.transfer.tables import Lines
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import clean_text, shortened
from enishi.foundation.previews import Fault

_TOLD = ("fiscal_year", "dated_on", "resolution_no", "note", *FUNDS)


class Further:
    """``at`` says in which place each of our columns stands; years and days are worked out once."""

    def __init__(
        self, lines: Lines, ask: Ask, asked: AskedStage, reading: Reading, at: Mapping[str, int]
    ) -> None:
        self.lines, self.ask, self.asked, self.reading, self.at = lines, ask, asked, reading, at
        self.days: dict[str, int] = {}
        self.years: dict[str, str] = {}
        self.has_funds = any(name in at for name in FUNDS)
        self.default_day = self._day_index(asked.dated_on)

    @property
    def is_nothing(self) -> bool:
        """No column beside code and amount: every line counts, on the day somebody said."""
        return not any(name in self.at for name in _TOLD)

    def heading(self, name: str) -> str:
        place = self.at.get(name)
        return self.lines.headings[place] if place is not None else str(COLUMNS[name].label)

    def _day_index(self, day: str) -> int:
        if day not in self.reading.days:
            self.reading.days.append(day)
        return self.reading.days.index(day)

    def day(self, number: int, cells: Sequence[str], index: int, amount: int) -> int | None:
        """Year, day, funds and texts of a line; the place of its day, or nothing when the line does not count."""
        at = self.at
        if "fiscal_year" in at and not self._is_the_year(number, cells[at["fiscal_year"]]):
            return None
        day = self.days.get(cells[at["dated_on"]]) if "dated_on" in at else None
        if day is None:
            day = self._day(number, cells)
            if day is None:
                return None
        if self.has_funds and not self._funds(number, cells, index, amount):
            return None
        if "resolution_no" in at:
            self.reading.resolutions.append(_plain(cells[at["resolution_no"]])[:40])
        if "note" in at:
            self.reading.notes_of.append(_plain(cells[at["note"]])[:200])
        return day

    def _is_the_year(self, number: int, text: str) -> bool:
        if text not in self.years:
            self.years[text] = self._year_fault(text)
        why = self.years[text]
        if why:
            self.reading.refuse(Fault(number, self.heading("fiscal_year"), shortened(text), why))
        return not why

    def _year_fault(self, text: str) -> str:
        if not text.strip():
            return ""
        try:
            year = read_year(text)
        except UnreadableCellError as unreadable:
            return str(unreadable)
        if year == self.ask.fiscal_year:
            return ""
        return _("%(said)sの行です。取り込み先は%(year)sです。") % {
            "said": FiscalYear(year),
            "year": FiscalYear(self.ask.fiscal_year),
        }

    def _day(self, number: int, cells: Sequence[str]) -> int | None:
        place = self.at.get("dated_on")
        text = cells[place] if place is not None else ""
        if not text.strip():
            return self._day_index(self.asked.dated_on)
        if text not in self.days:
            try:
                day = read_day(text)
            except UnreadableCellError as unreadable:
                self.reading.refuse(Fault(number, self.heading("dated_on"), shortened(text), str(unreadable)))
                return None
            why = day_fault(day, self.ask.fiscal_year, self.asked.stage)
            if why:
                self.reading.refuse(Fault(number, self.heading("dated_on"), shortened(text), why))
                return None
            self.days[text] = self._day_index(day.isoformat())
        return self.days[text]

    def _funds(self, number: int, cells: Sequence[str], index: int, amount: int) -> bool:
        """B3: what pays for a line is the line's amount."""
        found = {}
        for kind in FUNDS:
            place = self.at.get(kind)
            if place is None or not cells[place].strip():
                continue
            try:
                found[kind] = read_amount(cells[place], self.ask.unit) or 0
            except UnreadableCellError as unreadable:
                self.reading.refuse(
                    Fault(number, self.heading(kind), shortened(cells[place]), str(unreadable))
                )
                return False
        if sum(found.values()) != amount:
            self.reading.refuse(
                Fault(
                    number,
                    _("財源"),
                    f"{sum(found.values()):,}",
                    _("財源の合計 %(funds)s円 が金額 %(amount)s円 と %(difference)s円 合いません。")
                    % {
                        "funds": f"{sum(found.values()):,}",
                        "amount": f"{amount:,}",
                        "difference": f"{amount - sum(found.values()):,}",
                    },
                )
            )
            return False
        for kind, yen in found.items():
            self.reading.funds[index, kind] = self.reading.funds.get((index, kind), 0) + yen
        return True


def _plain(text: str) -> str:
    """The text without what cannot be seen; most texts hold nothing of the kind."""
    return text.strip() if text.isprintable() else clean_text(text).strip()
