"""What an indicator starts from: the present value told within a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from enishi.engines.policydoc.goals import blanked, due_of, in_brackets, present_from, without_asides
from enishi.engines.policydoc.lines import Block
from enishi.engines.policydoc.model import Present
from enishi.engines.policydoc.quantities import YEAR, quantities, year_of

NOW = rf"(?:(?:{YEAR}末?(?:時点)?の?\s?)?現(?:状|在|況|行|有|存)値?|従(?:来|前)値?|基準値|(?<!\w)基準|実績値?|直近値?|ベースライン|(?<=\()(?:前年度?|昨年度?|前回)(?:調査|末)?|当初値?|(?:調査|策定|計画|開始|着手|設置|導入|取組)(?:時点?|前)|{YEAR}(?:\d{{1,2}}月(?:\d{{1,2}}日)?)?\s?(?:度)?末?(?:実績値?|現在|時点|現状値?|値))"
_BASELINE = re.compile(
    # スフィア基準を満たす…: a 基準 that is part of the name is no present value.
    rf"[\(\[、,;/\s。]*(?P<words>(?:{NOW})(?:値)?(?!比|より|と|を|に(?!は))\s*(?:\((?P<year>[^()]*)\))?\s*[::はの=]?\s*(?P<value>(?:(?!から|を\d|の\d+(?:\.\d+)?倍)[^::、,;/()\[\]。→⇒]|,(?=\d{{3}}))*\d(?:(?!から|を\d|の\d+(?:\.\d+)?倍)[^、,;/()\[\]。→⇒]|/(?=h)|,(?=\d{{3}}))*(?:\([^()]*\))?|なし|未実施|未導入|未設置|未把握|ゼロ|未整備|未策定|不明|なし))(?:[、,;\s]+(?P<asof>{YEAR}(?![^()]*(?:まで|目標))[^()、,;:]{{0,6}}))?\s*[\)\]]?"
)
_STANDING = r"(?:\d{1,2}月(?:\d{1,2}日)?)?(?P<then>末?(?:時点|現在|平均|実績)|末|当初)?"
_DATED = (
    re.compile(
        rf"(?P<year>(?>{YEAR}))(?!(?<![年度])\d|[年~\-]|末?比){_STANDING}\s*(?P<colon>[::/])?\s*(?P<value>(?!.*まで).*\d.*)"
    ),
    re.compile(rf"(?P<value>[^::/]*\d[^::/]*?)\s*(?P<colon>[::/(])\s*(?P<year>{YEAR}){_STANDING}\)?"),
)
"""令和5年度 46.7%, 1,130人/令和5年度末"""
_BRACKETS = re.compile(r"[(\[](?P<bracketed>(?:[^()\[\]]|\([^()]*\))*)[)\]]|※(?P<noted>[^※]*)$")
_PART = re.compile(r"(?:[^、,;]|,(?=\d{3}))+")
_FINER = re.compile(r"(?:[^、,;/]|,(?=\d{3}))+")
"""1,130人/令和5年度末 is one part, 令和11年度まで/令和5年度12.4% are two."""
_TO_COME = re.compile(r"\s*(?:→|⇒|➡|⇨)\s*")
_TIMES = re.compile(r"^\d+(?:\.\d+)?倍")
ARROW = re.compile(
    r"\s*(?:→|⇒|➡|⇨|->|=>|(?:(?<=\d[^\s\d])|(?<=\d[^\s\d]{2})|(?<=\d[^\s\d]{3}))を(?=(?:約|年間?|月|平均)?\d)|から(?=[^\s]{0,14}\d|倍増|半減|ゼロ))\s*"
)


def present_in(block: Block) -> Present | None:
    """Return the present value if a cell states nothing else: 現状47.6%."""
    found = _BASELINE.fullmatch(block.plain)
    return present_from(block, *found.span("words")) if found else None


def without_present(block: Block, plain: str, start: int) -> tuple[str, Present | None]:
    """Take the present value out of a line: the text with blanks in its place, and the value."""
    for read in (_worked_out, _marked, _dated):
        rest, present = read(block, plain, start)
        if present is not None:
            return rest, present
    return plain, None


def _worked_out(block: Block, plain: str, start: int) -> tuple[str, Present | None]:
    """50%短縮(現状平均3.7カ月→1.85カ月): the target stands before the bracket, which only works it out."""
    for bracket, inner in _brackets(plain, start):
        arrow = _TO_COME.search(plain, *inner)
        if arrow is None or not quantities(plain[start : bracket[0]]):
            continue
        before = plain[inner[0] : arrow.start()]
        then = plain[arrow.end() : inner[1]]
        if not quantities(before) or not (quantities(then) or re.match(rf"{NOW}|{YEAR}", before)):
            continue
        present = present_from(block, inner[0], arrow.start())
        if quantities(then):
            return blanked(plain, *bracket), present
        # (令和5年度132台→令和10年度末): what follows the arrow is the year of the target.
        return blanked(plain, inner[0], arrow.end()), present
    return plain, None


def _marked(block: Block, plain: str, start: int) -> tuple[str, Present | None]:
    """現状46.7%, 令和5年度実績3件: a word says that this is the present value."""
    found = _BASELINE.search(plain, start + 1)
    if found and _TIMES.search(found["value"]) and quantities(found["year"] or ""):
        # 現状(42万人)の1.5倍
        present = present_from(block, *found.span("year"))
        return blanked(plain, found.start(), found.start("value")), present
    told_before = (
        found and in_brackets(plain, found.start("value")) and quantities(plain[start : found.start()])
    )
    if found and _TIMES.search(found["value"]) and not told_before:
        # 現状の3倍 is a target; its bracket (現状86種) may still state what is.
        found = _BASELINE.search(plain, found.start("value"))
    if not found or ARROW.match(plain, found.end()):
        return plain, None
    value = found["value"].strip()
    if value.endswith("比"):
        # 直近3か年平均比 says what the target is measured by.
        return plain, None
    if value and not re.search(r"\d", value) and not re.fullmatch(r"なし|ゼロ|不明|未.+", value):
        return plain, None
    present = present_from(block, *found.span("words"))
    year = year_of(found["year"] or found["asof"] or "")
    if present and year:
        present = replace(present, year=year)
    return blanked(plain, *found.span()), present


def _dated(block: Block, plain: str, start: int) -> tuple[str, Present | None]:
    """70%以上(令和5年度46.7%): a year and a value in brackets behind the target state what was."""
    for bracket, inner in _brackets(plain, start):
        if not quantities(plain[start : bracket[0]]) or ARROW.match(plain, bracket[1]):
            continue
        past = [span for span in _parts(plain, *inner) if _is_past(plain, start, bracket[0], span)] or [
            span for span in _parts(plain, *inner, _FINER) if _is_past(plain, start, bracket[0], span)
        ]
        if past:
            rest = plain
            for begin, end in past:
                rest = blanked(rest, begin, end)
            if not rest[slice(*inner)].strip("、,; "):
                rest = blanked(rest, *bracket)
            return rest, present_from(block, *past[0])
    return plain, None


def _brackets(plain: str, start: int) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    for found in _BRACKETS.finditer(plain, start + 1):
        yield found.span(), found.span("bracketed" if found["bracketed"] is not None else "noted")


def _parts(plain: str, start: int, end: int, pattern: re.Pattern[str] = _PART) -> Iterator[tuple[int, int]]:
    for found in pattern.finditer(plain, start, end):
        begin = found.start() + len(found.group()) - len(found.group().lstrip())
        yield begin, begin + len(found.group().strip())


def _is_past(plain: str, start: int, stop: int, span: tuple[int, int]) -> bool:
    """True if a part of a bracket is a year and a value that state what was.

    A target stands before them; without a colon it must be told apart by its comparator or by its own later year.
    """
    found = next((found for pattern in _DATED if (found := pattern.fullmatch(plain, *span))), None)
    goals = quantities(plain[start:stop])
    if not found or not goals or not quantities(found["value"]):
        return False
    if found["colon"] or found["then"]:
        return True
    if goals[-1].comparator:
        return not any(each.comparator for each in quantities(found["value"]))
    due = due_of(without_asides(blanked(plain, *span))[start:])
    year = year_of(found["year"])
    return bool(due and due.year and year and year < due.year)
