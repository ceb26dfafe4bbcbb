"""Targets and present values in a stretch of text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from enishi.engines.policydoc.lines import Block
from enishi.engines.policydoc.model import Goal, Period, Present
from enishi.engines.policydoc.quantities import (
    Found,
    comparator_behind,
    comparator_in,
    due_in,
    period_behind,
    quantities,
    year_of,
)

_KEPT = re.compile(r"現状(?:\([^()]*\))?(?:を|の水準を|水準の?)?維持")
_TARGET_WORD = re.compile(r"^\s*(?:目標値?|達成目標|目標水準)\s*[::]?\s*")
_BETWEEN = re.compile(r"\s*(?:[、;；]|,(?!\d{3})|\s[/|]\s|(?<=\))/|/(?=令和|[RH]\d|20\d\d)|かつ)\s*")
_TERM = re.compile(r"短期|中期|長期|初年度|中間|最終|\d年目")
_BRACKETS = re.compile(r"[(\[](?P<inner>(?:[^()\[\]]|\([^()]*\))*)[)\]]")
_PARTS = re.compile(r"(?:[^、,;/]|,(?=\d{3}))+")
MOST_FURTHER = 12
"""A line with more quantities than this lists something else."""
_NOTHING = re.compile(r"[-–—―−ー‐/\s]*")


def goals_from(
    block: Block, start: int, end: int, *, plain: str | None = None, with_share: bool = True
) -> tuple[Goal, ...]:
    """Return the targets of a stretch: the one to reach in the end, then the others in the order of the text.

    ``plain`` may be the block's narrow text with blanks where something else (the present value) was taken out.

    >>> from enishi.engines.policydoc.lines import blocks_of
    >>> (block,) = blocks_of("80%(令和9年度)、年間90%以上(令和12年度)", stands_alone=len, begins_anew=len)
    >>> [(each.value, each.comparator, each.period, each.due.year) for each in goals_from(block, 0, len(block.text))]
    [(Decimal('90'), '以上', '年間', 2030), (Decimal('80'), None, '令和9年度', 2027)]
    """
    plain = (plain or block.plain)[start:end]
    skipped = _TARGET_WORD.match(plain)
    offset = skipped.end() if skipped else 0
    plain = " " * offset + plain[offset:]
    found = quantities(plain) or quantities(plain, with_counted=True)
    if not found:
        return _worded_goal(block, start, plain)
    outside = [each for each in found if not in_brackets(plain, each.start)] or found
    last = _last_of(outside, plain)
    others = [each for each in outside if each is not last and _states_a_target(each, last, plain)]
    if len(others) > MOST_FURTHER:
        others = []
    return tuple(
        _goal_of(block, start, plain, found, each, with_share=with_share) for each in (last, *others)
    )


def _worded_goal(block: Block, start: int, plain: str) -> tuple[Goal, ...]:
    """全部署, A評価以上, 現状維持: a target without a number."""
    quote = block.quote(start, start + len(plain.rstrip()))
    if _NOTHING.fullmatch(quote.words):
        return ()
    due = due_of(plain)
    period = due.words if due else None
    return (Goal(quote, None, comparator=comparator_in(plain), due=due, period=period),)


def _last_of(found: Sequence[Found], plain: str) -> Found:
    """Of several quantities the one to reach in the end: 最終, the latest year, the last of the terms, else what is told first."""
    # 中間(R8)100人以下、最終(R11)0人
    final = plain.rfind("最終")
    found = [each for each in found if each.start > final] or found
    statements = [statement for span in statements_in(plain) if (statement := _within(found, *span))]
    first = _told_in(statements[0])
    same = [told for each in statements if (told := _told_in(each)).unit == first.unit]
    years = {told: due.year for told in same if (due := _due_at(plain, found, told)) and due.year}
    if len(years) > 1:
        return max(years, key=lambda told: years[told])
    if len(same) > 1 and len(_TERM.findall(plain)) > 1:
        return same[-1]
    # 毎年度25人、4年間で100人以上
    return next((told for told in same if told.comparator), first)


def _told_in(found: Sequence[Found]) -> Found:
    return next((each for each in found if each.comparator), found[-1])


def _states_a_target(each: Found, last: Found, plain: str) -> bool:
    """True for a quantity in a statement of its own beside the target."""
    spans = statements_in(plain)
    apart = not any(start <= each.start < end and start <= last.start < end for start, end in spans)
    return apart and (each.unit == last.unit or bool(each.comparator or each.period))


@lru_cache(maxsize=256)
def statements_in(plain: str, start: int = 0) -> tuple[tuple[int, int], ...]:
    """Return the statements of a line, which 、 ; and / set apart outside brackets; each ends where the next begins."""
    starts, depth, at = [start], 0, start
    for found in _BETWEEN.finditer(plain, start):
        depth = max(0, depth + plain.count("(", at, found.start()) - plain.count(")", at, found.start()))
        at = found.start()
        if not depth:
            starts.append(found.end())
    return tuple(span for span in pairwise([*starts, len(plain)]) if span[0] < span[1])


def _within(found: Sequence[Found], start: int, end: int) -> list[Found]:
    return [each for each in found if start <= each.start < end]


def _due_at(plain: str, found: Sequence[Found], each: Found) -> Period | None:
    """The time named beside a quantity within its statement: 令和8年度に10団体、令和10年度に20団体."""
    start, end = next((start, end) for start, end in statements_in(plain) if start <= each.start < end)
    begin = max((other.end for other in found if start <= other.start < each.start), default=start)
    stop = min((other.start for other in found if each.start < other.start < end), default=end)
    # 2カ月以内 is the target itself, not the time to reach it.
    return due_of(without_asides(blanked(plain, each.start, each.end))[begin:stop])


def without_asides(plain: str) -> str:
    """The year of another value (参考:令和元年 全国20.7%) is no time to reach the target."""
    for bracket in _BRACKETS.finditer(plain):
        for part in _PARTS.finditer(plain, *bracket.span("inner")):
            if quantities(part.group()):
                plain = blanked(plain, *part.span())
    return plain


def _goal_of(
    block: Block, start: int, plain: str, found: Sequence[Found], each: Found, *, with_share: bool
) -> Goal:
    place = found.index(each)
    begin, end = start + each.start, start + each.end
    kept = _KEPT.search(plain)
    if kept and in_brackets(plain, each.start):
        # 現状維持(14.1%): the bracket says what is to be kept.
        begin, each = start + kept.start(), replace(each, comparator=each.comparator or "維持")
    elif kept and not each.comparator:
        # 31件(現状維持)
        each = replace(each, comparator="維持")
    elif in_brackets(plain, each.start) and not each.comparator:
        # 前年度(320人)以上
        each = replace(each, comparator=comparator_behind(plain, each.end))
    told = found[place]
    due = _due_at(plain, found, told) or due_of(without_asides(blanked(plain, told.start, told.end)))
    return Goal(
        quote=block.quote(begin, end),
        value=each.value,
        unit=each.unit,
        comparator=each.comparator,
        change=each.change,
        period=each.period or period_behind(plain, told.end) or (due.words if due else None),
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


def due_of(plain: str) -> Period | None:
    found = due_in(plain)
    if not found:
        return None
    return Period(plain[found[0] : found[1]].strip(), found[2])


def blanked(plain: str, start: int, end: int) -> str:
    """What was read is taken out, and the rest keeps its places."""
    return plain[:start] + " " * (end - start) + plain[end:]


def in_brackets(plain: str, at: int) -> bool:
    return plain.count("(", 0, at) > plain.count(")", 0, at)
