"""What one line or cell says of an indicator: name, target, present value, method."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from enishi.engines.policydoc.goals import (
    blanked,
    due_of,
    goals_from,
    in_brackets,
    present_from,
)
from enishi.engines.policydoc.lines import Block
from enishi.engines.policydoc.model import Goal, Period, Present, Quote
from enishi.engines.policydoc.presents import ARROW, NOW, without_present
from enishi.engines.policydoc.quantities import YEAR, Found, due_in, quantities

_METHOD = (
    r"(?:データ(?:の)?(?:取得|入手|収集|把握)(?:方法|手段|元|先)?|(?:取得|把握|測定|計測|算出|集計|調査|確認|収集|入手)方法|"
    r"データ(?:ソース|源|元|出所)|測り方|調べ方|確かめ方)"
)
_METHOD_AFTER_BAR = re.compile(rf"\s*[/|,;、]\s*{_METHOD}\s+(?P<method>\S.*?)\s*$")
_METHOD_INSIDE = re.compile(
    rf"\s*[\(\[【〔、,;/。|]?\s*{_METHOD}\s*[】〕\]]?\s*[::はをに]\s*(?P<method>[^()]*(?:\([^()]*\)[^()]*)*?)\s*[\)\]】〕]?\s*$"
)
_WORDED = re.compile(
    r"(?P<blank>\s+)(?:全[^\s率]{1,10}|(?:現状|水準)?維持|増加|減少|向上|拡大|継続|実施|毎年度?(?:実施|開催|増加|減少))(?:で?(?:の)?(?:実施|導入|設置|配置))?\s*$"
)
"""A target in words, set apart from the name by a blank: 導入部署数 全部署."""
_STEP = re.compile(rf"(?:{YEAR}|中間|最終|短期|中期|長期|初年度|\d年目)\s*$")
"""2026年度:50% is no indicator of the name 2026年度."""
_GOAL_TAIL = re.compile(r"[(、,/\s]*(?:目標値?|達成目標)\s*$")
_TAIL = re.compile(r"[\s::、,・\-=…‥|/→⇒➡⇨をはがのに\(]+$")


@dataclass(frozen=True, slots=True)
class LineRead:
    """What one line says of an indicator."""

    name: Quote | None = None
    words: str = ""
    goals: tuple[Goal, ...] = ()
    baseline: Present | None = None
    method: Quote | None = None
    unsure: str | None = None

    @property
    def target(self) -> Goal | None:
        return self.goals[0] if self.goals else None


def from_the_start(read: LineRead) -> LineRead:
    """100万人(2030年度)/42万人(2023年度): of two years the earlier one, told last, is where the indicator starts."""
    last, *others = read.goals or (None,)
    if last is None or last.due is None or last.due.year is None or read.baseline is not None:
        return read
    for goal in others:
        year = goal.due.year if goal.due else None
        if year and year < last.due.year and goal.quote.start > last.quote.start:
            present = Present(goal.quote, goal.value, goal.unit, goal.qualifier, year)
            return replace(
                read, goals=tuple(each for each in read.goals if each is not goal), baseline=present
            )
    return read


def counted_in(read: LineRead, unit: str | None) -> LineRead:
    """Numbers without a unit take the one that the name or the table gives."""
    if unit is None:
        return read
    goals = tuple(
        each if each.value is None else replace(each, unit=each.unit or unit) for each in read.goals
    )
    present = read.baseline
    if present and present.value is not None:
        present = replace(present, unit=present.unit or unit)
    return replace(read, goals=goals, baseline=present)


def value_line(block: Block, start: int) -> LineRead:
    """Read what stands after 目標値: a target, perhaps with the present value beside it."""
    plain, method = _without_method(block, start)
    plain, baseline = without_present(block, plain, start)
    arrow = ARROW.search(plain, start)
    if arrow and quantities(plain[start : arrow.start()]):
        return LineRead(
            goals=goals_from(block, arrow.end(), len(plain), plain=plain),
            baseline=baseline or present_from(block, start, arrow.start()),
            method=method,
        )
    return LineRead(goals=goals_from(block, start, len(plain), plain=plain), baseline=baseline, method=method)


def line_of(block: Block, start: int) -> LineRead:
    """Read one line: name, target, present value, method, in the ways such lines are written."""
    plain, method = _without_method(block, start)
    plain, baseline = without_present(block, plain, start)
    stop = len(plain)
    arrow = _arrow(plain, start)
    if (
        arrow
        and quantities(plain[arrow.end() : stop])
        and (before := quantities(plain[start : arrow.start()]))
    ):
        return _from_arrow(block, plain, start, arrow, before[-1], baseline, method)
    colon = _colon(plain, start, stop)
    if colon is not None:
        goals = goals_from(block, colon + 1, stop, plain=plain)
        quote, name = _name(block, plain, start, colon)
        return LineRead(quote, name, goals, baseline, method, _doubt(plain[colon + 1 : stop]))
    gap = _gap(block, plain, start, stop)
    if gap is not None:
        quote, name = _name(block, plain, start, gap)
        goals = goals_from(block, gap, stop, plain=plain)
        return LineRead(quote, name, goals, baseline, method, _doubt(plain[gap:stop]))
    found = quantities(plain[start:stop])
    if found and not _closes(plain[start + found[-1].end : stop]):
        found = ()
    if not found:
        told = _WORDED.search(plain, start + 1, stop)
        quote, name = _name(block, plain, start, told.start() if told else stop)
        goals = goals_from(block, told.end("blank"), stop, plain=plain) if told else ()
        return LineRead(quote, name, goals, baseline, method)
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
    goals = goals_from(block, start + each.start, stop, plain=plain, with_share=False)
    if (
        due
        and due[2] is None
        and end == start + each.start
        and (due[0] or plain[start + due[1] - 1] not in "にで")
    ):
        # 採用10年以内の離職率: a stretch of time within the name.
        due = None
    if due:
        goals = _until(goals, Period(plain[start + due[0] : start + due[1]], due[2]))
    return LineRead(quote, name, goals, baseline, method, each.unsure)


def sentence_of(block: Block, start: int) -> LineRead | None:
    """Read a sentence that states nothing but values, for the indicator named in the line above it.

    令和5年度の38万人を、令和11年度までに45万人以上とする。 The first of two values is the present one.
    """
    plain, baseline = without_present(block, block.plain, start)
    found = [each for each in quantities(plain[start:]) if not in_brackets(plain, start + each.start)]
    if not found or len(found) > 2:
        return None
    rest = plain[start:]
    for each in found:
        rest = blanked(rest, each.start, each.end)
    if len(_SAID_OF_VALUES.sub("", rest)) > 2:
        return None
    first = start + found[-1].start if len(found) == 2 else start
    begin = start + found[0].end if len(found) == 2 else start
    if len(found) == 2:
        baseline = baseline or present_from(block, start, begin)
    due = due_of(plain[begin:])
    goals = goals_from(block, first, len(plain.rstrip()), plain=plain)
    return LineRead(goals=_until(goals, due) if due else goals, baseline=baseline)


def _each_time(goals: tuple[Goal, ...], period: str | None) -> tuple[Goal, ...]:
    """1日4時間→2時間: the rhythm told with the present value is that of the target."""
    return tuple(replace(each, period=each.period or period) for each in goals)


def _until(goals: tuple[Goal, ...], due: Period) -> tuple[Goal, ...]:
    """The time that stands apart from the target is that of the last one."""
    if not goals or goals[0].due:
        return goals
    return replace(goals[0], due=due, period=goals[0].period or due.words), *goals[1:]


_SAID_OF_VALUES = re.compile(
    rf"{YEAR}|\d{{1,2}}月|末|時点|実績|現在|現状|基準|目標|水準|まで|から|より|以降|全て|すべて|すること|こと|する|とし|します|ます|し|抑え|高め|増や|減ら|引き?[上下]げ|"
    rf"伸ば|短縮|削減|縮減|向上|増加|減少|達成|到達|維持|めざ|目指|全|約|値|いる|ある|です|である|あり|だった|を|に|は|が|の|と|へ|で|も|す|る|た|、|。|・|[\s()「」]"
)


def _arrow(plain: str, start: int) -> re.Match[str] | None:
    """Return the arrow from the present to the target; a から before the colon (18歳から24歳までの…:) is part of the name."""
    colon = _colon(plain, start, len(plain))
    for found in ARROW.finditer(plain, start):
        if "から" not in found.group():
            return found
        if (colon is None or colon < found.end()) and not in_brackets(plain, found.start()):
            return found
    return None


def named(block: Block, start: int) -> LineRead:
    """Read what stands after 指標名: a name, rarely with its target."""
    read = line_of(block, start)
    if read.target is not None and read.words:
        return read
    return LineRead(name=block.quote(start), words=block.words(start))


def _gap(block: Block, plain: str, start: int, stop: int) -> int | None:
    """Return where a target begins after a blank: any wide blank, or a single one that the number follows at once."""
    for found in re.finditer(r"(?<=\S)\s+(?=\S)", block.text[:stop]):
        if found.start() <= start:
            continue
        if quantities(plain[start : found.start()]):
            return None
        after = quantities(plain[found.end() : stop])
        wide = found.group() == "\u3000" or len(found.group()) > 1
        due = due_in(plain[found.end() : stop])
        begins = due[1] if due and due[0] == 0 else 0
        if after and (wide or not plain[found.end() + begins : found.end() + after[0].start].strip(" :")):
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
) -> LineRead:
    begin = start + before.start
    colon = _colon(plain, start, arrow.start())
    left = colon + 1 if colon is not None else begin
    words_before = re.search(rf"(?:{NOW}|{YEAR}|約|平均)[:\sのはが]*$", plain[start : start + before.start])
    if words_before and colon is None:
        left = start + words_before.start()
    quote, name = _name(block, plain, start, colon if colon is not None else left)
    return LineRead(
        quote,
        name,
        _each_time(goals_from(block, _last_step(plain, arrow), len(plain), plain=plain), before.period),
        baseline or present_from(block, left, arrow.start()),
        method,
    )


def _last_step(plain: str, arrow: re.Match[str]) -> int:
    """Return where the last of several steps begins: 26.8% → 15%(令和8年度) → 5%以下(令和12年度)."""
    steps = [each.end() for each in ARROW.finditer(plain, arrow.end()) if "から" not in each.group()]
    return next((end for end in reversed(steps) if quantities(plain[end:])), arrow.end())


def _without_method(block: Block, start: int) -> tuple[str, Quote | None]:
    found = _METHOD_INSIDE.search(block.plain, start + 1) or _METHOD_AFTER_BAR.search(block.plain, start + 1)
    if not found:
        return block.plain, None
    return block.plain[: found.start()], block.quote(found.start("method"), found.end("method"))


def _colon(plain: str, start: int, stop: int) -> int | None:
    """Return the colon between name and target: the last one outside brackets that a target follows."""
    places, depth = [], 0
    for at in range(start, stop):
        each = plain[at]
        depth += each in "([「『【"
        depth -= each in ")]」』】" and depth > 0
        parts = each in ":=" or plain[at - 1 : at + 2] == " … "
        apart = parts and depth == 0 and at > start and plain[at + 1 : at + 2] not in ("/", ">")
        if apart and not _STEP.search(plain, start, at):
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
