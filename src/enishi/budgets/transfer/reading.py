"""A file of the financial system, line by line. Every fault names its cell; nothing is guessed silently."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import IO, Any

from django.utils.translation import gettext as _

from enishi.budgets.coding import padded, split
from enishi.budgets.enums import Level
from enishi.budgets.transfer.cells import (
    UnreadableCellError,
    day_fault,
    read_amount,
    read_day,
    read_year,
    total_word,
)
from enishi.budgets.transfer.columns import CODES, COLUMNS, FUNDS, plain_heading
from enishi.budgets.transfer.heading import check_table
from enishi.budgets.transfer.joined_codes import WholeCodes
from enishi.budgets.transfer.model import (
    LEVELS,
    Ask,
    Control,
    Place,
    Reading,
)
from enishi.budgets.transfer.tables import Lines, open_table
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.forms import clean_text, shortened
from enishi.foundation.money import in_yen
from enishi.foundation.previews import Fault
from enishi.foundation.spreadsheets import UnreadableTableError

Tell = Callable[[int], None]
TELL_EVERY = 20_000
MOST_SEEN = 200_000
"""Texts of amounts kept with their yen: the same ones come again and again."""
SKIP = -1
_NOTE = re.compile(r"\s*(?:[※*]|注|\(注|備考)")
_TOTAL_LEVELS = {"款": 0, "項": 1, "目": 2, "細目": 3, "事業": 3, "細事業": 4, "節": 5}


def read(file: IO[bytes], ask: Ask, tell: Tell | None = None) -> Reading:
    """Read the whole file. What cannot be used stands in ``faults``; a file that is no table has one fault only."""
    reading = Reading()
    headings = {plain_heading(each) for each in ask.columns.values() if each}

    def is_heading(cells: Sequence[str]) -> bool:
        return sum(plain_heading(cell) in headings for cell in cells if cell) >= 2

    try:
        lines = open_table(file, is_heading)
        reader = _Reader(lines, ask, reading)
        if not reading.faults:
            reader.read(tell or _quiet)
    except UnreadableTableError as refusal:
        reading.refuse(Fault(1, _("ファイル"), "", str(refusal)))
    return reading


def _quiet(done: int) -> None:
    return None


class _Reader:
    """Keeps what was seen, so that a cell's meaning is worked out once and looked up a million times."""

    def __init__(self, lines: Lines, ask: Ask, reading: Reading) -> None:
        self.lines, self.ask, self.reading = lines, ask, reading
        reading.encoding = lines.encoding
        reading.remarks += lines.notes
        self.at = self._places_of_columns()
        self.whole = WholeCodes(ask.code_layout, self.at, len(lines.headings)) if "whole" in self.at else None
        self.at |= self.whole.columns if self.whole else {}
        self.code_at = [self.at.get(name) for name in CODES]
        self.name_at = [self.at.get(f"{name}_name") for name in CODES]
        self.money_at = [self.at[name] for name in ("amount", *FUNDS) if name in self.at]
        self.known: dict[Any, int] = {}
        self.by_path: dict[str, int] = {}
        self.days: dict[str, int] = {}
        self.years: dict[str, str] = {}
        self.sides: dict[str, bool] = {}
        self.context: tuple[str, tuple[str, ...]] = ("", ("",) * LEVELS)
        self._has_funds = False
        check_table(lines, ask, self.at, reading)

    def _places_of_columns(self) -> dict[str, int]:
        by_heading = {plain_heading(heading): place for place, heading in enumerate(self.lines.headings)}
        found, lacking = {}, []
        for name, heading in self.ask.columns.items():
            place = by_heading.get(plain_heading(heading))
            if place is None:
                lacking.append(heading)
            else:
                found[name] = place
        if lacking:
            self.reading.refuse(
                Fault(
                    self.lines.heading_row,
                    _("見出し"),
                    "、".join(lacking)[:80],
                    _(
                        "読み取りの設定にあるこの見出しの列がファイルにありません。設定を選び直すか、新しい設定を作ってください。"
                    ),
                )
            )
        return found

    # --- The lines -------------------------------------------------------------------------------------------------------

    def read(self, tell: Tell) -> None:
        reading, width = self.reading, len(self.lines.headings)
        code_places = [place for place in (self.at.get("account"), *self.code_at) if place is not None]
        pick = itemgetter(*code_places)
        amount_at = self.at["amount"]
        seen: dict[str, int] = {}
        more = self._further_columns()
        plain = not more and "dated_on" not in self.at
        self._has_funds = any(name in more for name in FUNDS)
        default_day = self._day_index(self.ask.dated_on)
        known, places, amounts, rows, days = (
            self.known,
            reading.place_of,
            reading.amounts,
            reading.rows,
            reading.day_of,
        )
        for number, cells in self.lines.rows:
            if len(cells) < width:
                cells = [*cells, *[""] * (width - len(cells))]
            if self.whole is not None:
                cells = self.whole.widened(cells)
            raw = pick(cells)
            key = raw if "" not in raw else (raw, self.context, self._names(cells))
            index = known.get(key)
            if index is None:
                index = self._place(number, cells, key)
            if index == SKIP:
                continue
            text = cells[amount_at]
            known_amount = seen.get(text)
            if known_amount is None:
                known_amount = self._amount(number, text, index)
                if known_amount is None:
                    continue
                if len(seen) < MOST_SEEN:
                    seen[text] = known_amount
            amount = known_amount
            day = default_day if plain else self._further(number, cells, index, amount)
            if day is None:
                continue
            places.append(index)
            amounts.append(amount)
            rows.append(number)
            days.append(day)
            place = reading.places[index]
            self.context = (place.account, place.codes)
            if not len(rows) % TELL_EVERY:
                tell(len(rows))
        tell(len(rows))
        self._tell_what_was_left()

    def _tell_what_was_left(self) -> None:
        """Lines that were not counted, so that a person can say whether they should have been."""
        reading = self.reading
        if self.whole is not None:
            reading.remarks += self.whole.examples()
        if reading.note_rows:
            shown = "、".join(str(number) for number in reading.note_rows[:8])
            reading.remarks.append(
                _("金額も科目もない行は、注記として読みませんでした: %(rows)s行目(%(count)s行)。")
                % {"rows": shown, "count": f"{len(reading.note_rows):,}"}
            )
        hidden = [self._yen_of(cells) for _number, cells in self.lines.hidden]
        if any(hidden):
            reading.remarks.append(
                _("読まなかった非表示の行の「%(heading)s」は、合わせて %(sum)s です。")
                % {"heading": self._heading("amount"), "sum": in_yen(sum(hidden))}
            )

    def _yen_of(self, cells: Sequence[str]) -> int:
        if any(cell and total_word(cell) is not None for cell in cells):
            return 0
        try:
            return read_amount(cells[self.at["amount"]], self.ask.unit) or 0
        except UnreadableCellError:
            return 0

    def _names(self, cells: Sequence[str]) -> tuple[str, ...]:
        places = (*self.name_at, self.at.get("whole_name"))
        return tuple(cells[place] for place in places if place is not None)

    def _further_columns(self) -> list[str]:
        names = ("side", "fiscal_year", "resolution_no", "note", *FUNDS)
        return [name for name in names if name in self.at]

    def _day_index(self, day: str) -> int:
        if day not in self.reading.days:
            self.reading.days.append(day)
        return self.reading.days.index(day)

    def _further(self, number: int, cells: Sequence[str], index: int, amount: int) -> int | None:
        """Year, side, day, funds and texts of a line; the place of its day, or nothing when the line does not count."""
        at = self.at
        if "side" in at and not self._is_expenditure(cells[at["side"]]):
            self.reading.revenue_rows += 1
            return None
        if "fiscal_year" in at and not self._is_the_year(number, cells[at["fiscal_year"]]):
            return None
        day = self.days.get(cells[at["dated_on"]]) if "dated_on" in at else None
        if day is None:
            day = self._day(number, cells)
            if day is None:
                return None
        if self._has_funds and not self._funds(number, cells, index, amount):
            return None
        if "resolution_no" in at:
            self.reading.resolutions.append(_plain(cells[at["resolution_no"]])[:40])
        if "note" in at:
            self.reading.notes_of.append(_plain(cells[at["note"]])[:200])
        return day

    def _is_expenditure(self, text: str) -> bool:
        if text not in self.sides:
            self.sides[text] = "歳入" not in text and "収入" not in text
        return self.sides[text]

    def _is_the_year(self, number: int, text: str) -> bool:
        if text not in self.years:
            self.years[text] = self._year_fault(text)
        why = self.years[text]
        if why:
            self.reading.refuse(Fault(number, self._heading("fiscal_year"), shortened(text), why))
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
            return self._day_index(self.ask.dated_on)
        if text not in self.days:
            try:
                day = read_day(text)
            except UnreadableCellError as unreadable:
                self.reading.refuse(
                    Fault(number, self._heading("dated_on"), shortened(text), str(unreadable))
                )
                return None
            why = day_fault(day, self.ask.fiscal_year, self.ask.stage)
            if why:
                self.reading.refuse(Fault(number, self._heading("dated_on"), shortened(text), why))
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
                    Fault(number, self._heading(kind), shortened(cells[place]), str(unreadable))
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

    def _heading(self, name: str) -> str:
        place = self.at.get(name)
        return self.lines.headings[place] if place is not None else str(COLUMNS[name].label)

    def _amount(self, number: int, text: str, index: int) -> int | None:
        try:
            amount = read_amount(text, self.ask.unit)
        except UnreadableCellError as unreadable:
            self.reading.refuse(Fault(number, self._heading("amount"), shortened(text), str(unreadable)))
            return None
        place = self.reading.places[index]
        if amount is None:
            # A line that only names a 款 or 項 stands above its parts, as in a budget book.
            deepest = max((level for level, at in enumerate(self.code_at) if at is not None), default=0)
            if not place.codes[deepest] and any(place.codes):
                self.reading.heading_rows += 1
                self.context = (place.account, place.codes)
                return None
            self.reading.refuse(
                Fault(
                    number, self._heading("amount"), "", _("金額が空です。0円のときは 0 と書いてください。")
                )
            )
        return amount

    # --- Codes -----------------------------------------------------------------------------------------------------------

    def _place(self, number: int, cells: Sequence[str], key: Any) -> int:
        """The code of a line that was not seen before; ``SKIP`` for sums, empty lines and faults."""
        if not any(cell.strip() for cell in cells):
            return SKIP
        word = self._total_word(cells)
        if word is not None:
            self._control(number, cells, word)
            return SKIP
        if self._is_a_note(cells):
            self.reading.note_rows.append(number)
            return SKIP
        found = self._codes(number, cells)
        if found is None:
            return SKIP
        account, codes, names, account_name = found
        path = "-".join([account, *(code for code in codes if code)])
        index = self.by_path.get(path)
        if index is None:
            if not self._may_use(number, cells, path):
                return SKIP
            index = len(self.reading.places)
            self.reading.places.append(Place(account, codes, path, names, account_name, number))
            self.by_path[path] = index
        elif self.reading.places[index].codes != codes:
            self._refuse_code(
                number,
                path,
                _("同じ番号の科目 %(path)s が、%(row)d行目では別の区分になっています。")
                % {"path": path, "row": self.reading.places[index].row},
            )
            return SKIP
        self.known[key] = index
        return index

    def _is_a_note(self, cells: Sequence[str]) -> bool:
        """Words without money, and without a code or behind a ※: nothing is lost by leaving them, and it is said."""
        if any(cells[place].strip() for place in self.money_at):
            return False
        named = (*self.code_at, self.at.get("account"))
        first = unicodedata.normalize("NFKC", next(cell for cell in cells if cell.strip()))
        return bool(_NOTE.match(first)) or not any(
            cells[place].strip() for place in named if place is not None
        )

    def _may_use(self, number: int, cells: Sequence[str], path: str) -> bool:
        """B7: spending happens on codes that the year's budget has."""
        if self.ask.may_open_codes or path in self.ask.known:
            return True
        self._refuse_code(
            number,
            path,
            _("この科目は%(year)sの予算にありません。コードを確かめるか、先に予算を取り込んでください。")
            % {"year": FiscalYear(self.ask.fiscal_year)},
        )
        return False

    def _refuse_code(self, number: int, value: str, why: str) -> None:
        self.reading.refuse(Fault(number, _("科目"), shortened(value), why))

    def _total_word(self, cells: Sequence[str]) -> str | None:
        others = (self.at.get("whole_name"), self.at.get("account"), self.at.get("account_name"))
        for place in (*self.code_at, *self.name_at, *others):
            if place is not None and cells[place]:
                word = total_word(cells[place])
                if word is not None:
                    return word
        return None

    def _control(self, number: int, cells: Sequence[str], word: str) -> None:
        """A line that says a sum: of which code, as far as it says so."""
        text = cells[self.at["amount"]]
        try:
            amount = read_amount(text, self.ask.unit)
        except UnreadableCellError as unreadable:
            self.reading.refuse(Fault(number, self._heading("amount"), shortened(text), str(unreadable)))
            return
        if amount is None:
            return
        label = next((cell.strip() for cell in cells if cell and total_word(cell) is not None), "")
        path, candidates = self._scope(cells, word, label)
        self.reading.controls.append(Control(number, label, amount, path, candidates))

    def _scope(self, cells: Sequence[str], word: str, label: str) -> tuple[str, tuple[str, ...]]:
        """What a sum is of: the code in its line, the level it names, or whatever around it has this sum."""
        account, codes = self.context
        given = [
            padded(split(cells[at], Level(level + 1))[0], Level(level + 1))
            for level, at in enumerate(self.code_at)
            if at is not None and cells[at].strip() and total_word(cells[at]) is None
        ]
        if given:
            return "-".join([self._account(cells)[0], *given]), ()
        if word in _TOTAL_LEVELS:
            return "-".join([account, *(code for code in codes[: _TOTAL_LEVELS[word] + 1] if code)]), ()
        if word in {"会計", "一般会計", "特別会計"}:
            return account, ()
        above = [
            "-".join([account, *(code for code in codes[:depth] if code)]) for depth in range(LEVELS, 0, -1)
        ]
        around = list(dict.fromkeys([*above, account, ""]))
        # 「計」 closes what stands just above it, 「合計」 rather the whole.
        is_near = plain_heading(label).strip("【】()") in {"小計", "計"}
        return "", tuple(around if is_near else reversed(around))

    def _account(self, cells: Sequence[str]) -> tuple[str, str]:
        at, name_at = self.at.get("account"), self.at.get("account_name")
        code, name = split(cells[at], None) if at is not None else ("", "")
        if name_at is not None and cells[name_at].strip():
            name = clean_text(cells[name_at]).strip()
        return code or self.context[0] or padded(self.ask.account_code, None), name

    def _codes(
        self, number: int, cells: Sequence[str]
    ) -> tuple[str, tuple[str, ...], tuple[str, ...], str] | None:
        """Account, codes and names of a line; leading blanks repeat the line above, as joined cells do."""
        if self.whole is not None and self.whole.why(cells):
            self._refuse_code(number, self.whole.text(cells), self.whole.why(cells))
            return None
        codes, names = [""] * LEVELS, [""] * LEVELS
        for level, at in enumerate(self.code_at):
            if at is None or not cells[at].strip():
                continue
            codes[level], names[level] = split(cells[at], Level(level + 1))
            if not codes[level]:
                self._refuse_code(number, cells[at], _("コードが読めません。例: 03、03 民生費"))
                return None
        for level, at in enumerate(self.name_at):
            if at is not None and cells[at].strip():
                names[level] = clean_text(cells[at]).strip()
        given = [level for level, code in enumerate(codes) if code]
        if self.whole is not None and given:
            self.whole.name(cells, given, names)
        if not given:
            self._refuse_code(
                number, "", _("科目のコードがありません。合計の行なら「合計」と書いてください。")
            )
            return None
        account, account_name = self._account(cells)
        codes[: given[0]] = self.context[1][: given[0]]
        for level in range(min(3, given[-1])):
            if not codes[level]:
                self._refuse_code(
                    number,
                    "-".join(code or "?" for code in codes[: given[-1] + 1]),
                    _("%(level)sのコードがありません。") % {"level": Level(level + 1).label},
                )
                return None
        return account, tuple(codes), tuple(name[:120] for name in names), account_name[:80]


def _plain(text: str) -> str:
    """The text without what cannot be seen; most texts hold nothing of the kind."""
    return text.strip() if text.isprintable() else clean_text(text).strip()
