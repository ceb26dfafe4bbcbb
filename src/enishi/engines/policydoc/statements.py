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
from enishi.engines.policydoc.quantities import YEAR, Found, due_in, quantities, year_of

_METHOD = (
    r"(?:データ(?:の)?(?:取得|入手|収集|把握)(?:方法|手段|元|先)?|(?:取得|把握|測定|計測|算出|集計|調査|確認|収集|入手)方法|"
    r"データ(?:ソース|源|元|出所)|測り方|調べ方|確かめ方)"
)
_METHOD_AFTER_BAR = re.compile(rf"\s*[/|,;、]\s*{_METHOD}\s+(?P<method>\S.*?)\s*$")
_METHOD_INSIDE = re.compile(
    rf"\s*[\(\[【〔、,;/。|]?\s*{_METHOD}\s*[】〕\]]?\s*[::はをに]\s*(?P<method>[^()]*(?:\([^()]*\)[^()]*)*?)\s*[\)\]】〕]?\s*$"
)
_NOW = rf"(?:(?:{YEAR}末?(?:時点)?の?\s?)?現状値?|現在値?|現況値?|現行値?|基準値|(?<!\w)基準|実績値?|直近値?|ベースライン|当初値?|(?:調査|策定|計画|開始|着手|設置|導入|取組)(?:時点?|前)|{YEAR}(?:\d{{1,2}}月(?:\d{{1,2}}日)?)?\s?(?:度)?末?(?:実績値?|現在|時点|現状値?|値))"
_BASELINE = re.compile(
    # スフィア基準を満たす…: a 基準 that is part of the name is no present value.
    rf"[\(\[、,;/\s。]*(?P<words>(?:{_NOW})(?:値)?(?!比|より|を|に(?!は))\s*(?:\((?P<year>[^()]*)\))?\s*[::はの=]?\s*(?P<value>(?:(?!から|を\d|の\d+(?:\.\d+)?倍)[^::、,;/()\[\]。→⇒]|,(?=\d{{3}}))*\d(?:(?!から|を\d|の\d+(?:\.\d+)?倍)[^、,;/()\[\]。→⇒]|/(?=h)|,(?=\d{{3}}))*(?:\([^()]*\))?|なし|未実施|未導入|未設置|未把握|ゼロ|未整備|未策定|不明|なし))(?:[、,;\s]+(?P<asof>{YEAR}(?![^()]*(?:まで|目標))[^()、,;:]{{0,6}}))?\s*[\)\]]?"
)
_YEAR_VALUE = re.compile(
    rf"\s*\(\s*(?P<words>(?P<year>(?>{YEAR})(?P<then>末(?:時点)?)?)(?!(?<!度)\d|[年)~\-]|末?比)\s*(?P<colon>[::])?\s*(?P<value>[^()まで]*\d[^()まで]*))\s*\)"
)
_NOW_TO_THEN = re.compile(
    rf"\s*\(\s*(?P<words>(?:{_NOW}|{YEAR})[^()→⇒]*\d[^()→⇒]*?)\s*(?:→|⇒|➡|⇨)(?P<then>[^()]*)\)"
)

_TIMES = re.compile(r"^\d+(?:\.\d+)?倍")
_WORDED = re.compile(
    r"(?P<blank>\s+)(?:全[^\s率]{1,10}|(?:現状|水準)?維持|増加|減少|向上|拡大|継続|実施|毎年度?(?:実施|開催|増加|減少))(?:で?(?:の)?(?:実施|導入|設置|配置))?\s*$"
)
"""A target in words, set apart from the name by a blank: 導入部署数 全部署."""
_ARROW = re.compile(
    r"\s*(?:→|⇒|➡|⇨|->|=>|(?<=\d[%人件回円点])を(?=\d)|から(?=[^\s]{0,14}\d|倍増|半減|ゼロ))\s*"
)
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


def value_line(block: Block, start: int) -> LineRead:
    """Read what stands after 目標値: a target, perhaps with the present value beside it."""
    plain, method = _without_method(block, start)
    plain, baseline = _without_baseline(block, plain, start)
    arrow = _ARROW.search(plain, start)
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
    plain, baseline = _without_baseline(block, plain, start)
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
        found = []
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
    plain, baseline = _without_baseline(block, block.plain, start)
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
    for found in _ARROW.finditer(plain, start):
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
        if after and (wide or not plain[found.end() + begins : found.end() + after[0].start].strip()):
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
    words_before = re.search(rf"(?:{_NOW}|{YEAR}|約|平均)[:\sのはが]*$", plain[start : start + before.start])
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
    steps = [each.end() for each in _ARROW.finditer(plain, arrow.end()) if "から" not in each.group()]
    return next((end for end in reversed(steps) if quantities(plain[end:])), arrow.end())


def _without_method(block: Block, start: int) -> tuple[str, Quote | None]:
    found = _METHOD_INSIDE.search(block.plain, start + 1) or _METHOD_AFTER_BAR.search(block.plain, start + 1)
    if not found:
        return block.plain, None
    return block.plain[: found.start()], block.quote(found.start("method"), found.end("method"))


def present_in(block: Block) -> Present | None:
    """Return the present value if a cell states nothing else: 現状47.6%."""
    found = _BASELINE.fullmatch(block.plain)
    return present_from(block, *found.span("words")) if found else None


def _without_baseline(block: Block, plain: str, start: int) -> tuple[str, Present | None]:
    """Take the present value out of a line."""
    path = _NOW_TO_THEN.search(plain, start + 1)
    if path and quantities(plain[start : path.start()]):
        # 50%短縮(現状平均3.7カ月→1.85カ月): the target stands before the bracket, which only works it out.
        present = present_from(block, path.start("words"), path.end("words"))
        if quantities(path["then"]):
            return blanked(plain, *path.span()), present
        # (令和5年度132台→令和10年度末): what follows the arrow is the year of the target.
        return blanked(plain, path.start("words"), path.start("then")), present
    found = _BASELINE.search(plain, start + 1)
    if found and _TIMES.search(found["value"]) and quantities(found["year"] or ""):
        # 現状(42万人)の1.5倍
        present = present_from(block, *found.span("year"))
        return blanked(plain, found.start(), found.start("value")), present
    if found and _TIMES.search(found["value"]):
        # 現状の3倍 is a target; its bracket (現状86種) may still state what is.
        found = _BASELINE.search(plain, found.start("value"))
    if not found:
        found = _YEAR_VALUE.search(plain, start + 1)
        if found and not _is_past(plain[start : found.start()], found):
            found = None
    if not found or _ARROW.match(plain, found.end()):
        return plain, None
    value = found["value"].strip()
    if value and not re.search(r"\d", value) and not re.fullmatch(r"なし|ゼロ|不明|未.+", value):
        return plain, None
    present = present_from(block, found.start("words"), found.end("words"))
    year = found["year"] or found.groupdict().get("asof")
    if present and year:
        present = replace(present, year=year_of(year) or present.year)
    return blanked(plain, *found.span()), present


def _is_past(before: str, found: re.Match[str]) -> bool:
    """True if a year and a value in brackets state what was.

    A target stands before them; without a colon it must be told apart by its comparator or by its own later year.
    """
    goals = quantities(before)
    if not goals or found["colon"] or found["then"]:
        return bool(goals)
    if goals[-1].comparator:
        return not any(each.comparator for each in quantities(found["value"]))
    due, year = due_in(before), year_of(found["year"])
    return bool(due and due[2] and year and year < due[2])


def _colon(plain: str, start: int, stop: int) -> int | None:
    """Return the colon between name and target: the last one outside brackets that a target follows."""
    places, depth = [], 0
    for at in range(start, stop):
        each = plain[at]
        depth += each in "([「『【"
        depth -= each in ")]」』】" and depth > 0
        parts = each in ":=" or plain[at - 1 : at + 2] == " … "
        if parts and depth == 0 and plain[at + 1 : at + 2] not in ("/", ">") and at > start:
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
