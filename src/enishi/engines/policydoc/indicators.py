"""Indicators: their names, levels, targets, present values and methods, from lists, label lines and tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from enishi.engines.policydoc import vocabulary as words
from enishi.engines.policydoc.lines import Block
from enishi.engines.policydoc.model import Goal, Indicator, Kind, Level, Period, Present, Quote
from enishi.engines.policydoc.outline import is_title, label_of
from enishi.engines.policydoc.quantities import LONGEST, YEAR, Found, due_in, quantities, year_of
from enishi.engines.policydoc.vocabulary import Label

_METHOD = (
    r"(?:データ(?:の)?(?:取得|入手|収集|把握)(?:方法|手段|元|先)?|(?:取得|把握|測定|計測|算出|集計|調査|確認|収集|入手)方法|"
    r"データ(?:ソース|源|元|出所)|測り方|調べ方|確かめ方)"
)
_METHOD_AFTER_BAR = re.compile(rf"\s*[/|,;、]\s*{_METHOD}\s+(?P<method>\S.*?)\s*$")
_METHOD_INSIDE = re.compile(
    rf"\s*[\(\[【〔、,;/。|]?\s*{_METHOD}\s*[】〕\]]?\s*[::はをに]\s*(?P<method>[^()]*(?:\([^()]*\)[^()]*)*?)\s*[\)\]】〕]?\s*$"
)
_NOW = rf"(?:現状値?|現在値?|現況値?|基準値?|実績値?|直近値?|ベースライン|当初値?|{YEAR}\s?(?:度)?(?:実績値?|現在|時点|末時点|現状値?|値))"
_BASELINE = re.compile(
    rf"[\(\[、,;/\s。]*(?P<words>(?:{_NOW})(?:値)?\s*(?:\((?P<year>[^()]*)\))?\s*[::はの=]?\s*(?P<value>(?:(?!から)[^、,;/()。→⇒]|,(?=\d{{3}}))*\d(?:(?!から)[^、,;/()。→⇒]|,(?=\d{{3}}))*(?:\([^()]*\))?|なし|未実施|未導入|未設置|未把握|ゼロ|未整備|未策定|不明|なし))(?:[、,;\s]+(?P<asof>{YEAR}(?![^()]*(?:まで|目標))[^()、,;:]{{0,6}}))?\s*[\)\]]?"
)
_YEAR_VALUE = re.compile(rf"\s*\(\s*(?P<words>(?P<year>{YEAR})\s*[::]\s*(?P<value>[^()]*\d[^()]*))\s*\)")
_ARROW = re.compile(r"\s*(?:→|⇒|➡|⇨|->|=>|から(?=[^\s]{0,14}\d))\s*")
_TARGET_WORD = re.compile(r"^\s*(?:目標値?|達成目標|目標水準)\s*[::]?\s*")
_GOAL_TAIL = re.compile(r"[(、,/\s]*(?:目標値?|達成目標)\s*$")
_TAIL = re.compile(r"[\s::、,・\-=…|/をはがのに\(]+$")
_NOTHING = re.compile(r"[-–—―−ー‐/\s]*")
_NO_LEVEL = "KGI・KSI・KPIの別が書かれていない"


@dataclass(frozen=True, slots=True)
class _Read:
    """What one line says of an indicator."""

    name: Quote | None = None
    words: str = ""
    target: Goal | None = None
    baseline: Present | None = None
    method: Quote | None = None
    unsure: str | None = None


def goal_from(
    block: Block, start: int, end: int, *, plain: str | None = None, with_share: bool = True
) -> Goal | None:
    """Return the target that a stretch of a block states; None if there are no words.

    ``plain`` may be the block's narrow text with blanks where something else (the present value) was taken out.

    >>> from enishi.engines.policydoc.lines import blocks_of
    >>> (block,) = blocks_of("年間500件以上(令和9年度)", stands_alone=len, begins_anew=len)
    >>> goal = goal_from(block, 0, len(block.text))
    >>> goal.value, goal.unit, goal.comparator, goal.period, goal.due.year, goal.quote.words
    (Decimal('500'), '件', '以上', '年間', 2027, '年間500件以上')
    """
    plain = (plain or block.plain)[start:end]
    skipped = _TARGET_WORD.match(plain)
    offset = skipped.end() if skipped else 0
    found = quantities(plain[offset:])
    due = _due(plain)
    if not found:
        end = start + len(plain.rstrip())
        quote = block.quote(start + offset, end)
        if _NOTHING.fullmatch(quote.words):
            return None
        return Goal(quote, None, due=due, period=due.words if due else None) if quote.words else None
    each = next((every for every in found if every.comparator), found[-1])
    first, last = start + offset + each.start, start + offset + each.end
    # 2カ月以内 is the target itself, not the time to reach it.
    due = _due(plain[: offset + each.start] + " " * (each.end - each.start) + plain[offset + each.end :])
    return Goal(
        quote=block.quote(first, last),
        value=each.value,
        unit=each.unit,
        comparator=each.comparator,
        change=each.change,
        period=each.period or (due.words if due else None),
        due=due,
        upper=each.upper,
        qualifier=each.qualifier if with_share else None,
    )


def present_from(block: Block, start: int, end: int) -> Present | None:
    """Return the present value that a stretch of a block states."""
    quote = block.quote(start, end)
    if not quote.words or _NOTHING.fullmatch(quote.words):
        return None
    plain = block.plain[start:end]
    found = quantities(plain)
    each = found[0] if found else None
    return Present(
        quote=quote,
        value=each.value if each else None,
        unit=each.unit if each else None,
        qualifier=each.qualifier if each else None,
        year=year_of(plain),
    )


def indicators_of(blocks: Sequence[Block], *, measure: str | None) -> list[Indicator]:
    """Return the indicators of a region in order."""
    reader = _Indicators(blocks, measure)
    reader.read()
    return reader.found


class _Indicators:
    def __init__(self, blocks: Sequence[Block], measure: str | None) -> None:
        self.blocks, self.measure = blocks, measure
        self.found: list[Indicator] = []
        self.level: Level | None = None
        self.kind: Kind | None = None
        self.styles: set[tuple[str, int]] = set()
        self.columns: list[Label] = []
        self.due: Period | None = None
        self.waiting: Label | None = None

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
            if head.is_alone:
                self.waiting = None
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
            self._append(_named(block, start), block)
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
            self.found[-1] = replace(last, method=last.method or block.quote(start, end))
        elif kind is Label.BASELINE:
            self.found[-1] = replace(last, baseline=last.baseline or present_from(block, start, end))
        elif kind is Label.TARGET:
            read = _value_line(block, start)
            self.found[-1] = _settled(
                replace(last, target=read.target or last.target, baseline=last.baseline or read.baseline)
            )
        elif kind is Label.PERIOD and last.target and not last.target.due:
            due = _due(block.plain[start:]) or Period(block.words(start))
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
        read = _line(block, start)
        if read.target is None and read.baseline is None:
            if not self._may_stand_without_target(at, block, start):
                return
        elif not read.words:
            self._complete(read)
            return
        elif block.plain.rstrip().endswith("。") and (read.target is None or len(read.words) > 60):
            return
        self._append(read, block)

    def _complete(self, read: _Read) -> None:
        """A line with a value alone belongs to the indicator before it."""
        if self.found and self.found[-1].target is None and read.target is not None:
            last = self.found[-1]
            self.found[-1] = _settled(
                replace(last, target=read.target, baseline=last.baseline or read.baseline)
            )

    def _append(self, read: _Read, block: Block) -> None:
        if read.name is None or not read.words:
            return
        self.styles.add(block.style)
        unsure = read.unsure
        if self.level is None:
            unsure = unsure or _NO_LEVEL
        self.found.append(
            _settled(
                Indicator(
                    name=read.words,
                    quote=read.name,
                    measure=self.measure,
                    level=self.level,
                    kind=self.kind,
                    target=read.target,
                    baseline=read.baseline,
                    method=read.method,
                    unsure=unsure,
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
            read = _line(after, 0)
            if read.target and not read.words:
                return True
        return bool(start) or (block.style in self.styles and bool(block.mark))

    def _table(self, block: Block) -> bool:
        """A row of a table; the header says what the columns are."""
        cells = block.cells
        if len(cells) < 2:
            return False
        labels = [words.label_alone(block.plain[start:end]) for start, end in cells]
        known = [label for label in labels if label in words.COLUMNS]
        if (
            len(known) >= 2
            and (Label.TARGET in known or Label.NAME in known)
            and len(known) >= len(cells) - 1
        ):
            self.columns = [
                label if label in words.COLUMNS else Label.NAME if at == 0 else Label.DETAIL
                for at, label in enumerate(labels)
            ]
            self._due_of_header([block.plain[start:end] for start, end in cells])
            return True
        if all(re.fullmatch(r":?-+:?", block.plain[start:end]) for start, end in cells):
            return True
        first = words.level_head(block.plain[slice(*cells[0])])
        columns = self.columns
        if columns and first and first.is_alone and Label.LEVEL not in columns:
            # The level stands before the name without a heading of its own.
            columns = [Label.LEVEL, *columns]
        if not columns or len(cells) not in (len(columns), len(columns) - 1):
            return False
        if len(cells) < len(columns):
            # A merged first cell: the level of the row above goes on.
            if Label.LEVEL not in columns:
                return False
            columns = [column for column in columns if column is not Label.LEVEL]
        self._row(columns, [(block, start, end) for start, end in cells])
        return True

    def _due_of_header(self, cells: Sequence[str]) -> None:
        at = self.columns.index(Label.TARGET) if Label.TARGET in self.columns else None
        self.due = _due(cells[at]) if at is not None else None

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
        self.columns = columns
        self._due_of_header([block.plain for block in self.blocks[at : at + len(columns)]])
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
        read = _Read(name=block.quote(start, end), words=block.words(start, end))
        if Label.TARGET in fields:
            goal = goal_from(*fields[Label.TARGET])
            if goal and self.due and not goal.due:
                goal = replace(goal, due=self.due, period=goal.period or self.due.words)
            read = replace(read, target=goal)
        if Label.BASELINE in fields:
            read = replace(read, baseline=present_from(*fields[Label.BASELINE]))
        if Label.METHOD in fields:
            read = replace(read, method=fields[Label.METHOD][0].quote(*fields[Label.METHOD][1:]))
        self._append(read, block)
        if Label.PERIOD in fields:
            self._field(Label.PERIOD, _cut(fields[Label.PERIOD]), fields[Label.PERIOD][1])


def _cut(cell: tuple[Block, int, int]) -> Block:
    return cell[0]


def _due(plain: str) -> Period | None:
    found = due_in(plain)
    if not found:
        return None
    return Period(plain[found[0] : found[1]].strip(), found[2])


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


def _value_line(block: Block, start: int) -> _Read:
    """Read what stands after 目標値: a target, perhaps with the present value beside it."""
    plain, method = _without_method(block, start)
    plain, baseline = _without_baseline(block, plain, start)
    arrow = _ARROW.search(plain, start)
    if arrow and quantities(plain[start : arrow.start()]):
        return _Read(
            target=goal_from(block, arrow.end(), len(plain), plain=plain),
            baseline=baseline or present_from(block, start, arrow.start()),
            method=method,
        )
    return _Read(target=goal_from(block, start, len(plain), plain=plain), baseline=baseline, method=method)


def _line(block: Block, start: int) -> _Read:
    """Read one line: name, target, present value, method, in the ways such lines are written."""
    plain, method = _without_method(block, start)
    plain, baseline = _without_baseline(block, plain, start)
    stop = len(plain)
    arrow = _ARROW.search(plain, start)
    if (
        arrow
        and quantities(plain[arrow.end() : stop])
        and (before := quantities(plain[start : arrow.start()]))
    ):
        return _from_arrow(block, plain, start, arrow, before[-1], baseline, method)
    colon = _colon(plain, start, stop)
    if colon is not None:
        target = goal_from(block, colon + 1, stop, plain=plain)
        quote, name = _name(block, plain, start, colon)
        return _Read(quote, name, target, baseline, method, _doubt(plain[colon + 1 : stop]))
    gap = _gap(block, plain, start, stop)
    if gap is not None:
        quote, name = _name(block, plain, start, gap)
        target = goal_from(block, gap, stop, plain=plain)
        return _Read(quote, name, target, baseline, method, _doubt(plain[gap:stop]))
    found = quantities(plain[start:stop])
    if found and not _closes(plain[start + found[-1].end : stop]):
        found = []
    if not found:
        quote, name = _name(block, plain, start, stop)
        return _Read(quote, name, None, baseline, method)
    each = found[-1]
    if each.qualifier and each.qualifier.endswith("の"):
        each = replace(
            each, start=each.start + plain[start + each.start :].index(each.qualifier) + len(each.qualifier)
        )
    end = start + each.start
    due = due_in(plain[start:end].rstrip())
    if due and start + due[1] >= len(plain[:end].rstrip(" に、")):
        end = start + due[0]
    quote, name = _name(block, plain, start, end)
    target = goal_from(block, start + each.start, stop, plain=plain, with_share=False)
    if target and due and not target.due:
        period = Period(plain[start + due[0] : start + due[1]], due[2])
        target = replace(target, due=period, period=target.period or period.words)
    return _Read(quote, name, target, baseline, method, each.unsure)


def _named(block: Block, start: int) -> _Read:
    """Read what stands after 指標名: a name, rarely with its target."""
    read = _line(block, start)
    if read.target is not None and read.words:
        return read
    return _Read(name=block.quote(start), words=block.words(start))


def _gap(block: Block, plain: str, start: int, stop: int) -> int | None:
    """Return where a target begins after a blank: any wide blank, or a single one that the number follows at once."""
    for found in re.finditer(r"(?<=\S)\s+(?=\S)", block.text[:stop]):
        if found.start() <= start:
            continue
        if quantities(plain[start : found.start()]):
            return None
        after = quantities(plain[found.end() : stop])
        wide = found.group() == "\u3000" or len(found.group()) > 1
        if after and (wide or after[0].start == 0):
            return found.end()
    return None


def _closes(rest: str) -> bool:
    """True if what follows a quantity only ends the statement; a number in the middle of a name is no target."""
    return len(re.sub(r"\([^()]*\)|[\s。、]", "", rest)) <= 14


def _from_arrow(
    block: Block,
    plain: str,
    start: int,
    arrow: re.Match[str],
    before: Found,
    baseline: Present | None,
    method: Quote | None,
) -> _Read:
    begin = start + before.start
    colon = _colon(plain, start, arrow.start())
    left = colon + 1 if colon is not None else begin
    words_before = re.search(rf"(?:{_NOW}|約|平均)[:\sのはが]*$", plain[start : start + before.start])
    if words_before and colon is None:
        left = start + words_before.start()
    quote, name = _name(block, plain, start, colon if colon is not None else left)
    return _Read(
        quote,
        name,
        goal_from(block, arrow.end(), len(plain), plain=plain),
        baseline or present_from(block, left, arrow.start()),
        method,
    )


def _without_method(block: Block, start: int) -> tuple[str, Quote | None]:
    found = _METHOD_INSIDE.search(block.plain, start + 1) or _METHOD_AFTER_BAR.search(block.plain, start + 1)
    if not found:
        return block.plain, None
    return block.plain[: found.start()], block.quote(found.start("method"), found.end("method"))


def _without_baseline(block: Block, plain: str, start: int) -> tuple[str, Present | None]:
    """Take the present value out of a line; blanks keep the places of the rest."""
    found = _BASELINE.search(plain, start + 1)
    if not found:
        found = _YEAR_VALUE.search(plain, start + 1)
        if found and not quantities(plain[start : found.start()]):
            found = None
    if not found or _ARROW.match(plain, found.end()):
        return plain, None
    value = found["value"].strip()
    if value and not re.search(r"\d", value) and not re.fullmatch(r"なし|ゼロ|不明|未.+", value):
        return plain, None
    present = present_from(block, found.start("words"), found.end("words"))
    stated = found["year"] or found.groupdict().get("asof")
    if present and stated:
        present = replace(present, year=year_of(stated) or present.year)
    return plain[: found.start()] + " " * (found.end() - found.start()) + plain[found.end() :], present


def _colon(plain: str, start: int, stop: int) -> int | None:
    """Return the colon between name and target: the last one outside brackets that a target follows."""
    places, depth = [], 0
    for at in range(start, stop):
        each = plain[at]
        depth += each in "([「『【"
        depth -= each in ")]」』】" and depth > 0
        if each in "::" and depth == 0 and plain[at + 1 : at + 3] != "//" and at > start:
            places.append(at)
    for at in reversed(places):
        if quantities(plain[at + 1 : stop]):
            return at
    return next((at for at in places if plain[at + 1 : stop].strip()), None)


def _name(block: Block, plain: str, start: int, end: int) -> tuple[Quote, str]:
    for pattern in (_TAIL, _GOAL_TAIL, _TAIL):
        cut = pattern.search(plain[start:end])
        if cut and cut.start() > 0:
            end = start + cut.start()
    while start < end and plain[start] in ' *_"::':
        start += 1
    while end > start and plain[end - 1] in ' *_"::':
        end -= 1
    if plain[start:end].startswith("「") and plain[start:end].endswith("」"):
        start, end = start + 1, end - 1
    quote = block.quote(start, end)
    return quote, block.words(start, end)


def _doubt(plain: str) -> str | None:
    found = quantities(plain)
    if sum(1 for each in found if each.comparator) > 1:
        return "目標らしい数が複数ある"
    return found[-1].unsure if found else None
