"""A file as rows with named columns, its unit, and what was left out. Every fault names its cell."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import IO

from django.utils.translation import gettext as _

from enishi.foundation.hidden_parts import told_columns
from enishi.foundation.previews import Fault
from enishi.foundation.tables import Lines, column_letter, is_remark, open_table
from enishi.indicators import periods

FAULTS_KEPT = 200
_UNIT = re.compile(r"単位\s*:?\s*(?P<unit>[^\s()、,]{1,8})")
_IN_BRACKETS = re.compile(r"[(](?P<unit>[^()]{1,8})[)]\s*$")
_TOTAL = re.compile(r"(?:総|合|小|中)?計|総数|合\s*計")

ALIASES: dict[str, tuple[str, ...]] = {
    "code": ("指標番号", "指標コード", "番号", "コード", "code", "データ項目", "項目コード"),
    "name": (
        "指標名", "指標", "名称", "指標の名称", "項目名", "指標名称", "成果指標", "成果指標名", "評価指標", "評価指標名",
        "活動指標", "活動指標名", "指標項目", "数値目標", "kpi", "kgi", "kpi名", "重要業績評価指標",
    ),
    "period": ("年度", "期間", "時点", "年月", "対象期間", "時間軸", "調査年", "年次", "年", "time"),
    "value": ("値", "実績値", "実績", "数値", "現状値", "value", "観測値"),
    "dims": ("区分", "内訳"),
    "missing": ("欠測理由", "値がない理由", "欠測の理由"),
    "status": ("確かさ", "速報・確定", "確定区分"),
    "numerator": ("分子",),
    "denominator": ("分母",),
    "note": ("注記", "備考", "メモ"),
    "unit": ("単位", "unit"),
    "definition": ("定義", "説明", "算出方法", "指標の説明", "算出方法・出典", "算定方法", "計算方法", "指標の定義"),
    "role": ("役割", "種別", "KGI・KPI"),
    "stage": ("段階",),
    "direction": ("めざす向き", "方向", "方向性", "望ましい方向", "目指す方向", "めざす方向", "目指す方向性"),
    "section": ("担当課", "所管課", "担当部署", "主管課", "主担当課", "担当", "所管"),
    "source": ("出所", "出典", "データの出所"),
    "method": ("取得方法", "データ取得方法"),
    "frequency": ("値を入れる間隔", "頻度", "更新頻度"),
    "base_year": ("基準年度", "基準年"),
    "base_value": ("基準値", "策定時", "計画策定時", "当初値"),
    "target_year": ("目標年度",),
    "target_value": ("目標値", "目標", "最終目標", "目標数値"),
    "tolerance": ("許容幅",),
    "rationale": ("目標の根拠", "設定の根拠"),
}  # fmt: skip
_NAMED = {alias.lower(): name for name, several in ALIASES.items() for alias in several}


@dataclass
class Notes:
    """What the reader has to tell: faults (the first ones with their cells), and sentences on what it did."""

    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    sentences: list[str] = field(default_factory=list)

    def fault(self, row: int, column: str, value: str, reason: str) -> None:
        self.fault_count += 1
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append(Fault(row, column, value.strip()[:60], reason))

    def say(self, sentence: str) -> None:
        if sentence not in self.sentences and len(self.sentences) < 30:
            self.sentences.append(sentence)


@dataclass(frozen=True)
class Column:
    """A heading with what it means, its letter, and the unit it names."""

    index: int
    heading: str
    unit: str
    year: int | None = None
    """The fiscal year in brackets behind the heading: 基準値(R4), 目標値(令和9年度)."""

    @property
    def letter(self) -> str:
        return column_letter(self.index)

    def cell(self, row: int) -> str:
        """B12「値」."""
        return f"{self.letter}{row}「{self.heading}」"


@dataclass
class Sheet:
    """The columns that were understood, those that are periods (a wide table), and the rows."""

    columns: dict[str, Column]
    wide: list[tuple[Column, periods.Span]]
    others: list[Column]
    unit: str
    lines: Lines

    def refuse_without(self, notes: Notes, wanted: str) -> None:
        """A column that has to be there is not: what the headings are, and which one to rename."""
        found = _("、").join(f"「{heading.strip()}」" for heading in self.lines.headings if heading.strip())
        sentence = _(
            "%(wanted)sの列がありません。いまの見出しは%(found)sです。その列の見出しを書き直して、もう一度選んでください。"
        ) % {"wanted": wanted, "found": found[:200]}
        if {"表章項目", "時間軸"} & {plain_heading(heading) for heading in self.lines.headings}:
            sentence += _("e-Statの統計表なら、「何の表か」で「統計表」を選びます。")
        notes.fault(self.lines.heading_row, _("見出し"), "", sentence)

    def say_unread(self, notes: Notes) -> None:
        if self.others:
            names = _("、").join(each.heading for each in self.others)[:200]
            notes.say(_("使わない列: %(names)s") % {"names": names})

    def rows(self, notes: Notes) -> Iterator[tuple[int, list[str]]]:
        """Lines with anything in them; joined cells repeat what stands in them, sums inside the data are left out."""
        keys = [column for name in ("code", "name") if (column := self.columns.get(name))]
        filled = [(column, self._merged_in(column)) for column in [*keys, *self._more_keys()]]
        above: dict[int, str] = {}
        skipped: list[int] = []
        for number, cells in self.lines.rows:
            if not any(cell.strip() for cell in cells):
                continue
            if is_remark(cells):
                skipped.append(number)
                continue
            cells = [*cells, *[""] * (len(self.lines.headings) - len(cells))]
            for column, ranges in filled:
                if cells[column.index].strip():
                    above[column.index] = cells[column.index]
                elif any(first < number <= last for first, last in ranges):
                    cells[column.index] = above.get(column.index, "")
            if self._is_sum(keys, cells):
                skipped.append(number)
                continue
            yield number, cells
        if skipped:
            notes.say(
                _(
                    "%(count)d行は、合計か注記の行、または番号も名前もない行なので読みません(%(rows)s行目など)。"
                )
                % {"count": len(skipped), "rows": _("、").join(map(str, skipped[:5]))}
            )

    def _is_sum(self, keys: Sequence[Column], cells: Sequence[str]) -> bool:
        """Sums under each name, or a line that begins with 計 in a column that says nothing to us: 計, 6指標."""
        if keys and all(_is_total(cells[key.index]) or not cells[key.index].strip() for key in keys):
            return True
        first = next(index for index, cell in enumerate(cells) if cell.strip())
        return any(column.index == first for column in self.others) and _is_total(cells[first])

    def _more_keys(self) -> list[Column]:
        return [self.columns[name] for name in ("period", "dims", "section") if name in self.columns]

    def _merged_in(self, column: Column) -> list[tuple[int, int]]:
        return [
            (join.first_row, join.last_row)
            for join in self.lines.joins
            if join.last_row > join.first_row and join.covers(column.index)
        ]


def _is_total(text: str) -> bool:
    return bool(text.strip()) and bool(_TOTAL.fullmatch(unicodedata.normalize("NFKC", text).strip()))


def plain_heading(text: str) -> str:
    """Without unit, line breaks and width: 「実績値 (千円)」 is 実績値."""
    plain = unicodedata.normalize("NFKC", text).replace("\n", "").strip()
    return re.sub(r"\s*[(][^()]*[)]\s*$", "", plain).replace(" ", "").lower()


@lru_cache(maxsize=2_000)
def meaning(heading: str) -> str:
    """Which column it is, or nothing."""
    return _NAMED.get(plain_heading(heading), "")


@lru_cache(maxsize=2_000)
def span_in(heading: str) -> periods.Span | None:
    """The period a heading names: R7, 令和7年度実績."""
    plain = unicodedata.normalize("NFKC", heading).replace("\n", "").strip()
    plain = re.sub(r"\s*[(][^()]*[)]\s*$", "", plain)
    plain = re.sub(r"(?:実績|目標|計画|見込み?)?(?:の?値)?$", "", plain)
    if not plain or (plain.isdigit() and len(plain) != 4):
        return None
    try:
        return periods.read(plain)
    except periods.UnreadablePeriodError:
        return None


def is_goal(heading: str) -> bool:
    """令和9年度目標: what is wanted of the year, not what it brought."""
    return re.search(r"目標|計画", heading) is not None


def is_actual(heading: str) -> bool:
    """令和6年度実績."""
    return "実績" in heading


def is_heading_line(cells: Sequence[str]) -> bool:
    known = sum(bool(meaning(cell)) for cell in cells if cell)
    return known >= 2 or (known >= 1 and sum(span_in(cell) is not None for cell in cells if cell) >= 1)


def open_sheet(file: IO[bytes], notes: Notes) -> Sheet:
    """Raises ``UnreadableTableError`` with a sentence for what is no table."""
    lines = open_table(file, is_heading_line, has_joined_headings=True)
    for note in lines.notes:
        notes.say(note)
    columns: dict[str, Column] = {}
    wide: list[tuple[Column, periods.Span]] = []
    others: list[Column] = []
    if lines.hidden_columns:
        notes.say(told_columns(lines.hidden_columns))
    for index, heading in enumerate(lines.headings):
        if index in lines.hidden_columns:
            continue
        heading = _in_one_line(heading)
        column = Column(index, heading.replace("\n", " ").strip(), *_unit_or_year(heading))
        name = meaning(heading)
        span = None if name else span_in(heading)
        if name and name not in columns:
            columns[name] = column
        elif span is not None:
            wide.append((column, span))
        elif heading.strip():
            others.append(column)
    unit = next((found for each in lines.above if (found := _unit_in(each, _UNIT))), "")
    return Sheet(columns, wide, others, unit, lines)


def _in_one_line(heading: str) -> str:
    """A kind over a year, as printed tables have it: 実績値 over 令和8年度(見込) is 令和8年度実績値(見込)."""
    kind, _space, year = unicodedata.normalize("NFKC", heading).strip().partition(" ")
    if not meaning(kind) or span_in(year) is None:
        return heading
    if meaning(kind) == "base_value":
        return f"{kind}({year.strip()})"
    beside = re.search(r"\s*[(][^()]*[)]\s*$", year)
    return f"{year[: beside.start()]}{kind}{beside.group().strip()}" if beside else f"{year}{kind}"


def _unit_or_year(heading: str) -> tuple[str, int | None]:
    """What stands in brackets behind a heading is a unit, unless it is a year."""
    unit = _unit_in(heading)
    if not unit:
        return "", None
    try:
        return "", periods.read(unit).fiscal_year
    except periods.UnreadablePeriodError:
        return unit, None


def _unit_in(text: str, *patterns: re.Pattern[str]) -> str:
    """「単位:千円」 above a table, 「値(千円)」 in a heading."""
    plain = unicodedata.normalize("NFKC", text)
    for pattern in patterns or (_UNIT, _IN_BRACKETS):
        match = pattern.search(plain)
        if match:
            return match["unit"]
    return ""
