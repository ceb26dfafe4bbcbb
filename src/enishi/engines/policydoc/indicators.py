"""Indicators: their names, levels, targets, present values and methods, from lists, label lines and tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from enishi.engines.policydoc import vocabulary as words
from enishi.engines.policydoc.goals import due_of, present_from, statements_in
from enishi.engines.policydoc.lines import Block, narrow
from enishi.engines.policydoc.model import Indicator, Kind, Level, Period, Quote
from enishi.engines.policydoc.outline import begin_behind, is_title, label_of
from enishi.engines.policydoc.presents import present_in
from enishi.engines.policydoc.quantities import LONGEST, YEAR, quantities, unit_named, year_of
from enishi.engines.policydoc.statements import (
    LineRead,
    counted_in,
    from_the_start,
    line_of,
    named,
    sentence_of,
    value_line,
)
from enishi.engines.policydoc.tables import columns_of_indicators
from enishi.engines.policydoc.vocabulary import Label

_NO_NAME = re.compile(r"(?:支援策|施策|取組|対策|提言|別?表|図|資料)(?:の)?")
"""支援策1の指標 heads a table; it is no indicator of the value 1."""
_STEP_NAME = re.compile(
    rf"(?P<name>{YEAR}末?|(?:中間|最終|短期|中期|長期)(?:目標)?(?:\({YEAR}末?\))?)(?:目標値?)?\s*[:::]\s*"
)
_NO_LEVEL = "KGI・KSI・KPIの別が書かれていない"


def indicators_of(blocks: Sequence[Block]) -> list[Indicator]:
    """Return the indicators of a region in order; ``measure`` is what a column of a table says of it."""
    reader = _Indicators(blocks)
    reader.read()
    return reader.found


class _Indicators:
    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self.found: list[Indicator] = []
        self.level: Level | None = None
        self.kind: Kind | None = None
        self.styles: set[tuple[str, int]] = set()
        self.columns: list[Label] = []
        self.told_measure: str | None = None
        self.method_above: Quote | None = None
        self.due: Period | None = None
        self.unit: str | None = None
        self.present_year: int | None = None
        self.waiting: Label | None = None
        self.told_together = 1
        """How many indicators the last line told: they share their method."""
        self.parent: Block | None = None
        """The line of the last indicator of a list: what stands deeper only explains it."""

    def read(self) -> None:
        at = 0
        while at < len(self.blocks):
            run = self._stacked_header(at)
            if run:
                at = self._stacked_rows(at, run)
                continue
            self._take(at, self.blocks[at])
            at += 1

    def _take(self, at: int, block: Block) -> None:
        plain = block.plain
        if self._table(block):
            return
        head = words.level_head(plain)
        if head is not None:
            self._set_level(head)
            if head.is_alone or self._is_caption(at, block, head.end):
                self.waiting = self.parent = None
                return
        start = head.end if head else 0
        label = label_of(block) if not start else None
        if self.waiting and label is None and not start:
            self._field(self.waiting, block, 0)
            self.waiting = None
            return
        self.waiting = None
        if label and self._labelled(label, block):
            return
        if re.fullmatch(r"[\s\-:|]+", plain) or block.mark == "※":
            return
        self._item(at, block, start)

    def _is_caption(self, at: int, block: Block, start: int) -> bool:
        """KSI:中間成果 above a list of indicators names none itself."""
        below = self.blocks[at + 1] if at + 1 < len(self.blocks) else None
        if below is None or below.style == block.style or below.indent < block.indent or below.ends_sentence:
            return False
        if label_of(below) or quantities(block.plain[start:]):
            return False
        read = line_of(below, 0)
        return bool(read.target and read.words)

    def _set_level(self, head: words.LevelHead) -> None:
        if head.level is not None:
            self.level, self.kind = head.level, head.kind
        else:
            self.level = self.level if self.level is Level.KPI else None
            self.kind = head.kind

    def _labelled(self, label: tuple[Label, int | None], block: Block) -> bool:
        kind, content = label
        if kind not in (*words.COLUMNS, Label.SOURCE, Label.EVIDENCE, Label.DETAIL):
            return False
        if kind is Label.NAME and content is None:
            return False
        if content is None or not block.plain[content:].strip():
            self.waiting = kind
            return True
        self._field(kind, block, content)
        return True

    def _field(self, kind: Label, block: Block, start: int) -> None:
        end = len(block.text)
        if kind is Label.NAME:
            self._append(named(block, start), block)
            return
        if kind is Label.LEVEL and (not self.found or self.found[-1].level is not None):
            # The level stands before the name: it is that of the indicator to come.
            head = words.level_head(block.plain[start:])
            if head and head.is_alone:
                self._set_level(head)
            return
        if not self.found:
            return
        last = self.found[-1]
        if kind is Label.LEVEL:
            self._level_field(last, block, start)
        elif kind is Label.METHOD:
            for at in range(len(self.found) - self.told_together, len(self.found)):
                each = self.found[at]
                self.found[at] = replace(each, method=each.method or block.quote(start, end))
        elif kind is Label.BASELINE:
            self.found[-1] = replace(last, baseline=last.baseline or present_from(block, start, end))
        elif kind is Label.TARGET:
            read = value_line(block, start)
            self.found[-1] = _aimed(last, read) if read.goals else last
        elif kind is Label.PERIOD and last.target and not last.target.due:
            due = due_of(block.plain[start:]) or Period(block.words(start))
            period = last.target.period or due.words
            self.found[-1] = replace(last, target=replace(last.target, due=due, period=period))

    def _level_field(self, last: Indicator, block: Block, start: int) -> None:
        head = words.level_head(block.plain[start:])
        if head and head.is_alone:
            unsure = None if head.level and last.unsure == _NO_LEVEL else last.unsure
            self.found[-1] = replace(last, level=head.level, kind=head.kind, unsure=unsure)

    def _item(self, at: int, block: Block, start: int) -> None:
        if len(block.plain) > LONGEST:
            return
        if not start and (self._told_of_the_last(block) or self._step_of_the_last(block)):
            return
        if not start and self._explains_the_last(at, block):
            return
        if self._several(block, start):
            return
        if "|" in block.plain[start:] and self._barred(block, start):
            return
        read = line_of(block, start)
        if read.target is None and read.baseline is None:
            if not self._may_stand_without_target(at, block, start):
                return
        elif not read.words:
            self._complete(read)
            return
        elif block.plain.rstrip().endswith("。") and (read.target is None or len(read.words) > 60):
            return
        self._append(read, block)

    def _barred(self, block: Block, start: int) -> bool:
        """名前|目標|取得方法 on one line, or | KGI | 名前 | 目標 | … | without a head that names the columns."""
        if block.plain.startswith("|"):
            cells = [block.part(*span) for span in block.cells]
            head = words.level_head(cells[0].plain)
            if head and head.is_alone:
                self._set_level(head)
                cells = cells[1:]
        else:
            bars = [start - 1, *(at for at in range(start, len(block.plain)) if block.plain[at] == "|")]
            cells = [block.part(one + 1, other) for one, other in pairwise([*bars, len(block.plain)])]
        if len(cells) not in (2, 3, 4) or not all(cell.plain.strip() for cell in cells):
            return False
        name, told, *rest = cells
        if not quantities(told.plain):
            return False
        read = replace(value_line(told, 0), name=name.quote(), words=name.words())
        for cell in rest:
            if (further := self._with_cell(read, cell)) is None:
                return False
            read = further
        self._append(read, block)
        return True

    def _with_cell(self, read: LineRead, cell: Block) -> LineRead | None:
        """What stands behind name and target between bars: the present value by its label, else how it is found out."""
        if present := present_in(cell):
            return replace(read, baseline=present)
        begin = begin_behind(Label.METHOD, cell)
        if read.method or len(quantities(cell.plain)) > 1:
            return None
        doubt = "最後の欄をデータ取得方法と読んだ" if begin is None else None
        return replace(read, method=cell.quote(begin or 0), unsure=doubt)

    def _told_of_the_last(self, block: Block) -> bool:
        """A sentence of values below the name of an indicator that has no target yet."""
        if not self.found or self.found[-1].target is not None:
            return False
        read = sentence_of(block, 0)
        if read is None or read.target is None:
            return False
        self._complete(read)
        return True

    def _step_of_the_last(self, block: Block) -> bool:
        """令和10年度:80% below an indicator: a step of its target, of which the latest counts."""
        step = _STEP_NAME.match(block.plain)
        if not self.found or step is None:
            return False
        read = value_line(block, step.end())
        if read.target is None or read.target.value is None:
            return False
        due = read.target.due or due_of(step["name"])
        goal = replace(read.target, due=due, period=read.target.period or (due.words if due else None))
        last = self.found[-1]
        goals = [*([last.target] if last.target else []), *last.further, goal]
        latest = max(goals, key=lambda each: (each.due.year or 0 if each.due else 0, each.quote.start))
        further = tuple(each for each in goals if each is not latest)
        self.found[-1] = _settled(replace(last, target=latest, further=further))
        return True

    def _explains_the_last(self, at: int, block: Block) -> bool:
        """Deeper than an indicator that has its target stand notes on it, unless the line is given a method of its own."""
        if self.parent is None or block.indent <= self.parent.indent or self.found[-1].target is None:
            return False
        below = self.blocks[at + 1] if at + 1 < len(self.blocks) else None
        return below is None or below.indent <= block.indent or begin_behind(Label.METHOD, below) is None

    def _several(self, block: Block, start: int) -> bool:
        """参加者数:500人以上、満足度:80%以上: each part has a name and a target of its own."""
        spans = statements_in(block.plain, start)
        reads = [line_of(part, 0) for part in (block.part(*span) for span in spans) if ":" in part.plain]
        if len(reads) < 2 or len(reads) < len(spans):
            return False
        if not all(read.words and read.target and read.target.value is not None for read in reads):
            return False
        if any(words.label_alone(read.words) or due_of(narrow(read.words)) for read in reads):
            return False
        for read in reads:
            self._append(read, block)
        self.told_together = len(reads)
        return True

    def _complete(self, read: LineRead) -> None:
        """A line with a value alone belongs to the indicator before it."""
        if self.found and self.found[-1].target is None and read.target is not None:
            self.found[-1] = _aimed(self.found[-1], read)

    def _append(self, read: LineRead, block: Block, measure: str | None = None) -> None:
        if read.name is None or not read.words or _NO_NAME.fullmatch(narrow(read.words)):
            return
        self.styles.add(block.style)
        self.parent, self.told_together = (None if block.cells else block), 1
        read, behind = _level_behind(from_the_start(counted_in(read, unit_named(narrow(read.words)))))
        assert read.name is not None
        level, kind = (behind.level, behind.kind) if behind else (self.level, self.kind)
        unsure = read.unsure
        if level is None:
            unsure = unsure or _NO_LEVEL
        self.found.append(
            _settled(
                Indicator(
                    name=read.words,
                    quote=read.name,
                    measure=measure,
                    level=level,
                    kind=kind,
                    target=read.target,
                    baseline=read.baseline,
                    method=read.method,
                    unsure=unsure,
                    further=read.goals[1:],
                )
            )
        )

    def _may_stand_without_target(self, at: int, block: Block, start: int) -> bool:
        if not is_title(block, start) or block.mark.startswith("#"):
            return False
        following = label_of(self.blocks[at + 1]) if at + 1 < len(self.blocks) else None
        if following and following[0] in (Label.METHOD, Label.TARGET, Label.BASELINE):
            return True
        after = self.blocks[at + 1] if at + 1 < len(self.blocks) else None
        if after and not label_of(after) and after.style != block.style and quantities(after.plain):
            if sentence_of(after, 0):
                return True
            read = line_of(after, 0)
            if read.target and not read.words:
                return True
        return bool(start) or (block.style in self.styles and bool(block.mark))

    def _table(self, block: Block) -> bool:
        """A row of a table; the header says what the columns are."""
        cells = block.cells
        if len(cells) < 2:
            return False
        heads = [block.plain[start:end] for start, end in cells]
        if columns := columns_of_indicators(heads):
            self._header(columns, heads)
            return True
        if all(re.fullmatch(r":?-+:?", block.plain[start:end]) for start, end in cells):
            return True
        first = words.level_head(block.plain[slice(*cells[0])])
        columns = self.columns
        if columns and first and first.is_alone and Label.LEVEL not in columns:
            # The level stands before the name without a heading of its own, or below an empty one.
            columns = [Label.LEVEL, *(columns[1:] if columns[0] is Label.DETAIL else columns)]
        if not columns or len(cells) not in (len(columns), len(columns) - 1):
            return False
        if len(cells) < len(columns):
            # A merged first cell: the level of the row above goes on.
            if Label.LEVEL not in columns:
                return False
            columns = [column for column in columns if column is not Label.LEVEL]
        self._row(columns, [(block, start, end) for start, end in cells])
        return True

    def _with_method(self, read: LineRead, cell: tuple[Block, int, int]) -> LineRead:
        """An empty cell below a filled one is the lower part of a merged cell."""
        block, start, end = cell
        if block.words(start, end):
            self.method_above = block.quote(start, end)
            return replace(read, method=self.method_above)
        doubt = "データ取得方法は、上の行と結合した欄と読んだ" if self.method_above else None
        return replace(read, method=self.method_above, unsure=read.unsure or doubt)

    def _header(self, columns: list[Label], cells: Sequence[str]) -> None:
        """A table begins: nothing of the one before goes on."""
        self.columns = columns
        self.told_measure = self.method_above = None
        at = self.columns.index(Label.TARGET) if Label.TARGET in self.columns else None
        self.due = due_of(cells[at]) if at is not None else None
        self.unit = unit_named(cells[at]) if at is not None else None
        at = self.columns.index(Label.BASELINE) if Label.BASELINE in self.columns else None
        self.present_year = year_of(cells[at]) if at is not None else None

    def _stacked_header(self, at: int) -> list[Label]:
        """Cells one to a line: a run of column names begins such a table."""
        run: list[Label] = []
        for block in self.blocks[at : at + 8]:
            label = words.label_alone(block.plain)
            if label not in words.COLUMNS or block.mark or label in run:
                break
            run.append(label)
        return run if len(run) >= 3 and Label.TARGET in run and Label.NAME in run else []

    def _stacked_rows(self, at: int, columns: list[Label]) -> int:
        self._header(columns, [block.plain for block in self.blocks[at : at + len(columns)]])
        at += len(columns)
        while at < len(self.blocks):
            row = self.blocks[at : at + len(columns)]
            whole = len(row) == len(columns) and not any(block.mark for block in row)
            if not whole and not self._short_row(row, columns):
                break
            if columns[0] is Label.LEVEL and words.level_head(row[0].plain) is None:
                shorter = columns[1:]
                self._row(shorter, [(block, 0, len(block.text)) for block in row[: len(shorter)]])
                at += len(shorter)
                continue
            self._row(columns, [(block, 0, len(block.text)) for block in row])
            at += len(columns)
        return at

    def _short_row(self, row: Sequence[Block], columns: Sequence[Label]) -> bool:
        """The last row of a table whose level cell is merged is one cell shorter."""
        return (
            columns[0] is Label.LEVEL
            and len(row) == len(columns) - 1
            and not any(block.mark for block in row)
            and words.level_head(row[0].plain) is None
        )

    def _row(self, columns: Sequence[Label], cells: Sequence[tuple[Block, int, int]]) -> None:
        fields = dict(zip(columns, cells, strict=False))
        if Label.LEVEL in fields:
            block, start, end = fields[Label.LEVEL]
            head = words.level_head(block.plain[start:end])
            if head:
                self._set_level(head)
        if Label.NAME not in fields:
            return
        block, start, end = fields[Label.NAME]
        head = words.level_head(block.plain[start:end])
        if head and not head.is_alone:
            self._set_level(head)
            start += head.end
        read = LineRead(name=block.quote(start, end), words=block.words(start, end))
        self.told_measure = _words_of(fields.get(Label.MEASURE)) or self.told_measure
        if Label.TARGET in fields:
            told = value_line(fields[Label.TARGET][0].part(*fields[Label.TARGET][1:]), 0)
            goal = told.target
            if goal and self.due and not goal.due:
                goal = replace(goal, due=self.due, period=goal.period or self.due.words)
            read = replace(read, goals=(goal, *told.goals[1:]) if goal else (), baseline=told.baseline)
        if Label.BASELINE in fields:
            present = present_from(*fields[Label.BASELINE])
            if present and present.value is not None and present.year is None:
                present = replace(present, year=self.present_year)
            read = replace(read, baseline=present)
        if Label.METHOD in fields:
            read = self._with_method(read, fields[Label.METHOD])
        if not read.words:
            return
        unit = _words_of(fields.get(Label.UNIT)) or self.unit
        self._append(counted_in(read, unit), block, self.told_measure)
        if Label.PERIOD in fields:
            self._field(Label.PERIOD, _cut(fields[Label.PERIOD]), fields[Label.PERIOD][1])


_BEHIND = re.compile(r"\s*[((\[【〔](?P<level>[^()()【】\[\]〔〕]{3,20})[))\]】〕]$")


def _level_behind(read: LineRead) -> tuple[LineRead, words.LevelHead | None]:
    """空き店舗率(KGI): the level may stand in brackets behind the name."""
    name = read.name
    found = _BEHIND.search(name.words) if name else None
    head = words.level_head(narrow(found["level"])) if found else None
    if name is None or found is None or head is None or not head.is_alone or head.level is None:
        return read, None
    cut = len(name.words) - found.start()
    quote = Quote(name.start, name.end - cut, name.words[:-cut])
    return replace(read, name=quote, words=read.words[:-cut]) if quote.words else read, head


def _words_of(cell: tuple[Block, int, int] | None) -> str | None:
    return (cell[0].words(*cell[1:]) or None) if cell else None


def _cut(cell: tuple[Block, int, int]) -> Block:
    return cell[0]


def _aimed(indicator: Indicator, read: LineRead) -> Indicator:
    """The indicator with the targets that a line of its own states."""
    read = from_the_start(read)
    return _settled(
        replace(
            indicator,
            target=read.target,
            further=read.goals[1:],
            baseline=indicator.baseline or read.baseline,
        )
    )


def _settled(indicator: Indicator) -> Indicator:
    if indicator.target is None:
        return replace(indicator, unsure=indicator.unsure or "目標が読み取れない")
    if indicator.target.value is None and not indicator.unsure:
        return replace(indicator, unsure="目標が数で書かれていない")
    if indicator.target.value is not None and indicator.unsure in (
        "目標が読み取れない",
        "目標が数で書かれていない",
    ):
        return replace(indicator, unsure=None)
    return indicator
