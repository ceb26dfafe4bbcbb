"""A file of the financial system, read once for all stages in it. Every fault names its cell; nothing is guessed silently."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import IO

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from enishi.budgets.transfer.cells import UnreadableCellError, read_amount, total_word
from enishi.budgets.transfer.columns import FUNDS, plain_heading
from enishi.budgets.transfer.further import Further
from enishi.budgets.transfer.heading import faults_of_table, place_of, remarks_on_table
from enishi.budgets.transfer.model import Ask, AskedStage, Control, Reading
from enishi.budgets.transfer.placing import Cells, Placed, Placing, SumLine
from enishi.budgets.transfer.tables import Lines, open_table, seen_headings
from enishi.foundation.forms import shortened
from enishi.foundation.hidden_parts import told_columns
from enishi.foundation.money import in_yen
from enishi.foundation.previews import Fault
from enishi.foundation.spreadsheets import UnreadableTableError

Tell = Callable[[int], None]
LINES_AT_ONCE = 200
"""Few enough that the collector of garbage is not woken: with 5,000 the same file takes three times as long."""
MOST_SEEN = 200_000
"""Texts of amounts kept with their yen: the same ones come again and again."""


def read(file: IO[bytes], ask: Ask, tell: Tell | None = None) -> list[Reading]:
    """A reading for each stage asked for. What cannot be used stands in ``faults``; no table at all is one fault."""
    readings = [Reading() for _stage in ask.stages]
    wanted = [*ask.columns.values(), *(stage.amount for stage in ask.stages)]
    headings = [plain_heading(each) for each in wanted if each]
    # 「款」 over 「コード」 and 「名称」 begins two headings.
    beginnings = {each[:length] for each in headings for length in range(1, len(each) + 1)}

    def is_heading(cells: Sequence[str]) -> bool:
        return sum(plain_heading(cell) in beginnings for cell in cells if cell) >= 2

    try:
        whole = _File(open_table(file, is_heading), ask, readings)
        if not readings[0].faults:
            whole.read(tell or _quiet)
    except UnreadableTableError as refusal:
        for reading in readings:
            reading.refuse(Fault(1, _("ファイル"), "", str(refusal)))
    for reading in readings:
        reading.faults.sort(key=lambda fault: fault.row)
    return readings


def _quiet(done: int) -> None:
    return None


class _File:
    """The lines go by once: first each gets its code, then each stage takes its amounts."""

    def __init__(self, lines: Lines, ask: Ask, readings: Sequence[Reading]) -> None:
        self.lines, self.ask, self.readings = lines, ask, readings
        for reading in readings:
            reading.encoding = lines.encoding
        self.at = {name: self._place(heading) for name, heading in ask.columns.items()}
        amounts = [self._place(stage.amount) for stage in ask.stages]
        self.stages: list[_Stage] = []
        self.loose_sums: list[int] = []
        self.words: dict[str, str] = {}
        if readings[0].faults:
            return
        money = list(dict.fromkeys([*amounts, *(self.at[name] for name in FUNDS if name in self.at)]))
        for fault in faults_of_table(lines, ask, money):
            self._refuse(fault)
        self.placing = Placing(lines, ask, self.at, money, self._refuse)
        for asked, amount_at, reading in zip(ask.stages, amounts, readings, strict=True):
            reading.places = self.placing.places
            self.stages.append(_Stage(lines, ask, asked, self.placing, amount_at, reading))

    def _refuse(self, fault: Fault) -> None:
        for reading in self.readings:
            reading.refuse(fault)

    def _place(self, heading: str) -> int:
        """Where a column of the profile stands. Columns nobody sees are left out, as lines are."""
        place = place_of(heading, seen_headings(self.lines), self.ask.fiscal_year)
        if place is not None:
            return place
        unseen = place_of(heading, self.lines.headings, self.ask.fiscal_year)
        if unseen is None:
            why = _(
                "読み取りの設定にあるこの見出しの列がファイルにありません。設定を選び直すか、新しい設定を作ってください。"
            )
        else:
            why = _(
                "この見出しの%(column)s列は非表示なので、読みません。表示してから保存し直すか、この列のない設定を選んでください。"
            ) % {"column": get_column_letter(unseen + 1)}
        self._refuse(Fault(self.lines.heading_row, _("見出し"), shortened(heading), why))
        return -1

    def read(self, tell: Tell) -> None:
        rows, done = iter(self.lines.rows), 0
        while batch := list(islice(rows, LINES_AT_ONCE)):
            placed = self.placing.placed(batch)
            for stage in self.stages:
                stage.take(placed if "stage" not in self.at else self._of_stage(placed, stage))
            self._add_sums()
            done += len(batch)
            tell(done)
        for reading in self.readings:
            reading.revenue_rows = self.placing.revenue_rows
            reading.remarks += self._remarks()
        for stage in self.stages:
            stage.tell_hidden()

    def _remarks(self) -> list[str]:
        found = [*self.lines.notes]
        if self.lines.hidden_columns:
            found.append(told_columns(self.lines.hidden_columns))
        if not self.readings[0].faults:
            found += remarks_on_table(self.lines)
        if self.loose_sums:
            found.append(
                _("段階の書いていない合計の行は、突き合わせませんでした: %(rows)s行目。")
                % {"rows": "、".join(str(number) for number in self.loose_sums[:8])}
            )
        return [*found, *self.placing.remarks()]

    # --- A column that names the stage of each line -------------------------------------------------------------------------

    def _of_stage(self, placed: Iterable[Placed], stage: "_Stage") -> list[Placed]:
        said = stage.asked.said
        is_first = stage is self.stages[0]
        return [line for line in placed if self._said(line[0], line[1], tells=is_first) == said]

    def _said(self, number: int, cells: Cells, *, tells: bool) -> str:
        """Which stage a line is of; empty, and told once, where nobody knows. Without money it does not matter."""
        text = cells[self.at["stage"]]
        if text not in self.words:
            self.words[text] = unicodedata.normalize("NFKC", text).strip()
        said = self.words[text]
        if said in self.ask.stage_words:
            return said
        if tells and cells[self.stages[0].amount_at].strip():
            why = _(
                "この段階は読み取りの設定にありません。設定の「段階の書き方」に加えるか、行を直してください。"
            )
            if not said:
                why = _("段階が空です。どの段階の金額かを書いてください。")
            self._refuse(Fault(number, self.lines.headings[self.at["stage"]], shortened(said), why))
        return ""

    def _add_sums(self) -> None:
        for line in self.placing.sums:
            if "stage" not in self.at:
                for stage in self.stages:
                    stage.add_sum(line)
            elif not line.cells[self.at["stage"]].strip():
                self.loose_sums.append(line.row)
            else:
                said = self._said(line.row, line.cells, tells=True)
                for stage in self.stages:
                    if stage.asked.said == said:
                        stage.add_sum(line)


class _Stage:
    """The amounts of one stage, and into which reading they go."""

    def __init__(
        self, lines: Lines, ask: Ask, asked: AskedStage, placing: Placing, amount_at: int, reading: Reading
    ) -> None:
        self.lines, self.ask, self.asked, self.reading, self.amount_at = lines, ask, asked, reading, amount_at
        self.placing = placing
        self.further = Further(lines, ask, asked, reading, placing.at)
        self.seen: dict[str, int] = {}

    def take(self, lines: Iterable[Placed]) -> None:
        reading, further, seen, amount_at = self.reading, self.further, self.seen, self.amount_at
        places, amounts, rows, days = reading.place_of, reading.amounts, reading.rows, reading.day_of
        several, plain, default_day = self.ask.holds_several, further.is_nothing, further.default_day
        for number, cells, index in lines:
            text = cells[amount_at]
            if several and not text:
                continue
            amount = seen.get(text)
            if amount is None:
                amount = self._amount(number, text, index)
                if amount is None:
                    continue
                if len(seen) < MOST_SEEN:
                    seen[text] = amount
            day = default_day if plain else further.day(number, cells, index, amount)
            if day is None:
                continue
            places.append(index)
            amounts.append(amount)
            rows.append(number)
            days.append(day)

    def add_sum(self, line: SumLine) -> None:
        text = line.cells[self.amount_at]
        try:
            amount = read_amount(text, self.ask.unit)
        except UnreadableCellError as unreadable:
            self._refuse(line.row, text, str(unreadable))
            return
        if amount is not None:
            self.reading.controls.append(Control(line.row, line.label, amount, line.path, line.candidates))

    def tell_hidden(self) -> None:
        """How much money stands in the lines that nobody sees."""
        hidden = [self._yen_of(cells) for _number, cells in self.lines.hidden]
        if any(hidden):
            self.reading.remarks.append(
                _("読まなかった非表示の行の「%(heading)s」は、合わせて %(sum)s です。")
                % {"heading": self.lines.headings[self.amount_at], "sum": in_yen(sum(hidden))}
            )

    def _yen_of(self, cells: Sequence[str]) -> int:
        if any(cell and total_word(cell) is not None for cell in cells):
            return 0
        try:
            return read_amount(cells[self.amount_at], self.ask.unit) or 0
        except UnreadableCellError:
            return 0

    def _amount(self, number: int, text: str, index: int) -> int | None:
        try:
            amount = read_amount(text, self.ask.unit)
        except UnreadableCellError as unreadable:
            self._refuse(number, text, str(unreadable))
            return None
        # A line that only names a 款 or 項 stands above its parts, as in a budget book.
        if amount is None and not self.ask.holds_several and self.placing.is_deepest(index):
            self._refuse(number, "", _("金額が空です。0円のときは 0 と書いてください。"))
        return amount

    def _refuse(self, number: int, text: str, why: str) -> None:
        self.reading.refuse(Fault(number, self.lines.headings[self.amount_at], shortened(text), why))
