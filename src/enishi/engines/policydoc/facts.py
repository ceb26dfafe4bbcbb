"""Claims, their figures and their sources; and what is said of doing nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from enishi.engines.policydoc import vocabulary as words
from enishi.engines.policydoc.lines import Block, narrow
from enishi.engines.policydoc.model import Evidence, Quote, Source
from enishi.engines.policydoc.outline import begin_behind, label_of
from enishi.engines.policydoc.quantities import NUMBER, UNITS, year_of
from enishi.engines.policydoc.vocabulary import Label

_URL = re.compile(r"https?://[^\s()「」<>、。]+")
_FOOTNOTE = re.compile(
    r"(?<=[年度月日版」』)/\w])\s+(?:\[\d{1,3}\]|\d{1,3})(?:\s?[,、]\s?\[?\d{1,3}\]?)*\s*$"
)
_BRACKETED_URL = re.compile(r"\s*[(<]\s*(?P<url>https?://[^\s()]+)\s*[)>]\s*")
_TITLE = re.compile(r"[「『“](?P<title>[^」』”]+)[」』”]")
_FIGURE = re.compile(rf"(?:[△▲]\s?)?{NUMBER}\s?(?:{UNITS})(?:以上|以下|未満|超)?")
_FACTUAL = re.compile(r"\d|によれば|によると|調査|統計|白書|報告書|試算|実証")
_LOOKS_LIKE_SOURCE = re.compile(r"[^。]*(?:「[^」]+」|https?://)[^。]*$")
_SOURCE_ALONE = re.compile(
    r"[^。「」、()%]{1,30}[「『][^」』]+[」』]\s*(?:[(]?(?:(?:令和|平成|昭和)(?:\d{1,2}|元)|\d{4})[^。、]{0,10}[)]?)?\s*[。]?"
)
_INACTION = re.compile(
    r"放置(?:すれば|すると|した場合|された場合|され(?:れば|ると|続け)|し続け)|このまま(?:では|だと|何も)|手を打たなければ|"
    r"(?:対策|対応|手立て)を(?:講じ|取ら|とら|打た)な|何もしなければ|対応が遅れ(?:れば|ると)"
)
_NAMED = r"[^\s。、「」『』()::][^。、「」『』()::]{0,39}?[「『][^」』]+[」』](?:\([^()]{2,24}\)|(?:令和|平成|昭和)?\d{1,4}年度?版?)?"
_SURVEY = r"調査|統計|センサス|白書|年報|推計|レポート|報告書?|カルテ|アンケート|実績値?"
_TOLD_BY = re.compile(
    rf"(?:^|(?<=。)|(?<=、))\s*(?:なお、|また、)?(?P<source>{_NAMED})の?(?:(?:調査)?結果|集計|データ)?(?:によれば|によると|に基づくと)"
    rf"|^\s*(?P<surveyed>[^\s。、「」『』()::][^。、「」『』()::]{{0,39}}?[「『][^」』]*(?:{_SURVEY})[^」』]*[」』](?:\([^()]{{2,24}}\)|(?:令和|平成|昭和)?\d{{1,4}}年度?版?)?)の?(?:結果)?(?:では|でも|を見ると|をみると)"
    rf"|^\s*(?P<plain>[^\s。、「」『』()::]{{2,24}}(?<!の)(?<!前回)(?<!同)(?:国勢調査|{_SURVEY})(?:\([^()]{{2,24}}\))?)(?:の?結果)?(?:によれば|によると)"
)
"""総務省「家計調査」によれば、…: the sentence names where it comes from."""
_TAIL_SOURCE = re.compile(
    r"(?:。|\s)\s*[※*]?\s*(?:[(〔【<\[]\s*)?(?:出典|出所|資料)\s*(?:[)〕】>\]]|:)\s*:?\s*(?P<source>\S.*)$"
)


@dataclass
class Facts:
    """What a region says beside its titles, in order."""

    details: list[tuple[int, Quote]] = field(default_factory=list)
    evidence: list[tuple[int, Evidence]] = field(default_factory=list)
    sources: list[tuple[int, Source]] = field(default_factory=list)
    harms: dict[int, Quote] = field(default_factory=dict)


def source_from(block: Block, start: int, end: int, about: str | None) -> Source:
    """Return a source taken apart: publisher before the title in brackets, year, address.

    Whatever is not written stays None.
    """
    quote = block.quote(*_without_footnote(block.plain, start, end))
    text = narrow(quote.words)
    url = _URL.search(text)
    title = _TITLE.search(text)
    publisher = text[: title.start()] if title else ""
    publisher = re.sub(r"^[\s::、)(]+|[\s::、(]+$|(?<=[^\s])の$", "", publisher)
    rest = _URL.sub(" ", text[title.end() :] if title else text)
    return Source(
        quote=quote,
        publisher=publisher or None,
        title=title["title"] if title else None,
        year=year_of(rest) or year_of(_URL.sub(" ", text)),
        url=url.group() if url else None,
        about=about,
    )


def _without_footnote(plain: str, start: int, end: int) -> tuple[int, int]:
    """Leave out the number of a note at the end of a source, and brackets around an address alone."""
    note = _FOOTNOTE.search(plain, start, end)
    if note:
        end = note.start()
    bracketed = _BRACKETED_URL.fullmatch(plain, start, end)
    return bracketed.span("url") if bracketed else (start, end)


def evidence_from(block: Block, start: int, end: int, about: str | None, section: str | None) -> Evidence:
    quote = block.quote(start, end)
    claim = block.words(start, end)
    plain = narrow(claim)
    figures = tuple(
        found.group().strip()
        for found in _FIGURE.finditer(plain)
        if plain[max(0, found.start() - 2) : found.start()] not in ("令和", "平成", "昭和")
    )
    return Evidence(quote, claim, figures, about=about, section=section)


def told_by(block: Block, start: int, end: int | None = None, about: str | None = None) -> Source | None:
    """Return the source that a sentence names itself: 総務省「家計調査」によれば…"""
    found = _TOLD_BY.search(block.plain[start : len(block.plain) if end is None else end])
    if found is None:
        return None
    name = next(name for name in ("source", "surveyed", "plain") if found[name])
    return source_from(block, start + found.start(name), start + found.end(name), about)


_DITTO = re.compile(
    r"(?:同上|同前|同書|同資料|同調査|同報告書?|同計画|〃|前掲書?|上に同じ)(?:[、,\s]*(?:p|P|\d).*)?"
)
_AGAIN = re.compile(r"(?:前掲|同|再掲|上掲)[::\s、]*(?P<rest>.*)")


def traced(sources: Sequence[Source]) -> dict[int, Source]:
    """Return, by their place, the sources that only point back (同上, 前掲「…」) with what they point to filled in."""
    filled: dict[int, Source] = {}
    before: list[Source] = []
    for each in sources:
        plain = narrow(each.quote.words).strip()
        if before and _DITTO.fullmatch(plain):
            found: Source | None = before[-1]
        elif each.title and _AGAIN.match(plain) and (each.publisher or "").startswith(_POINTERS):
            found = next((other for other in reversed(before) if other.title == each.title), None)
            same = each.publisher in _POINTERS and plain.startswith("同") and bool(before)
            if found is None and same:
                found = replace(before[-1], title=each.title, year=each.year, url=each.url)
        else:
            found = None
        if found is not None:
            told = "".join((found.publisher or "", f"「{found.title}」" if found.title else ""))
            each = replace(
                each,
                publisher=found.publisher,
                title=found.title,
                year=each.year or found.year,
                url=each.url or found.url,
                unsure=f"前に書かれた出典({told or found.quote.words})と読んだ",
            )
            filled[each.quote.start] = each
        before.append(each)
    return filled


_POINTERS = ("前掲", "同", "再掲", "上掲")


def claim_from(
    block: Block, start: int, end: int, about: str, section: str
) -> tuple[Evidence, Source | None]:
    """Return the claim of a cell and the source that stands within it."""
    inside = words.source_inside(block.plain[start:end])
    if inside is None:
        return evidence_from(block, start, end, about, section), told_by(block, start, end, about)
    source = source_from(block, start + inside.start("source"), start + inside.end("source"), about)
    return evidence_from(block, start, start + inside.start(), about, section), source


def facts_of(
    blocks: Sequence[Block],
    *,
    titles: dict[int, str],
    owner: str | None = None,
    section: str | None = None,
    first_at: int = 0,
    loose_claims: bool = False,
) -> Facts:
    """Return what stands beside the titles of a region.

    Parameters
    ----------
    titles : place of a block → its title; the facts after it are about it
    loose_claims : a statement followed by its source is evidence also without the label 客観的根拠
    """
    reader = _Facts(titles, owner, section, loose_claims)
    for at, block in enumerate(blocks):
        reader.below = blocks[at + 1] if at + 1 < len(blocks) else None
        reader.take(at, block, first_at if at == 0 else 0)
    return reader.finish()


class _Facts:
    def __init__(
        self, titles: dict[int, str], owner: str | None, section: str | None, loose_claims: bool
    ) -> None:
        self.titles, self.owner, self.section, self.loose = titles, owner, section, loose_claims
        self.facts = Facts()
        self.mode = Label.DETAIL
        self.label: Block | None = None
        self.child_style: tuple[str, int] | None = None
        self.open_claims: list[int] = []
        self.told: int | None = None
        """The claim just read, if its own words name its source."""
        self.told_here: list[int] = []
        """The claims under this title that name their source; a (出典) below may name it in full."""
        self.leading: Source | None = None
        self.last_detail: tuple[int, Block, int] | None = None
        self.harm_at: int | None = None
        self.title_at = -1
        self.listed: tuple[str, int] | None = None
        self.before_source = Label.DETAIL
        self.below: Block | None = None
        """The block that follows."""

    def take(self, at: int, block: Block, start: int) -> None:
        told = self.told
        self._take(at, block, start)
        if self.told == told:
            # Only what stands right below the claim says more of its source.
            self.told = self.told if self.mode is Label.SOURCE else None

    def _take(self, at: int, block: Block, start: int) -> None:
        if at in self.titles:
            self._close()
            self.owner, self.title_at, self.mode, self.last_detail = self.titles[at], at, Label.DETAIL, None
            return
        found = label_of(block) if start == 0 else None
        if found and found[0] in (Label.EVIDENCE, Label.HARM, Label.SOURCE):
            label, content = found
            if content is None or not block.plain[content:].strip():
                self._enter(label, block)
                return
            if label is not Label.SOURCE:
                self._enter(label, block)
            self._add(label, at, block, content)
            return
        if found and found[0] is Label.DETAIL and self.mode is not Label.SOURCE:
            self._close()
            self.mode = Label.DETAIL
            if found[1] is not None:
                self._detail(at, block, 0)
            return
        if self.listed == block.style and _LOOKS_LIKE_SOURCE.match(block.plain):
            self._source(block, start, len(block.text))
            return
        self.listed = None
        self._leave_if_over(block)
        self._add(self.mode, at, block, start)

    def finish(self) -> Facts:
        self._close()
        return self.facts

    def _enter(self, label: Label, block: Block) -> None:
        if label is Label.EVIDENCE:
            self._close()
        if label is Label.SOURCE:
            # What follows is one source; afterwards the claims go on.
            self.before_source = self.mode
        self.mode, self.label, self.child_style = label, block, None

    def _leave_if_over(self, block: Block) -> None:
        """Evidence and harm end where the text steps back to the level of their label."""
        if self.mode is Label.DETAIL or self.label is None or self.mode is Label.SOURCE:
            return
        if self.child_style is None:
            self.child_style = block.style
            if self._is_no_claim(block):
                self._close()
                self.mode = Label.DETAIL
            return
        stepped_back = block.style == self.label.style != self.child_style or block.indent < min(
            self.child_style[1], self.label.indent + 1
        )
        flat = block.style == self.label.style == self.child_style
        harm_goes_on = self.mode is Label.HARM and block.ends_sentence and not block.after_blank
        if stepped_back or (flat and not harm_goes_on and not _FACTUAL.search(block.plain)):
            self._close()
            self.mode = Label.DETAIL

    def _is_no_claim(self, block: Block) -> bool:
        """客観的根拠: with nothing below it; the list goes on at its own level with what is no ground."""
        assert self.label is not None
        return (
            self.mode is Label.EVIDENCE
            and bool(block.mark)
            and block.style == self.label.style
            and not _FACTUAL.search(block.plain)
            and not (self.below and begin_behind(Label.SOURCE, self.below) is not None)
        )

    def _add(self, mode: Label, at: int, block: Block, start: int) -> None:
        if mode is Label.SOURCE:
            self._source(block, start, len(block.text))
            if self.mode is Label.SOURCE:
                # Further sources may be listed below the first.
                self.mode, self.listed = self.before_source, block.style
        elif mode is Label.EVIDENCE and not self._is_harm(block, start):
            self._claim(block, start)
        elif mode is Label.HARM:
            self._harm(at, block, start)
        else:
            self._detail(at, block, start)

    def _is_harm(self, block: Block, start: int) -> bool:
        """After the claims, a sentence about doing nothing is no further claim."""
        claimed = any(title == self.title_at for title, _ in self.facts.evidence)
        return claimed and _INACTION.search(block.plain, start) is not None

    def _claim(self, block: Block, start: int) -> None:
        if self.last_detail is not None and _SOURCE_ALONE.fullmatch(block.plain[start:].strip()):
            # (根拠)架空市「調査」令和5年度: where the sentence before it comes from.
            _, claim, at = self.last_detail
            self.facts.evidence.append(
                (self.title_at, evidence_from(claim, at, len(claim.text), self.owner, self.section))
            )
            self.open_claims.append(len(self.facts.evidence) - 1)
            self.last_detail = None
            self._source(block, start, len(block.text))
            return
        place = _inline_source(block.plain, start)
        end = place[0] if place else len(block.text)
        if block.plain[start:end].strip(" ()。"):
            told = told_by(block, start) if place is None else None
            start = self._before_told(block, start, told)
            self.facts.evidence.append(
                (self.title_at, evidence_from(block, start, end, self.owner, self.section))
            )
            self.last_detail = None
            if told:
                self._tell(told)
                return
            self.open_claims.append(len(self.facts.evidence) - 1)
        if place:
            self._source(block, place[1], place[2])

    def _before_told(self, block: Block, start: int, told: Source | None) -> int:
        """Return where the sentence begins that names its source; what stands before it is only a detail."""
        if told is None:
            return start
        stop = block.plain.rfind("。", start, block.origins.index(told.quote.start)) + 1
        if stop <= start:
            return start
        self.facts.details.append((self.title_at, block.quote(start, stop)))
        return stop

    def _tell(self, source: Source) -> None:
        """The last claim names its source itself; one that is written below it is the fuller one."""
        at = len(self.facts.evidence) - 1
        title, claim = self.facts.evidence[at]
        self.facts.evidence[at] = title, replace(claim, source=source)
        self.facts.sources.append((self.title_at, source))
        self.told = at
        self.told_here.append(at)

    def _detail(self, at: int, block: Block, start: int) -> None:
        place = _inline_source(block.plain, start)
        if self.loose and (place or told_by(block, start)):
            self._claim(block, start)
            return
        if place:
            self._source(block, place[1], place[2])
        self.facts.details.append((self.title_at, block.quote(start, place[0] if place else None)))
        self.last_detail = (at, block, start)
        if self.title_at not in self.facts.harms and (found := _INACTION.search(block.plain, start)):
            begin = block.plain.rfind("。", start, found.start()) + 1 or start
            stop = block.plain.find("。", found.end())
            self.facts.harms[self.title_at] = block.quote(begin, stop + 1 if stop >= 0 else None)

    def _harm(self, at: int, block: Block, start: int) -> None:
        """One stretch from the first line to the last that stands right below it."""
        told = self.facts.harms.get(self.title_at)
        quote = block.quote(start)
        if told is None:
            self.facts.harms[self.title_at] = quote
        elif self.harm_at == at - 1:
            words = block.source[told.start : quote.end]
            self.facts.harms[self.title_at] = Quote(told.start, quote.end, words)
        else:
            return
        self.harm_at = at

    def _source(self, block: Block, start: int, end: int) -> None:
        source = source_from(block, start, end, self.owner)
        if not source.quote.words:
            return
        if self.told is not None and not self.open_claims:
            self.facts.sources.remove((self.title_at, self._told_source()))
            self.open_claims.append(self.told)
        self.told = None
        self._name_in_full(source)
        self.facts.sources.append((self.title_at, source))
        told = self.last_detail is not None and not self.last_detail[1].plain.startswith("|")
        if told and not self.open_claims and self.loose and self.mode is not Label.EVIDENCE:
            assert self.last_detail is not None
            _, claim, at = self.last_detail
            self.facts.evidence.append(
                (self.title_at, evidence_from(claim, at, len(claim.text), self.owner, self.section))
            )
            self.open_claims.append(len(self.facts.evidence) - 1)
            self.last_detail = None
        if not self.open_claims:
            self.leading = source
        for each in self.open_claims:
            title, evidence = self.facts.evidence[each]
            self.facts.evidence[each] = title, replace(evidence, source=source)
        self.open_claims = []

    def _name_in_full(self, source: Source) -> None:
        """Claims further up that named this source themselves take it as it is written here."""
        for at in self.told_here:
            title, claim = self.facts.evidence[at]
            named = claim.source
            if (
                named
                and named.title
                and f"「{named.title}」" in source.quote.words
                and at not in self.open_claims
            ):
                self.facts.sources = [each for each in self.facts.sources if each[1] is not named]
                self.facts.evidence[at] = title, replace(claim, source=source)
        self.told_here = []

    def _told_source(self) -> Source:
        source = self.facts.evidence[self.told or 0][1].source
        assert source is not None
        return source

    def _close(self) -> None:
        """Claims that nothing followed take the source that stood before them, or are marked."""
        for each in self.open_claims:
            title, evidence = self.facts.evidence[each]
            unsure = None if self.leading else "出典が書かれていない"
            self.facts.evidence[each] = title, replace(evidence, source=self.leading, unsure=unsure)
        self.open_claims, self.told, self.leading, self.label, self.child_style = [], None, None, None, None
        self.told_here = []


def _inline_source(plain: str, start: int) -> tuple[int, int, int] | None:
    """Return where a claim ends and where the source within the same block stands."""
    inside = words.source_inside(plain[start:])
    if inside:
        return start + inside.start(), start + inside.start("source"), start + inside.end("source")
    tail = _TAIL_SOURCE.search(plain, start)
    if tail and tail.start() > start:
        end = tail.start() + (1 if plain[tail.start()] == "。" else 0)
        return end, tail.start("source"), tail.end("source")
    return None
