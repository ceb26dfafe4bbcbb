"""The document cut into regions: each begins with a heading of the family and holds what follows it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from enishi.engines.policydoc import vocabulary as words
from enishi.engines.policydoc.lines import Block
from enishi.engines.policydoc.model import Quote, Who
from enishi.engines.policydoc.quantities import quantities
from enishi.engines.policydoc.vocabulary import Label, Section

MEASURE, ACTION = "measure", "action"

_SENTENCE = re.compile(r"(?:ます|です|ました|ません|でした|でしょう|ください)$")
_LONG_SENTENCE = re.compile(r"(?:た|だ|いる|ある|れる|なる|ない|すべき|られる|する)$")
_RANKS = (
    rf"^{words.OPENING}?\s*支援策",
    rf"^{words.OPENING}?\s*(?:政策の柱|施策の柱|取組の柱|施策の方向|取組の方向|基本施策|個別施策|柱|戦略|基本方針|政策|重点)",
    rf"^{words.OPENING}?\s*(?:対応策|方策|打ち手|解決策|取組方針|提言|提案)",
    rf"^{words.OPENING}?\s*(?:施策|対策|プロジェクト)",
)
_UNDER_A_MEASURE = (Section.PURPOSE, Section.ACTIONS, Section.INDICATORS)
HEADED, INLINE = "headed", "inline"
_AMID = (ACTION, Section.ACTIONS)
_BIG = (
    Section.OVERVIEW,
    Section.SIGNIFICANCE,
    Section.CURRENT,
    Section.CHALLENGES,
    Section.SUPPORT,
    Section.PRIORITY,
)


_BEFORE_CHALLENGES = ("", Section.OVERVIEW, Section.SIGNIFICANCE, Section.CURRENT)


@dataclass
class Region:
    """A heading and what stands under it."""

    kind: str
    heading: Block | None = None
    blocks: list[Block] = field(default_factory=list)
    who: Who | None = None
    scope: str | None = None
    measure: int | None = None
    title: Quote | None = None
    title_words: str = ""
    number: str | None = None
    unsure: str | None = None
    first_at: int = 0
    """Where the content of the first block begins, if it stands on the heading's own line."""
    is_inline: bool = False
    """Indicators told amid an action, without a heading: the action goes on behind them."""


def is_title(block: Block, start: int = 0) -> bool:
    """True if a block may be a title: short, one phrase, no full stop.

    >>> from enishi.engines.policydoc.lines import blocks_of
    >>> [is_title(block) for block in blocks_of("移動手段の不足\\nバスが減っています。", stands_alone=len, begins_anew=len)]
    [True, False]
    """
    text = block.plain[start : told_head(block, start)].strip().strip("*").rstrip(":")
    if not text or len(text) > 70 or text[-1] in "。、.,;" or "。" in text:
        return False
    if _SENTENCE.search(text) or (len(text) > 30 and _LONG_SENTENCE.search(text)):
        return False
    return not text.startswith(("http", "(出典", "出典", "注"))


def told_head(block: Block, start: int = 0) -> int | None:
    """Return where the title at the head of a line ends: bold words (**甲市**:…), or a phrase that a sentence explains (題: …です。)."""
    begin = block.lines[0].start
    is_bold = block.source[begin - 2 : begin] == "**"
    found = (_BOLD_HEAD if is_bold else _TOLD_HEAD).match(block.plain)
    end = found.end("title") if found and (is_bold or block.mark) else None
    # **主な取組①**:… is bold up to the number only.
    return end if end and end > start else None


_BOLD_HEAD = re.compile(r"(?P<title>[^*]{2,60})\*\*\s*[::]")
_TOLD_HEAD = re.compile(r"(?P<title>[^::。()]{2,40}(?:\([^()]*\))?)\s*[::]\s*[^/\d][^::]*。$")


def title_of(block: Block, start: int = 0, end: int | None = None) -> tuple[Quote, str]:
    """Return a title without its brackets, bold marks and colon: its place and its words."""
    plain = block.plain
    end = (told_head(block, start) or len(plain)) if end is None else end
    while True:
        before = start, end
        while start < end and plain[start] in " \t*_:":
            start += 1
        while end > start and plain[end - 1] in " \t*_:":
            end -= 1
        start, end = _without_brackets(plain, start, end)
        if (start, end) == before:
            return block.quote(start, end), block.words(start, end)


def _without_brackets(plain: str, start: int, end: int) -> tuple[int, int]:
    inner = plain[start:end]
    if len(inner) < 2:
        return start, end
    for opening, closing in _PAIRS:
        if inner[-1] != closing:
            continue
        if inner[0] == opening and len(inner) > 2 and not {opening, closing} & set(inner[1:-1]):
            return start + 1, end - 1
        if inner.count(opening) < inner.count(closing):
            # The bracket was opened before the number: 【支援策①:…】
            return start, end - 1
    return start, end


_PAIRS = {
    ("「", "」"),
    ("【", "】"),
    ("<", ">"),
    ("〈", "〉"),
    ("《", "》"),
    ("≪", "≫"),
    ("[", "]"),
    ("〔", "〕"),
}


def regions_of(blocks: Sequence[Block]) -> list[Region]:
    """Return the regions of a document in order; what stands before the first heading is a region without one."""
    return _Outline([_without_bars(block) for block in blocks]).regions


def _without_bars(block: Block) -> Block:
    """| 目的 | 甲 |: a row of a measure's sheet says what 目的:甲 says."""
    if not block.plain.startswith("|") or len(block.cells) != 2:
        return block
    (start, _), (_, end) = block.cells
    row = block.part(start, end)
    heads = (words.measure_head, words.action_head, words.challenge_head, _INLINE.match)
    return row if any(head(row.plain) for head in heads) else block


class _Outline:
    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self.regions: list[Region] = [Region(kind="")]
        self.measures = 0
        self.rank = self._rank()
        self.implicit = set() if self.rank is not None else _implicit_measures(blocks)
        self.top_indent = 0
        for at, block in enumerate(blocks):
            if self.region.kind == Section.FOOTER:
                break
            self._take(at, block)

    @property
    def region(self) -> Region:
        return self.regions[-1]

    @property
    def measure(self) -> int | None:
        return self.measures - 1 if self.measures else None

    @cached_property
    def last_head(self) -> int:
        """Where the last measure or level of indicators begins."""
        heads = (block.lines[0].start for block in reversed(self.blocks) if _is_measure_or_level(block))
        return next(heads, -1)

    def _rank(self) -> int | None:
        """Return the word that numbers measures in this document: where 支援策 is used, 施策 numbers actions."""
        heads = [block for block in self.blocks if _is_head(block, words.measure_head(block.plain))]
        for rank, pattern in enumerate(_RANKS):
            if any(re.match(pattern, block.plain) for block in heads):
                return rank
        return None

    def _open(self, region: Region) -> None:
        self.regions.append(region)

    def _take(self, at: int, block: Block) -> None:
        plain = block.plain
        if self._measure(at, block) or self._action(block):
            return
        who = words.whose(plain)
        if who and (who[1] or self.region.kind == Section.CHALLENGES) and self._may_be_challenges(block):
            self.top_indent = block.indent
            self._open(Region(Section.CHALLENGES, block, who=who[0]))
            return
        if self._begins_with_who(block):
            return
        among_cases = self.region.kind == Section.CASES
        section = words.section_of(plain)
        if section is None or section is Section.CASES:
            scope = words.case_scope(plain, among_cases=among_cases)
            if scope and (among_cases or not block.mark or section):
                self._open(Region(Section.CASES, block, scope=scope))
                return
        if section is not None and self._opens(section, block):
            self._open_section(section, block)
            return
        if self._begins_with_section(block):
            return
        if self.region.kind != Section.INDICATORS and _is_table_header(block):
            self._open(Region(Section.INDICATORS, None, measure=self.measure))
        if self.region.kind in _BEFORE_CHALLENGES and _is_head(block, words.challenge_head(plain)):
            # 【課題1】… without a heading of its own above it.
            self._open(Region(Section.CHALLENGES, None))
        if self.region.kind != Section.INDICATORS and (told := self._tells_indicator(block)):
            self._open(Region(Section.INDICATORS, None, measure=self.measure, is_inline=told is INLINE))
        elif self.region.is_inline and not self._goes_on(block):
            self.regions[-2].blocks.append(block)
            return
        self.region.blocks.append(block)

    def _tells_indicator(self, block: Block) -> str | None:
        """Return whether a line without a heading of indicators above it heads some, or tells one amid other text."""
        head = words.level_head(block.plain)
        amid = self.region.kind in (MEASURE, ACTION, *_UNDER_A_MEASURE, Section.SUPPORT)
        if head and head.level and (head.is_alone or amid):
            return HEADED if head.is_alone or self.region.kind not in _AMID else INLINE
        named = begin_behind(Label.NAME, block)
        if named and self.region.kind in _AMID and quantities(block.plain[named:]):
            return INLINE
        return None

    def _goes_on(self, block: Block) -> bool:
        """Further indicators, and what explains them, stay with those told amid an action; its own sentences do not."""
        first = self.region.blocks[0]
        told = words.level_head(block.plain) or label_of(block) or label_of(self.region.blocks[-1])
        return (
            bool(told)
            or block.indent > first.indent
            or (not block.ends_sentence and bool(quantities(block.plain)))
        )

    def _may_be_challenges(self, block: Block) -> bool:
        return self.region.kind != Section.CASES or not block.mark

    def _measure(self, at: int, block: Block) -> bool:
        if at in self.implicit:
            quote, title = title_of(block)
            self._start_measure(block, quote, title, None)
            return True
        head = words.measure_head(block.plain)
        if (
            self.rank is None
            or head is None
            or not _is_head(block, head)
            or not re.match(_RANKS[self.rank], block.plain)
        ):
            return False
        ranked = _RANKED.search(block.plain)
        quote, title = title_of(block, head.end(), ranked.start() if ranked else None)
        self._start_measure(block, quote, title, block.words(*head.span("number")))
        return True

    def _start_measure(self, block: Block, quote: Quote, title: str, number: str | None) -> None:
        self.measures += 1
        self.top_indent = block.indent
        self._open(
            Region(
                MEASURE,
                block,
                measure=self.measure,
                title=quote if title else None,
                title_words=title,
                number=number,
            )
        )

    def _action(self, block: Block) -> bool:
        head = words.action_head(block.plain)
        if not self.measures and self.region.kind not in (Section.SUPPORT, ACTION, *_UNDER_A_MEASURE):
            return False
        if self.region.kind == Section.CASES:
            return False
        if head is None and self.rank is not None and self.rank < len(_RANKS) - 1:
            candidate = words.measure_head(block.plain)
            head = candidate if candidate and re.match(_RANKS[-1], block.plain) else None
        if head is None or not _is_head(block, head) or re.search("[②-⑳]", block.plain[head.end() :]):
            return False
        quote, title = title_of(block, head.end())
        self._open(
            Region(
                ACTION,
                block,
                measure=self.measure,
                title=quote if title else None,
                title_words=title,
                number=block.words(*head.span("number")),
            )
        )
        return True

    def _opens(self, section: Section, block: Block) -> bool:
        """A 概要 or 目的 within a case or an action names a detail, not a part of the document."""
        inner = (
            block.plain.rstrip().endswith(":")
            or block.mark in _DETAIL_MARKS
            or block.indent > self.top_indent
        )
        kind = self.region.kind
        if section is Section.FOOTER:
            # 担当課 or お問い合わせ amid the measures is no end of the document.
            return block.lines[0].start > self.last_head
        if kind == Section.CASES and section not in (
            Section.REFERENCES,
            Section.CLOSING,
            Section.CASES,
        ):
            return not inner
        if section is Section.REFERENCES and words.key_of(block.plain) == "参考":
            return not inner
        if kind in (Section.CHALLENGES, ACTION, Section.ACTIONS, Section.INDICATORS) and section in (
            Section.OVERVIEW, Section.CURRENT, Section.SIGNIFICANCE, Section.CHALLENGES,
        ):  # fmt: skip
            return not inner
        if kind == ACTION and section is Section.ACTIONS:
            return not inner
        return not (section is Section.ACTIONS and kind == Section.CHALLENGES and self.region.measure is None)

    def _open_section(self, section: Section, block: Block) -> None:
        if section in (*_BIG, Section.CASES, Section.REFERENCES):
            self.top_indent = block.indent
        measure = self.measure if section in _UNDER_A_MEASURE else None
        self._open(Region(section, block, measure=measure))

    def _begins_with_who(self, block: Block) -> bool:
        """住民の課題:移動の足がない — the heading and the first challenge on one line."""
        found = INLINE_WHO.match(block.plain)
        who = words.whose(found["who"]) if found else None
        if not found or not who or not who[1] or self.region.kind == Section.CASES:
            return False
        self._open(Region(Section.CHALLENGES, block, [block], who=who[0]))
        return True

    def _begins_with_section(self, block: Block) -> bool:
        """目的 and 主な取組 may be followed by their content on the same line."""
        found = _inline(block)
        if not found or self.region.kind == Section.CASES:
            return False
        if not self.measures and self.region.kind != Section.SUPPORT:
            return False
        if found["trouble"] and (self.region.kind not in _IN_A_SHEET or block.mark in _DETAIL_MARKS):
            return False
        section = next(section for name, section in _INLINE_SECTIONS if found[name])
        region = Region(section, block, measure=self.measure, first_at=found.end())
        region.blocks.append(block)
        self._open(region)
        return True


INLINE_WHO = re.compile(r"^[\[【〔(]?(?P<who>[^\s:】〕)、。]{1,12})\s*(?:[\]】〕)]\s*:?|:)\s*(?=\S)")
_RANKED = re.compile(r"\s*\((?:優先|重点|新規|継続|拡充)[^()]*\)\s*$")
_IN_A_SHEET = (MEASURE, Section.PURPOSE)
"""Where a 課題 on one line is a row of a measure's sheet."""
_INLINE_SECTIONS = (
    ("purpose", Section.PURPOSE),
    ("actions", Section.ACTIONS),
    ("trouble", Section.CHALLENGES),
)
_DETAIL_MARKS = ("・", "•", "-", "–", "*", "○", "◦", "▪", "∙", "·", "→", "‣", "+")
_INLINE = re.compile(
    rf"{words.OPENING}?(?:(?P<purpose>目\s*的|ねらい|狙い|目指す姿)|(?P<actions>主な取組|主な取り組み|主な取組み|具体的な取組|取組内容|主な事業)|(?P<trouble>(?:現状と|解決すべき|主な)?課題))"
    r"\**(?:\s*[\]】〕)>〉》]\s*:?|\s*[:|]|(?P<blank>\s+))\**\s*(?=\S)"
)


def _inline(block: Block) -> re.Match[str] | None:
    """Return the heading that its content follows on the same line, after a colon or a wide blank."""
    found = _INLINE.match(block.plain)
    if found and found["blank"]:
        blank = block.text[found.start("blank") : found.end("blank")]
        listed = "①" <= block.plain[found.end() : found.end() + 1] <= "⑳"
        wide = blank in ("\u3000", "\t") or len(blank) > 1
        return found if found["purpose"] or wide or listed else None
    return found


def _is_table_header(block: Block) -> bool:
    return words.is_table_header([words.column_of(block.plain[start:end]) for start, end in block.cells])


def _is_head(block: Block, head: re.Match[str] | None) -> bool:
    """A heading, not a sentence that begins with the same words (支援策①で目指す…)."""
    if head is None:
        return False
    rest = block.plain[head.end() :].strip()
    return (
        not rest.endswith(("。", "、"))
        and "。" not in rest
        and len(rest) <= 90
        and rest.count("」") == rest.count("「")
    )


def _is_measure_or_level(block: Block) -> bool:
    level = words.level_head(block.plain)
    return bool(level and level.is_alone) or _is_head(block, words.measure_head(block.plain))


def _implicit_measures(blocks: Sequence[Block]) -> set[int]:
    """Return the places of measure titles in a document that does not number its measures."""
    sections = [words.section_of(block.plain) for block in blocks]
    start = next((at for at, section in enumerate(sections) if section is Section.SUPPORT), None)
    under = [at for at in range(len(blocks)) if _is_under_a_measure(blocks[at], sections[at])]
    if start is None:
        start = max(under[0] - 2, -1) if under else -1
    under = [at for at in under if at > start + 1]
    if not under:
        return set()
    first = _first_title(blocks, sections, start + 1, under[0])
    if first is None:
        return set()
    style = blocks[first].style
    same = [
        at
        for at in range(first, len(blocks))
        if blocks[at].style == style
        and sections[at] is None
        and is_title(blocks[at])
        and not words.begins_anew(blocks[at].text)
    ]
    ends = [
        at
        for at, section in enumerate(sections)
        if section in (Section.CASES, Section.REFERENCES, Section.CLOSING) and at > start
    ]
    stop = ends[0] if ends else len(blocks)
    return {
        at
        for at, after in pairwise([*same, stop])
        if at < stop and any(at < place < after for place in under)
    }


def _is_under_a_measure(block: Block, section: Section | None) -> bool:
    return (
        section in _UNDER_A_MEASURE
        or _inline(block) is not None
        or bool((head := words.action_head(block.plain)) and _is_head(block, head))
    )


def _first_title(
    blocks: Sequence[Block], sections: Sequence[Section | None], start: int, stop: int
) -> int | None:
    begin = max((at + 1 for at in range(start, stop) if sections[at] is not None), default=start)
    return next((at for at in range(begin, stop) if is_title(blocks[at])), None)


def label_of(block: Block) -> tuple[Label, int | None] | None:
    """Return the label of a block; the second is where its content begins, None if the label stands alone."""
    alone = words.label_alone(block.plain)
    if alone is not None:
        return alone, None
    return words.label_first(block.plain)


def begin_behind(label: Label, block: Block) -> int | None:
    """Return where the content behind this label begins, 0 if the label stands alone; None if another one or none opens the block."""
    found = label_of(block)
    return (found[1] or 0) if found and found[0] is label else None
