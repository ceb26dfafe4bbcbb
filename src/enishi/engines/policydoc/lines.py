"""Lines and blocks: marks taken off, lines that a page had cut joined again, every character still in its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise

from enishi.engines.policydoc.model import Quote

_BULLETS = "※・•●○◯■□◆◇▪▫▶►▷▼▽▸▹◉◈❖❏❑☑✅➢➤➜➔✓✔★☆◎└├┗┣╰→⇒‣⁃∙·⚫◦"
_COUNTERS = "%％人名件回年月日か箇カヶヵ分時円万億千割ポ社校団次つ歳台本戸世点倍位"
_MARK = re.compile(
    rf"""(?P<heading>\#{{1,6}})[\s]*(?=[^\s#])
    |(?P<quote>>)\s+
    |(?P<bullet>[{_BULLETS}])(?!(?P=bullet))\s*
    |(?P<dash>[-–—‐−*+])[^\S\n]+
    |(?P<tight>[-–—−])(?=[^\W\d_a-zA-Z])
    |(?P<emoji>(?:(?:[\U0001F000-\U0001FAFF\u2600-\u2775\u2794-\u27BF\u2B00-\u2BFF\u2139\u231A-\u23FF]|[0-9]\uFE0F?\u20E3)[\uFE0F\u200D\U0001F3FB-\U0001F3FF]*)+)\s*
    |(?P<circled>[①-⑳㉑-㉟❶-❿⓵-⓾])\s*
    |(?P<paren>[(][0-9]{{1,2}}[)])\s*
    |(?P<parenkana>[(][ア-ンa-zA-Z一二三四五六七八九十]{{1,2}}[)])\s*
    |(?P<boxed>[【〔\[<][0-9]{{1,2}}[】〕\]>])\s*
    |(?P<check>\[[ xX✓]\])\s+
    |(?P<chapter>第[一二三四五六七八九十0-9]{{1,3}}[章節項編部])[\s:.]*
    |(?P<dotted>[0-9]{{1,2}}(?:[.．\-][0-9]{{1,2}}){{1,3}}[.．]?)(?![0-9]|\s*[{_COUNTERS}~〜→/])\s*
    |(?P<number>[0-9]{{1,2}}[.．、)](?![0-9]))\s*
    |(?P<bare>[0-9]{{1,2}})[^\S\n]+(?![{_COUNTERS}0-9a-zA-Z/\-~〜→|｜])
    |(?P<roman>[Ⅰ-Ⅻ])[.．、\s]*
    |(?P<coded>[A-Z]-?[0-9]{{1,2}}(?:[-.][0-9]{{1,2}})?[.:)]?)[^\S\n]+(?=[^\s0-9a-zA-Z])
    |(?P<latin>[IVXivx]{{1,4}}[.．)]|[A-Za-z][.．)])[^\S\n]+
    |(?P<kana>[アイウエオカキクケコサシスセソ][.．、)\s])\s*(?=\S)
    """,
    re.VERBOSE,
)
_NOISE = re.compile(
    r"[-–—\s]*[0-9]{1,3}(\s*/\s*[0-9]{1,3})?[-–—\s]*(ページ|頁)?|[-=_*─━―…\s]+|[pP]\.?\s*\d{1,3}"
)
_GAP = re.compile(r"\S(?:\u3000|\s{2,})(?=\S)")
_SPREAD = re.compile(r"(?:\S[ \u3000])+\S")
_UNIT_FIRST = re.compile(r"[%人件回円点校社か箇カヶ万億千割倍歳]|ポイント|年(?!間|度)|時間")
_WRAPS = tuple("【<〈≪《[〔<[")
_LABELLED_IN_BRACKETS = re.compile(r"\([^()::]{2,12}方法\s*[::](?:[^()]|\([^()]*\))*\)$")
_OPEN, _CLOSE = "「『([【〔〈《", "」』)]】〕〉》"
_TERMINATED = re.compile(r"」[^「」]{0,8}年度?(?:\d{1,2}月)?\s*$|[。．!?!?」』::;;]\s*$|[)]\s*$")
_DANGLING = re.compile(r"([、,・]|[をがはにへ]|[^も]の|や)$")
MOST_LINES = 60
"""A statement of more lines than this is cut."""
_LEANING = re.compile(
    r"(?:し(?:ま(?:す|し)|て(?:い|お)|た[。、])|する[。、]|ま(?:す|せ|した)|てい[まる]|ており|され[るたて]|られ|である|です)|度(?=[)、]|$)|[、。,.))」』】〕ー々ぁぃぅぇぉっゃゅょ%％をん]"
)


@lru_cache(maxsize=20_000)
def _narrow_character(character: str) -> str:
    # ① and Ⅱ are marks, not numbers.
    if unicodedata.category(character) in ("No", "Nl"):
        return character
    narrow = unicodedata.normalize("NFKC", character)
    return narrow if len(narrow) == 1 else character


def narrow(text: str) -> str:
    """Return the text with full-width letters and digits made plain, character by character: offsets stay.

    >>> narrow("80%以上㎡")
    '80%以上㎡'
    """
    if text.isascii():
        return text
    return "".join(map(_narrow_character, text)).translate(_DASHES)


_DASHES = str.maketrans("−–—‐‑〜~", "-----~~")


@dataclass(frozen=True)
class Line:
    """One line: its content without marks stands at ``start:end`` of the source."""

    start: int
    end: int
    indent: int
    marks: tuple[str, ...]
    width: int
    after_blank: bool

    @property
    def style(self) -> tuple[str, int]:
        return (self.marks[0] if self.marks else "", self.indent)


@dataclass(frozen=True)
class Block:
    """One statement of the document: a line, or several that the page had cut."""

    source: str
    lines: tuple[Line, ...]

    @property
    def style(self) -> tuple[str, int]:
        return self.lines[0].style

    @property
    def mark(self) -> str:
        return self.lines[0].marks[0] if self.lines[0].marks else ""

    @property
    def indent(self) -> int:
        return self.lines[0].indent

    @property
    def after_blank(self) -> bool:
        return self.lines[0].after_blank

    @property
    def ends_sentence(self) -> bool:
        return self.plain.rstrip().endswith("。")

    @cached_property
    def origins(self) -> list[int]:
        return [place for line in self.lines for place in range(line.start, line.end)]

    @cached_property
    def text(self) -> str:
        """The words with line breaks taken out."""
        return "".join(self.source[line.start : line.end] for line in self.lines)

    @cached_property
    def plain(self) -> str:
        """:attr:`text` in narrow characters, of the same length."""
        return narrow(self.text)

    @cached_property
    def cells(self) -> list[tuple[int, int]]:
        """Where the cells of a row of a table stand: between bars, tabs, or wide blanks; none for other lines.

        Between bars an empty cell counts: what stands behind it must not slip into its column.
        """
        text = self.text
        if "|" not in self.plain and not re.search(r"\t|\s{2,}|\S\u3000\S", text):
            return []
        begin = 1 if self.plain.startswith("|") else 0
        stop = len(self.plain.rstrip().rstrip("|"))
        spans = []
        for found in re.finditer(r"\s*[|｜]\s*|\t+|\s{2,}|\u3000", text[:stop]):
            if found.start() >= begin and found.end() > begin:
                spans.append((begin, found.start()))
                begin = found.end()
        spans.append((begin, stop))
        if self.plain.startswith("|"):
            return _between_bars(text, self.plain)
        return [_stripped(text, start, end) for start, end in spans if text[start:end].strip()]

    def part(self, start: int, end: int) -> Block:
        """Return a stretch of the block's words as a block of its own."""
        at, parts = 0, []
        for line in self.lines:
            first, last = max(start - at, 0), min(end - at, line.end - line.start)
            if first < last:
                parts.append(replace(line, start=line.start + first, end=line.start + last))
            at += line.end - line.start
        return Block(self.source, tuple(parts))

    def quote(self, start: int = 0, end: int | None = None) -> Quote:
        """Return a part of the block's words with its place in the source; blanks around it are left off."""
        end = len(self.text) if end is None else end
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        if start >= end:
            place = self.lines[0].start
            return Quote(place, place, "")
        first, last = self.origins[start], self.origins[end - 1] + 1
        return Quote(first, last, self.source[first:last])

    def words(self, start: int = 0, end: int | None = None) -> str:
        found = self.text[start:end].strip()
        # こ と ば: letters set apart for looks.
        return found.replace(" ", "").replace("\u3000", "") if _SPREAD.fullmatch(found) else found


def _between_bars(text: str, plain: str) -> list[tuple[int, int]]:
    bars = [at for at, each in enumerate(plain) if each == "|"]
    stop = len(plain.rstrip())
    if bars[-1] != stop - 1:
        bars.append(stop)
    return [_stripped(text, start + 1, end) for start, end in pairwise(bars)]


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    inner = text[start:end]
    if not inner.strip():
        return start, start
    start, end = start + len(inner) - len(inner.lstrip()), end - len(inner) + len(inner.rstrip())
    is_bold = end - start > 4 and text.startswith("**", start) and text.endswith("**", start, end)
    return (start + 2, end - 2) if is_bold and "**" not in text[start + 2 : end - 2] else (start, end)


def blocks_of(
    source: str, *, stands_alone: Callable[[str], bool], begins_anew: Callable[[str], bool]
) -> list[Block]:
    """Return the statements of a text.

    Parameters
    ----------
    stands_alone : says which lines are headings and are never continued
    begins_anew : says which lines never continue the line before them
    """
    lines = list(_lines(source, begins_anew))
    width = _page_width(source, lines)
    blocks: list[list[Line]] = []
    for line in lines:
        if blocks and _continues(source, blocks[-1], line, width, stands_alone, begins_anew):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return [Block(source, tuple(each)) for each in blocks]


def _lines(source: str, begins_anew: Callable[[str], bool]) -> Iterator[Line]:
    place, after_blank = 0, False
    for raw in source.split("\n"):
        start, place = place, place + len(raw) + 1
        if not raw.strip():
            after_blank = True
            continue
        if _NOISE.fullmatch(narrow(raw)):
            continue
        yield from _dashed(raw, start, after_blank, begins_anew) or [_line(raw, start, after_blank)]
        after_blank = False


_BETWEEN = re.compile(r"\s+[—―–]-?\s*(?=\S)")


def _dashed(raw: str, place: int, after_blank: bool, begins_anew: Callable[[str], bool]) -> list[Line] | None:
    """Return the statements of a list that was saved as one line: … — 客観的根拠: — …です。 —-(出典)…"""
    breaks = [found.span() for found in _BETWEEN.finditer(raw)]
    if not any(begins_anew(raw[end:].split(" —")[0]) for _, end in breaks):
        return None
    indent = len(raw) - len(raw.lstrip())
    first = _line(raw[: breaks[0][0]], place, after_blank)
    starts, ends = [end for _, end in breaks], [*(start for start, _ in breaks[1:]), len(raw)]
    inner = [
        Line(place + start, place + start + len(raw[start:end].rstrip()), indent + 2, ("—",), 0, False)
        for start, end in zip(starts, ends, strict=True)
    ]
    return [first, *inner]


def _line(raw: str, place: int, after_blank: bool) -> Line:
    at = len(raw) - len(raw.lstrip())
    indent = _width(raw[:at])
    marks: list[str] = []
    plain = narrow(raw)
    while len(marks) < 4 and (found := _MARK.match(plain, at)) and found.end() < len(raw):
        kind = found.lastgroup or ""
        marks.append(found.group().strip() if kind in ("heading", "bullet", "dash", "tight") else kind)
        at = found.end()
    if plain[at : at + 1] in _WRAPS:
        # The brackets stay in the content, but they set the line apart as marks do.
        marks.append(plain[at])
    end = len(raw.rstrip())
    start, end = _without_bold(raw, at, end)
    if _LABELLED_IN_BRACKETS.match(plain, start, end):
        # (データ取得方法:台帳): the brackets only set the field apart.
        start, end = start + 1, end - 1
    if start > at and (found := _MARK.match(plain, start)) and found.end() < end:
        # **◆甲市の取組**: the mark stands within the bold words.
        marks.append(found.group().strip() if found.lastgroup == "bullet" else found.lastgroup or "")
        start = found.end()
    return Line(place + start, place + end, indent, tuple(marks), _width(raw.rstrip()), after_blank)


def _without_bold(raw: str, start: int, end: int) -> tuple[int, int]:
    inner = raw[start:end]
    for wrap in ("**", "__", "*"):
        if inner.startswith(wrap) and inner.count(wrap) == 2 and inner.rstrip(":：").endswith(wrap):
            return start + len(wrap), start + len(inner.rstrip(":：")) - len(wrap)
    # Bold at the head only (**KGI:** …) leaves its second pair to those who read the separator.
    return (start + 2, end) if inner.startswith("**") else (start, end)


def _width(text: str) -> int:
    if text.isascii():
        return len(text) + 3 * text.count("\t")
    return sum(
        4 if each == "\t" else 2 if unicodedata.east_asian_width(each) in "WFA" else 1 for each in text
    )


def _page_width(source: str, lines: list[Line]) -> int | None:
    """Return how wide the page was if the document was cut into lines, otherwise None."""
    widest = sorted((line.width for line in lines), reverse=True)
    if not widest or widest[0] > 130 or widest[0] < 40:
        return None
    # One overlong line (a web address) must not hide the page.
    width = widest[min(2, len(widest) - 1)]
    cut = sum(
        1
        for line, after in pairwise(lines)
        if line.width >= width - 8 and not after.marks and not after.after_blank
        and not _TERMINATED.search(narrow(source[line.start : line.end]))
    )  # fmt: skip
    return width if cut >= 2 else None


def _continues(
    source: str,
    before: list[Line],
    line: Line,
    width: int | None,
    stands_alone: Callable[[str], bool],
    begins_anew: Callable[[str], bool],
) -> bool:
    if line.marks or line.after_blank or line.start >= line.end:
        return False
    if len(before) >= MOST_LINES:
        return False
    text = narrow(source[line.start : line.end])
    last = narrow(source[before[-1].start : before[-1].end])
    if _is_row(source, line) or _is_row(source, before[-1]) or begins_anew(text):
        return False
    head = "".join(narrow(source[each.start : each.end]) for each in before)
    if stands_alone(head):
        return False
    # A bracket that is never closed must not swallow the document.
    if (len(before) <= 4 and _is_open(head)) or _LEANING.match(text) or _DANGLING.search(last):
        return True
    if before[-1].width >= 40 and last[-1:].isdigit() and _UNIT_FIRST.match(text):
        return True
    near_the_edge = width is not None and before[-1].width >= width - 4
    if near_the_edge and last[-1:] in ")」』" and text[:1] in "のをにがはでと":
        return True
    if _TERMINATED.search(last):
        return False
    return width is not None and before[-1].width >= width - 8


def _is_row(source: str, line: Line) -> bool:
    """True for a line of a table: bars, tabs, or at least two wide blanks."""
    text = source[line.start : line.end]
    return "|" in text or "｜" in text or "\t" in text or len(_GAP.findall(text)) >= 2


def _is_open(text: str) -> bool:
    depth = 0
    for each in text:
        if each in _OPEN:
            depth += 1
        elif each in _CLOSE and depth:
            depth -= 1
    return depth > 0
