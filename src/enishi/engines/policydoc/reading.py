"""Read a policy document: its regions, and in each what the family writes there."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from enishi.engines.core import InvalidInputError
from enishi.engines.policydoc import vocabulary as words
from enishi.engines.policydoc.facts import Facts, claim_from, facts_of, source_from, traced
from enishi.engines.policydoc.indicators import indicators_of
from enishi.engines.policydoc.lines import Block, blocks_of, narrow
from enishi.engines.policydoc.model import (
    Action,
    Case,
    Challenge,
    Evidence,
    Indicator,
    Measure,
    PolicyDocument,
    Quote,
    Source,
    Who,
)
from enishi.engines.policydoc.outline import (
    ACTION,
    INLINE_WHO,
    MEASURE,
    Region,
    begin_behind,
    is_title,
    label_of,
    regions_of,
    title_of,
)
from enishi.engines.policydoc.references import references_in
from enishi.engines.policydoc.tables import Cell, Row, rows_of
from enishi.engines.policydoc.titles import is_label, title_of_span, titles_in
from enishi.engines.policydoc.vocabulary import Section

MAX_CHARACTERS = 1_000_000

_PLACE = re.compile(
    r"^[「『]?(?P<place>[^\s「」、。::(・]{1,12}?(?:都|道|府|県|市|区|町|村)(?:[^\s「」、。::(]{1,8}?(?:市|区|町|村))?)(?=[「『\s::(、・のでがは]|$)"
)

_UNTITLED = "題が書かれていない"


def read(text: str) -> PolicyDocument:
    """Find the structure of a municipal policy document in plain text.

    Parameters
    ----------
    text : str, at most a million characters
        As it is: nothing is normalised, so that every ``Quote`` is ``text[start:end]``.

    Returns
    -------
    PolicyDocument
        What was found, in the order of the text. Nothing is invented: an item without words in the text does not exist, what
        had to be guessed says why in ``unsure``, and ``not_found`` names what the document does not give.

    Raises
    ------
    InvalidInputError
        If ``text`` is longer than a million characters.

    Examples
    --------
    >>> document = read('''課題
    ... 住民の課題
    ... 通院の足がない
    ...   ・路線バスは一日二便です。
    ... 支援策①:予約型の乗合交通
    ... 主な取組①:予約窓口の一本化
    ... KGI・KSI・KPI
    ...   ・KGI
    ...     ・通院をあきらめた人の割合:5%以下(現状平均18.4%)
    ...       ・データ取得方法:高齢者調査
    ... ''')
    >>> [(each.who.value, each.title) for each in document.challenges]
    [('住民', '通院の足がない')]
    >>> [each.title for each in document.measures], [each.title for each in document.actions]
    (['予約型の乗合交通'], ['予約窓口の一本化'])
    >>> indicator = document.indicators[0]
    >>> indicator.name, indicator.target.value, indicator.target.comparator, indicator.baseline.value
    ('通院をあきらめた人の割合', Decimal('5'), '以下', Decimal('18.4'))
    """
    if len(text) > MAX_CHARACTERS:
        raise InvalidInputError("text", f"has {len(text):,} characters, at most {MAX_CHARACTERS:,}")
    blocks = blocks_of(text, stands_alone=words.stands_alone, begins_anew=words.begins_anew)
    reader = _Reader(regions_of(blocks))
    return reader.document()


@dataclass
class _Measure:
    measure: Measure
    weight: int = 0
    """How much stands under it; a title that only an overview lists has nothing."""
    is_named: bool = True
    """False for a number alone."""


@dataclass
class _Reader:
    regions: list[Region]
    measures: list[_Measure] = field(default_factory=list)
    actions: list[tuple[int | None, Action]] = field(default_factory=list)
    challenges: list[Challenge] = field(default_factory=list)
    indicators: list[tuple[int | None, Indicator]] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def document(self) -> PolicyDocument:
        for region in self.regions:
            self.seen.add(region.kind)
            self._readers().get(region.kind, self._other)(region)
        names = self._names()
        self._trace()
        found = PolicyDocument(
            measures=tuple(each.measure for at, each in enumerate(self.measures) if names[at][1]),
            actions=tuple(replace(each, measure=_name(names, at)) for at, each in self.actions),
            challenges=tuple(self.challenges),
            indicators=tuple(
                replace(each, measure=_name(names, self._told_measure(each, at)))
                for at, each in self.indicators
            ),
            evidence=tuple(sorted(self.evidence, key=lambda each: each.quote.start)),
            sources=tuple(self.sources),
            cases=tuple(self.cases),
        )
        return replace(found, not_found=tuple(_not_found(found, self.seen)))

    def _told_measure(self, indicator: Indicator, at: int | None) -> int | None:
        """The measure that a column of the table names, by its number or title; otherwise that of the heading above."""
        told = _bare(indicator.measure or "")
        for place, each in enumerate(self.measures if told else []):
            number, title = _bare(each.measure.number or ""), _bare(each.measure.title)
            if told in (number, title, number + title, f"{number}:{title}"):
                return place
        return at

    def _trace(self) -> None:
        self.sources.sort(key=lambda each: each.quote.start)
        filled = traced(self.sources)
        self.sources = [filled.get(each.quote.start, each) for each in self.sources]
        self.evidence = [
            replace(each, source=filled.get(each.source.quote.start, each.source)) if each.source else each
            for each in self.evidence
        ]

    def _readers(self) -> dict[str, Callable[[Region], None]]:
        return {
            MEASURE: self._measure,
            ACTION: self._action,
            Section.PURPOSE: self._purpose,
            Section.ACTIONS: self._actions,
            Section.INDICATORS: self._indicators,
            Section.CHALLENGES: self._challenges,
            Section.CASES: self._cases,
            Section.REFERENCES: self._references,
            Section.PRIORITY: self._nothing,
            Section.CLOSING: self._nothing,
            Section.FOOTER: self._nothing,
            Section.SUPPORT: self._nothing,
            "": self._other,
        }

    def _nothing(self, region: Region) -> None:
        """These parts hold no items of their own."""

    def _other(self, region: Region) -> None:
        """意義, 概要, 現状データ: claims that name their source."""
        titles = {
            at: title_of(block)[1]
            for at, block in enumerate(region.blocks)
            if _is_plain_title(region.blocks, at)
        }
        self._keep(facts_of(region.blocks, titles=titles, section=region.kind, loose_claims=True))

    def _keep(self, facts: Facts) -> None:
        self.evidence.extend(each for _, each in facts.evidence)
        self.sources.extend(each for _, each in facts.sources)

    def _measure(self, region: Region) -> None:
        blocks = region.blocks
        quote, title, unsure = region.title, region.title_words, region.unsure
        if quote is None and blocks and is_title(blocks[0]):
            quote, title = title_of(blocks[0])
            blocks = blocks[1:]
        if quote is None:
            assert region.heading is not None
            quote, title = title_of(region.heading)
            unsure = _UNTITLED
        measure = Measure(title, quote, region.number, unsure=unsure)
        self.measures.append(_Measure(measure, is_named=unsure != _UNTITLED))
        self._keep(facts_of(blocks, titles={}, owner=title, section="支援策"))

    def _under(self, region: Region, weight: int = 1) -> None:
        if region.measure is not None and region.measure < len(self.measures):
            self.measures[region.measure].weight += weight

    def _purpose(self, region: Region) -> None:
        self._under(region)
        if region.measure is None or region.measure >= len(self.measures):
            return
        facts = facts_of(region.blocks, titles={}, section=region.kind, first_at=region.first_at)
        self._keep(facts)
        held = self.measures[region.measure]
        quotes = (*held.measure.purposes, *(quote for _, quote in facts.details if quote.words))
        held.measure = replace(held.measure, purposes=quotes)

    def _action(self, region: Region) -> None:
        self._under(region)
        blocks = region.blocks
        quote, title, unsure = region.title, region.title_words, None
        if quote is None and blocks and is_title(blocks[0]):
            quote, title = title_of(blocks[0])
            blocks = blocks[1:]
        if quote is None:
            assert region.heading is not None
            quote, title = title_of(region.heading)
            unsure = _UNTITLED
        facts = facts_of(blocks, titles={}, owner=title, section="主な取組")
        self._keep(facts)
        details = tuple(each for _, each in facts.details)
        self.actions.append((region.measure, Action(title, quote, None, details, unsure)))

    def _actions(self, region: Region) -> None:
        self._under(region)
        if region.first_at:
            self._inline_actions(region)
            return
        titles, doubt = titles_in(region.blocks, words.action_head)
        facts = facts_of(
            region.blocks, titles={at: each[1] for at, each in titles.items()}, section="主な取組"
        )
        self._keep(facts)
        for at, (quote, title) in sorted(titles.items()):
            details = tuple(each for owner, each in facts.details if owner == at)
            self.actions.append((region.measure, Action(title, quote, None, details, doubt)))

    def _inline_actions(self, region: Region) -> None:
        """主な取組:甲、乙: named in one line, split at the commas outside brackets."""
        block = region.blocks[0]
        spans = _split(block.plain, region.first_at)
        doubt = "一行に並べて書かれたものを分けた" if len(spans) > 1 else None
        for start, end in spans:
            quote, title = title_of_span(block, start, end)
            if title:
                self.actions.append((region.measure, Action(title, quote, None, (), doubt)))
        rest = region.blocks[1:]
        if _is_column(block, region.first_at):
            rest = self._column_actions(region.measure, block, rest)
        self._keep(facts_of(rest, titles={}, section="主な取組"))

    def _column_actions(self, measure: int | None, head: Block, blocks: list[Block]) -> list[Block]:
        """The second column of a sheet goes on below: further actions, one a line."""
        further = [
            each for each in blocks if each.indent > head.indent and is_title(each) and not is_label(each)
        ]
        for each in further:
            quote, title = title_of(each)
            self.actions.append((measure, Action(title, quote, None)))
        return [each for each in blocks if each not in further]

    def _indicators(self, region: Region) -> None:
        self._under(region)
        self.indicators.extend((region.measure, each) for each in indicators_of(region.blocks))
        cited = [block for block in region.blocks if begin_behind(words.Label.SOURCE, block) is not None]
        self._keep(facts_of(cited, titles={}, section=region.kind))

    def _challenge_rows(self, region: Region) -> None:
        rows, region.blocks = rows_of(region.blocks, of_cases=False)
        who = None
        for row in rows:
            quote, title = _of_cell(row.cells["title"])
            # An empty cell is merged with the one above it.
            who = words.whose(_of_cell(row.cells["who"])[1]) if "who" in row.cells else who
            harm = _of_cell(row.cells["harm"])[0] if "harm" in row.cells else None
            holder = who[0] if who else region.who
            unsure = None if holder else "だれの課題か書かれていない"
            self.challenges.append(
                Challenge(title, quote, holder, (), harm if harm and harm.words else None, unsure)
            )
            self._row_evidence(row, title, region.kind)

    def _row_evidence(self, row: Row, about: str, section: str) -> None:
        source = None
        if "source" in row.cells:
            cell = row.cells["source"]
            source = source_from(cell.block, cell.start, cell.end, about)
            self.sources.append(source)
        if "evidence" in row.cells:
            cell = row.cells["evidence"]
            claim, inside = claim_from(cell.block, cell.start, cell.end, about, section)
            self.sources.extend([inside] if inside else [])
            found = inside or source
            unsure = None if found else "出典が書かれていない"
            self.evidence.append(replace(claim, source=found, unsure=unsure))

    def _inline_challenges(self, region: Region) -> None:
        """課題 (住民)甲 / (行政)乙: a row of a measure's sheet."""
        block, *region.blocks = region.blocks
        for start, end in _split(block.plain, region.first_at):
            part = block.part(start, end)
            head = INLINE_WHO.match(part.plain.lstrip())
            who = words.whose(head["who"]) if head else None
            skipped = len(part.plain) - len(part.plain.lstrip())
            quote, title = title_of_span(part, skipped + head.end() if head and who else skipped, end - start)
            unsure = None if who else "だれの課題か書かれていない"
            self.challenges.append(Challenge(title, quote, who[0] if who else None, (), None, unsure))

    def _challenges(self, region: Region) -> None:
        if region.first_at:
            self._inline_challenges(region)
        self._challenge_rows(region)
        inline = self._inline_who(region)
        titles, doubt = titles_in(region.blocks, words.challenge_head, taken=inline)
        merged = {at: (quote, title) for at, (quote, title, _) in inline.items()} | titles
        facts = facts_of(
            region.blocks,
            titles={at: each[1] for at, each in merged.items()},
            section=region.kind,
            loose_claims=True,
        )
        self._keep(facts)
        for at, (quote, title) in sorted(merged.items()):
            who = inline[at][2] if at in inline else region.who
            if who is None:
                who, quote, title = _who_behind(quote, title)
            unsure = doubt if at in titles else None
            if who is None:
                unsure = unsure or "だれの課題か書かれていない"
            details = tuple(each for owner, each in facts.details if owner == at)
            self.challenges.append(Challenge(title, quote, who, details, facts.harms.get(at), unsure))

    def _inline_who(self, region: Region) -> dict[int, tuple[Quote, str, Who]]:
        """住民:通院の足がない: the one who suffers before the colon."""
        found = {}
        for at, block in enumerate(region.blocks):
            head = INLINE_WHO.match(block.plain)
            who = words.whose(head["who"]) if head else None
            if head and who and label_of(block) is None:
                found[at] = (*title_of(block, head.end()), who[0])
        return found

    def _case_rows(self, region: Region) -> None:
        rows, region.blocks = rows_of(region.blocks, of_cases=True)
        for row in rows:
            quote, title = _of_cell(row.cells["title"])
            self.cases.append(Case(title, quote, _place_of(row), region.scope))
            self._row_evidence(row, title, region.kind)

    def _cases(self, region: Region) -> None:
        self._case_rows(region)
        titles, doubt = titles_in(region.blocks, words.case_head)
        titles |= self._told_in_a_line(region)
        facts = facts_of(
            region.blocks, titles={at: each[1] for at, each in titles.items()}, section=region.kind
        )
        self._keep(facts)
        for at, (quote, title) in sorted(titles.items()):
            place = _PLACE.match(title)
            details = tuple(each for owner, each in facts.details if owner == at)
            self.cases.append(
                Case(title, quote, place["place"] if place else None, region.scope, details, doubt)
            )

    def _told_in_a_line(self, region: Region) -> dict[int, tuple[Quote, str]]:
        """架空市:支線を予約制に改めた。(出典:…): a line that begins with the place is a case of its own."""
        found = {}
        for at, block in enumerate(region.blocks):
            place = _PLACE.match(block.plain)
            if place is None or block.plain[place.end() : place.end() + 1] not in (":", "："):
                continue
            inside = words.source_inside(block.plain)
            found[at] = title_of_span(block, 0, inside.start() if inside else len(block.text))
            if inside:
                source = source_from(block, inside.start("source"), inside.end("source"), found[at][1])
                self.sources.append(source)
        return found

    def _references(self, region: Region) -> None:
        self.sources.extend(references_in(region.blocks))

    def _names(self) -> dict[int, tuple[str, bool]]:
        """Return for each measure its title and whether it is kept: one that is only listed elsewhere is not a second one."""
        names: dict[int, tuple[str, bool]] = {}
        for at, each in enumerate(self.measures):
            twins = [other for other, rival in enumerate(self.measures) if other != at and _same(rival, each)]
            best = max([at, *twins], key=self._worth)
            names[at] = self.measures[best].measure.title, best == at
        return names

    def _worth(self, at: int) -> tuple[bool, bool, int]:
        return self.measures[at].weight > 0, self.measures[at].is_named, -at


def _is_column(block: Block, first_at: int) -> bool:
    """True if a tab or a wide blank sets the content apart from its heading."""
    blank = block.text[:first_at]
    return blank.endswith(("\t", "\u3000", "  "))


def _place_of(row: Row) -> str | None:
    return _of_cell(row.cells["place"])[1] or None if "place" in row.cells else None


def _of_cell(cell: Cell) -> tuple[Quote, str]:
    return title_of(cell.block, cell.start, cell.end)


def _split(plain: str, start: int) -> list[tuple[int, int]]:
    spans, depth, begin = [], 0, start
    for at in range(start, len(plain)):
        depth += plain[at] in "([「『【"
        depth -= plain[at] in ")]」』】" and depth > 0
        if depth == 0 and (plain[at] in "、,/;" or "①" <= plain[at] <= "⑳"):
            spans.append((begin, at))
            begin = at + 1
    return [(first, last) for first, last in [*spans, (begin, len(plain))] if plain[first:last].strip()]


def _name(names: dict[int, tuple[str, bool]], at: int | None) -> str | None:
    return names[at][0] if at is not None and at in names else None


def _who_behind(quote: Quote, title: str) -> tuple[Who | None, Quote, str]:
    """情報の届きにくさ(地域社会): whose challenge it is may stand in brackets behind the title."""
    found = re.search(r"\s*[((](?P<who>[^()()]{1,12})[))]$", title)
    who = words.whose(narrow(found["who"])) if found else None
    cut = len(title) - found.start() if found else 0
    if found is None or who is None or not quote.words.endswith(title[-cut:]) or not title[:-cut]:
        return None, quote, title
    return who[0], Quote(quote.start, quote.end - cut, quote.words[:-cut]), title[:-cut]


def _bare(title: str) -> str:
    return re.sub(r"[\s*「」]", "", narrow(title))


def _same(one: _Measure, other: _Measure) -> bool:
    """The same title, or the same number of which one is only a mention (1 支援策①)."""
    if one.is_named and other.is_named:
        return _bare(one.measure.title) == _bare(other.measure.title)
    return one.is_named != other.is_named and _bare(one.measure.number or "") == _bare(
        other.measure.number or ""
    )


def _is_plain_title(blocks: Sequence[Block], at: int) -> bool:
    """A short line that text of another style follows."""
    block = blocks[at]
    if (
        not is_title(block)
        or label_of(block)
        or (at and (label := label_of(blocks[at - 1])) and label[1] is None)
    ):
        return False
    return (
        at + 1 < len(blocks) and blocks[at + 1].style != block.style and block.indent <= blocks[at + 1].indent
    )


def _not_found(document: PolicyDocument, seen: set[str]) -> list[str]:
    """Say in Japanese what the document does not give."""
    sentences = []
    for name, items, heading in (
        ("支援策", document.measures, Section.SUPPORT),
        ("主な取組", document.actions, Section.ACTIONS),
        ("課題", document.challenges, Section.CHALLENGES),
        ("指標(KGI・KSI・KPI)", document.indicators, Section.INDICATORS),
        ("客観的根拠", document.evidence, ""),
        ("出典", document.sources, Section.REFERENCES),
        ("先進事例", document.cases, Section.CASES),
    ):
        if items:
            continue
        if heading and heading in seen:
            sentences.append(f"{name}: 見出しはあるが、その下に読み取れるものがない")
        else:
            sentences.append(f"{name}: 見つからない")
    without = [each.name for each in document.indicators if each.target is None]
    if without:
        sentences.append(
            f"目標値: {len(without)}個の指標に読み取れない({'、'.join(without[:3])}{' など' if len(without) > 3 else ''})"
        )
    return sentences
