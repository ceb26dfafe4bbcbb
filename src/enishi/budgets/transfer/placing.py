"""Which code each line is of, and which lines are sums or notes: the same for every stage of a file."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeAlias

from django.utils.translation import gettext as _

from enishi.budgets.coding import padded, split
from enishi.budgets.enums import Level
from enishi.budgets.transfer.cells import total_word
from enishi.budgets.transfer.columns import CODES, plain_heading
from enishi.budgets.transfer.joined_codes import WholeCodes
from enishi.budgets.transfer.model import LEVELS, Ask, Place
from enishi.budgets.transfer.tables import Lines
from enishi.foundation.forms import clean_text, shortened
from enishi.foundation.previews import Fault

Cells: TypeAlias = list[str]
Placed: TypeAlias = tuple[int, Cells, int]
"""A line's number, its cells, and the place of its code."""
SKIP = -1
_NOTE = re.compile(r"\s*(?:[※*]|注|\(注|備考)")
_NAMED_TOTAL = re.compile(r".*[^会家統設]\s*計")
"""「民生費 計」 in a line without a code."""
_REVENUE = ("歳入", "収入")
_TOTAL_LEVELS = {"款": 0, "項": 1, "目": 2, "細目": 3, "事業": 3, "細事業": 4, "節": 5}


@dataclass(frozen=True)
class SumLine:
    """A line that says a sum. ``path`` is empty for the whole file; ``candidates`` where the line does not say of what."""

    row: int
    cells: Cells
    label: str
    path: str
    candidates: tuple[str, ...]


class Placing:
    """Keeps what was seen, so that a code is worked out once and looked up a million times.

    ``at`` says in which place each of our columns stands, ``money`` in which places amounts stand.
    """

    def __init__(
        self,
        lines: Lines,
        ask: Ask,
        at: Mapping[str, int],
        money: Sequence[int],
        refuse: Callable[[Fault], None],
    ) -> None:
        self.ask, self.money, self.refuse, self.width = ask, money, refuse, len(lines.headings)
        self.whole = WholeCodes(ask.code_layout, at, self.width) if "whole" in at else None
        self.at = {**at, **(self.whole.columns if self.whole else {})}
        self.code_at = [self.at.get(name) for name in CODES]
        self.name_at = [self.at.get(f"{name}_name") for name in CODES]
        self.repeats_codes = "stage" in at
        """A line for each stage: the second need not name the code again."""
        self.places: list[Place] = []
        self.sums: list[SumLine] = []
        self.note_rows: list[int] = []
        self.revenue_rows = 0
        self.side = ""
        self.known: dict[Any, int] = {}
        self.by_path: dict[str, int] = {}
        self.contexts: list[tuple[str, tuple[str, ...]]] = []
        self.context: tuple[str, tuple[str, ...]] = ("", ("",) * LEVELS)
        self.names_above: tuple[str, ...] = ("",) * LEVELS

    def placed(self, lines: Iterable[tuple[int, Cells]]) -> list[Placed]:
        """The lines that are of a code. The sums among the others are left in ``sums``."""
        width, known, whole, side_at = self.width, self.known, self.whole, self.at.get("side")
        code_places = [place for place in (self.at.get("account"), *self.code_at) if place is not None]
        pick = itemgetter(*code_places)
        found: list[Placed] = []
        self.sums = []
        for number, cells in lines:
            if len(cells) < width:
                cells = [*cells, *[""] * (width - len(cells))]
            if side_at is not None and self._is_revenue(cells, side_at):
                continue
            if whole is not None:
                cells = whole.widened(cells)
            raw = pick(cells)
            key = raw if "" not in raw else (raw, self.context, self._names(cells))
            index = known.get(key)
            if index is None:
                index = self._place(number, cells, key)
            if index != SKIP:
                self.context = self.contexts[index]
                found.append((number, cells, index))
        return found

    def is_deepest(self, index: int) -> bool:
        """Whether the place names the narrowest level that the file has a column for."""
        last = max((level for level, at in enumerate(self.code_at) if at is not None), default=0)
        return bool(self.places[index].codes[last])

    def remarks(self) -> list[str]:
        """Lines that were not read, so that a person can say whether they should have been."""
        found = self.whole.examples() if self.whole is not None else []
        if self.note_rows:
            shown = "、".join(str(number) for number in self.note_rows[:8])
            found.append(
                _("金額も科目もない行は、注記として読みませんでした: %(rows)s行目(%(count)s行)。")
                % {"rows": shown, "count": f"{len(self.note_rows):,}"}
            )
        return found

    def _is_revenue(self, cells: Cells, side_at: int) -> bool:
        """歳入 is not read. A blank cell says what the line above says, as joined cells do."""
        self.side = cells[side_at].strip() or self.side
        is_revenue = any(word in self.side for word in _REVENUE)
        if is_revenue and any(cell.strip() for cell in cells):
            self.revenue_rows += 1
        return is_revenue

    def _names(self, cells: Sequence[str]) -> tuple[str, ...]:
        places = (*self.name_at, self.at.get("whole_name"))
        return tuple(cells[place] for place in places if place is not None)

    def _place(self, number: int, cells: Cells, key: Any) -> int:
        """The place of a code that was not seen before; ``SKIP`` for sums, notes, empty lines and faults."""
        if not any(cell.strip() for cell in cells):
            return SKIP
        word = self._total_word(cells)
        if word is not None:
            self.sums.append(self._sum_line(number, cells, word))
            return SKIP
        if self._is_a_note(cells):
            self.note_rows.append(number)
            return SKIP
        found = self._codes(number, cells)
        if found is None:
            return SKIP
        account, codes, names, account_name = found
        path = "-".join([account, *(code for code in codes if code)])
        index = self.by_path.get(path)
        if index is None:
            index = len(self.places)
            self.places.append(Place(account, codes, path, names, account_name, number))
            self.contexts.append((account, codes))
            self.by_path[path] = index
        elif self.places[index].codes != codes:
            self._refuse_code(
                number,
                path,
                _("同じ番号の科目 %(path)s が、%(row)d行目では別の区分になっています。")
                % {"path": path, "row": self.places[index].row},
            )
            return SKIP
        self.known[key] = index
        return index

    def _is_a_note(self, cells: Sequence[str]) -> bool:
        """Words without money, and without a code or behind a ※: nothing is lost by leaving them, and it is said."""
        if any(cells[place].strip() for place in self.money):
            return False
        named = (*self.code_at, self.at.get("account"))
        first = unicodedata.normalize("NFKC", next(cell for cell in cells if cell.strip()))
        return bool(_NOTE.match(first)) or not any(
            cells[place].strip() for place in named if place is not None
        )

    def _refuse_code(self, number: int, value: str, why: str) -> None:
        self.refuse(Fault(number, _("科目"), shortened(value), why))

    def _total_word(self, cells: Sequence[str]) -> str | None:
        others = (self.at.get("whole_name"), self.at.get("account"), self.at.get("account_name"))
        for place in (*self.code_at, *self.name_at, *others):
            if place is not None and cells[place]:
                word = total_word(cells[place])
                if word is not None:
                    return word
        if not any(cells[place].strip() for place in self.code_at if place is not None):
            names = (cells[place] for place in (*self.name_at, *others[:1]) if place is not None)
            return "" if any(_NAMED_TOTAL.fullmatch(clean_text(name).strip()) for name in names) else None
        return None

    def _sum_line(self, number: int, cells: Cells, word: str) -> SumLine:
        label = next((cell.strip() for cell in cells if cell and total_word(cell) is not None), _("計"))
        return SumLine(number, cells, label, *self._scope(cells, word, label))

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
        if not given and self.repeats_codes and any(self.context[1]):
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
