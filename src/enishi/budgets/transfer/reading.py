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
    read_amount,
    total_word,
)
from enishi.budgets.transfer.columns import CODES, FUNDS, plain_heading
from enishi.budgets.transfer.further import Further
from enishi.budgets.transfer.heading import check_table, place_of
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
        self.context: tuple[str, tuple[str, ...]] = ("", ("",) * LEVELS)
        self.further = Further(lines, ask, reading, self.at)
        self.stage_at = self.at.get("stage")
        self.loose_sums: list[int] = []
        self.names_above: tuple[str, ...] = ("",) * LEVELS
        check_table(lines, ask, self.at, reading)

    def _places_of_columns(self) -> dict[str, int]:
        found, lacking = {}, []
        for name, heading in self.ask.columns.items():
            place = place_of(heading, self.lines.headings, self.ask.fiscal_year)
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
        several = self.ask.is_one_of_several
        further = self.further
        plain, default_day = further.is_nothing, further.default_day
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
            if several and not self._counts(number, cells):
                self.context = reading.places[index].account, reading.places[index].codes
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
            day = default_day if plain else further.day(number, cells, index, amount)
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

    # --- Several stages in one file --------------------------------------------------------------------------------------

    def _counts(self, number: int, cells: Sequence[str]) -> bool:
        """Whether the line has money of the stage that is read now."""
        if not cells[self.at["amount"]].strip():
            return False
        return self.stage_at is None or self._is_of_stage(number, cells)

    def _is_of_stage(self, number: int, cells: Sequence[str]) -> bool:
        assert self.stage_at is not None
        said = unicodedata.normalize("NFKC", cells[self.stage_at]).strip()
        is_now = self.ask.stage_words.get(said)
        if is_now is None:
            why = _(
                "この段階は読み取りの設定にありません。設定の「段階の書き方」に加えるか、行を直してください。"
            )
            if not said:
                why = _("段階が空です。どの段階の金額かを書いてください。")
            self.reading.refuse(Fault(number, self.further.heading("stage"), shortened(said), why))
        return bool(is_now)

    def _tell_what_was_left(self) -> None:
        """Lines that were not counted, so that a person can say whether they should have been."""
        reading = self.reading
        if self.loose_sums:
            reading.remarks.append(
                _("段階の書いていない合計の行は、突き合わせませんでした: %(rows)s行目。")
                % {"rows": "、".join(str(number) for number in self.loose_sums[:8])}
            )
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
                % {"heading": self.further.heading("amount"), "sum": in_yen(sum(hidden))}
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

    def _amount(self, number: int, text: str, index: int) -> int | None:
        try:
            amount = read_amount(text, self.ask.unit)
        except UnreadableCellError as unreadable:
            self.reading.refuse(
                Fault(number, self.further.heading("amount"), shortened(text), str(unreadable))
            )
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
                    number,
                    self.further.heading("amount"),
                    "",
                    _("金額が空です。0円のときは 0 と書いてください。"),
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
            place = Place(account, codes, path, names, account_name, number)
            if self.ask.is_one_of_several and not self._counts(number, cells):
                self.reading.only_named.setdefault(path, place)
                self.context = account, codes
                return SKIP
            if not self._may_use(number, cells, path):
                return SKIP
            index = len(self.reading.places)
            self.reading.places.append(place)
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
        if self.stage_at is not None:
            if not cells[self.stage_at].strip():
                self.loose_sums.append(number)
                return
            if not self._is_of_stage(number, cells):
                return
        text = cells[self.at["amount"]]
        try:
            amount = read_amount(text, self.ask.unit)
        except UnreadableCellError as unreadable:
            self.reading.refuse(
                Fault(number, self.further.heading("amount"), shortened(text), str(unreadable))
            )
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
        if not given and self.stage_at is not None and any(self.context[1]):
            return self.context[0], self.context[1], self.names_above, ""
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
        self.names_above = tuple(name[:120] for name in names)
        return account, tuple(codes), self.names_above, account_name[:80]
