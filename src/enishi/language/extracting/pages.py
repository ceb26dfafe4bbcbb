"""Letters on a page, put back into lines, columns and paragraphs.

Works on letters in the order in which the file draws them, which nearly always is the order of reading; where a file
draws across two columns, the columns are told by the gap between them. Upright and vertical writing, ruby (put behind its word
in parentheses), headings by their size, and what stands at the edge of every page.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_EDGE = 0.09
"""Share of a page's height in which headers and footers stand."""
_NUMBERS = re.compile(r"[0-9]{1,5}")
LARGE = 1.15
"""A line so much larger than its page is a heading: no header or footer."""
_PAGE_NUMBER = re.compile(
    r"[-–—―‐ー()(){}\[\]|p.P.頁ページ/\s]*(?:\d{1,4}|[〇一二三四五六七八九十]{1,4})[-–—―‐ー()()\[\]|頁ページ/\s\d]*"
)
_ENDS = "。.!?!?」』)):;"
_CHAPTER = re.compile(r"第[0-9〇一二三四五六七八九十百]{1,4}[章節款編部](?:\s|$)")
_BULLET = re.compile(
    r"[・●○◯■□◆◇▪※★☆▶➢✓•‣◦*]|[((][0-9a-zア-ンあ-ん一二三四五六七八九十]{1,3}[))]|[①-⑳]|[0-9]{1,2}[..)]\s|[ア-ン]\s"
)
_WIDE = re.compile(r"[぀-ヿ一-鿿＀-￯、-〟]")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter and its box; y grows upwards."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float

    @property
    def across(self) -> float:
        return (self.left + self.right) / 2

    @property
    def up(self) -> float:
        return (self.bottom + self.top) / 2


@dataclass(slots=True)
class Line:
    """Letters that are read one after the other without a turn."""

    letters: list[Letter]
    is_vertical: bool = False
    inserted: dict[int, str] = field(default_factory=dict)

    @property
    def size(self) -> float:
        return statistics.median(letter.size for letter in self.letters)

    @property
    def left(self) -> float:
        return min(letter.left for letter in self.letters)

    @property
    def right(self) -> float:
        return max(letter.right for letter in self.letters)

    @property
    def bottom(self) -> float:
        return min(letter.bottom for letter in self.letters)

    @property
    def top(self) -> float:
        return max(letter.top for letter in self.letters)

    @property
    def text(self) -> str:
        pieces = []
        for at, letter in enumerate(self.letters):
            if at and _is_apart(self.letters, at, self.is_vertical):
                pieces.append(" ")
            pieces.append(letter.text)
            if at in self.inserted:
                pieces.append(f"({self.inserted[at]})")
        return "".join(pieces).strip()

    def row(self) -> Row:
        """The line without its letters."""
        return Row(
            self.text,
            self.size,
            self.left,
            self.bottom,
            self.right,
            self.top,
            self.is_vertical,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it is kept until the whole file is read."""

    text: str
    size: float
    left: float
    bottom: float
    right: float
    top: float
    is_vertical: bool


@dataclass(frozen=True)
class Block:
    """A paragraph, a heading (level 1 and more) or the row of a table."""

    text: str
    level: int = 0


@dataclass
class PageLines:
    """What stands on one page."""

    number: int
    width: float
    height: float
    lines: list[Row]


def lines_of(letters: Sequence[Letter]) -> list[Line]:
    """Return the lines of a page in the order of reading, ruby put behind its words."""
    found: list[Line] = []
    for letter in letters:
        if not letter.text.strip():
            continue
        if found and _goes_on(found[-1], letter):
            line = found[-1]
            if len(line.letters) == 1:
                line.is_vertical = _is_below(line.letters[0], letter)
            line.letters.append(letter)
        else:
            found.append(Line([letter]))
    return _in_order(_with_ruby(found))


def _goes_on(line: Line, letter: Letter) -> bool:
    last = line.letters[-1]
    if not 0.6 < letter.size / max(last.size, 0.1) < 1.67:
        return False
    if len(line.letters) == 1:
        return _is_beside(last, letter) or _is_below(last, letter)
    return _is_below(last, letter) if line.is_vertical else _is_beside(last, letter)


def _is_beside(last: Letter, letter: Letter) -> bool:
    size = max(last.size, letter.size)
    return abs(last.up - letter.up) < size * 0.6 and -size * 0.3 < letter.left - last.right < size * 1.1


def _is_below(last: Letter, letter: Letter) -> bool:
    size = max(last.size, letter.size)
    return (
        abs(last.across - letter.across) < size * 0.5 and -size * 0.3 < last.bottom - letter.top < size * 0.8
    )


def _is_apart(letters: Sequence[Letter], at: int, is_vertical: bool) -> bool:
    last, letter = letters[at - 1], letters[at]
    gap = last.bottom - letter.top if is_vertical else letter.left - last.right
    wide = bool(_WIDE.match(last.text)) + bool(_WIDE.match(letter.text))
    if (
        wide == 1
        and letter.text not in _COUNTERS
        and at <= 3
        and all(each.text.isdigit() for each in letters[:at])
    ):
        wide = 0  # 「1 目的」: the number of a heading
    return gap > max(last.size, letter.size) * _BLANK[wide]


_COUNTERS = "年月日時分人件回円度名台戸歳"
_BLANK = (0.22, 0.45, 0.8)
"""From which share of the size a gap is a blank; by how many of its two letters are wide. Programs set Japanese and digits a quarter
apart (「8年」), which is no blank of the text."""


def _with_ruby(lines: list[Line]) -> list[Line]:
    """Put small lines that lie along a larger one behind the letters they explain."""
    if not lines:
        return []
    usual = statistics.median(letter.size for line in lines for letter in line.letters)
    small = [line for line in lines if line.size < usual * 0.75 and _is_kana(line)]
    large = [line for line in lines if line not in small]
    left = []
    for line in small:
        base = next((other for other in large if _explains(line, other)), None)
        under = (
            [at for at, letter in enumerate(base.letters) if _lies_along(line, letter, base.is_vertical)]
            if base
            else []
        )
        if base is None or not under:
            left.append(line)
            continue
        base.inserted[under[-1]] = base.inserted.get(under[-1], "") + line.text
    gone = {id(line) for line in small} - {id(line) for line in left}
    return [line for line in lines if id(line) not in gone]


def _is_kana(line: Line) -> bool:
    return len(line.letters) <= 30 and all("ぁ" <= letter.text <= "ヿ" for letter in line.letters)


def _explains(small: Line, base: Line) -> bool:
    if small.size > base.size * 0.67:
        return False
    if base.is_vertical or (len(base.letters) == 1 and small.is_vertical):
        gap, inside = (
            small.left - base.right,
            small.top < base.top + base.size and small.bottom > base.bottom - base.size,
        )
    else:
        gap, inside = (
            small.bottom - base.top,
            small.left > base.left - base.size and small.right < base.right + base.size,
        )
    return inside and -base.size * 0.5 < gap < base.size * 0.5


def _lies_along(small: Line, letter: Letter, is_vertical: bool) -> bool:
    if is_vertical:
        return small.bottom - letter.size * 0.2 < letter.up < small.top + letter.size * 0.2
    return small.left - letter.size * 0.2 < letter.across < small.right + letter.size * 0.2


def _in_order(lines: list[Line]) -> list[Line]:
    """Leave the drawn order, but read columns one after the other where the file draws across them."""
    upright = [line for line in lines if not line.is_vertical]
    if len(upright) < 12 or len(upright) != len(lines):
        return lines
    gutter = _gutter(lines)
    if gutter is None:
        return lines
    done: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for line in lines:
        if line.right <= gutter:
            left.append(line)
        elif line.left >= gutter:
            right.append(line)
        else:
            done += [*left, *right, line]
            left, right = [], []
    return [*done, *left, *right]


def _gutter(lines: list[Line]) -> float | None:
    """The x at which a page drawn row by row across two columns of running text is parted."""
    crossings: Counter[int] = Counter()
    for one, other in pairwise(lines):
        same_row = abs(one.bottom - other.bottom) < one.size * 0.4
        both_long = len(one.letters) >= 10 and len(other.letters) >= 10
        if same_row and both_long and other.left > one.right:
            crossings[round((one.right + other.left) / 2 / 12)] += 1
    if not crossings:
        return None
    place, count = crossings.most_common(1)[0]
    return place * 12.0 if count >= 5 else None


def edges_of(pages: Sequence[PageLines]) -> frozenset[str]:
    """Return what stands at the edge of at least three pages (of two, where there are only two or three), word for word
    but for the number of the page.

    Other numbers count: bills of a page each, 「第5号議案」 at its top, would otherwise lose what they begin with.
    """
    seen: Counter[str] = Counter()
    for page in pages:
        at_edge = (line for line in page.lines if _is_at_edge(line, page))
        seen.update({key for line in at_edge for key in _edge_keys(line, page)})
    least = 2 if len(pages) < 4 else 3
    return frozenset(key for key, count in seen.items() if count >= least)


def _edge_keys(line: Row, page: PageLines) -> Iterator[str]:
    """The line as it is, and with each number told from the page on which it stands."""
    if line.text.endswith("。"):
        return
    yield line.text
    if line.size > LARGE * _usual_size(page):
        return
    for number in _NUMBERS.finditer(line.text):
        behind = int(number[0]) - page.number
        yield f"{line.text[: number.start()]}#{behind}{line.text[number.end() :]}"


def _usual_size(page: PageLines) -> float:
    sizes: Counter[float] = Counter()
    for line in page.lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0]


def _is_at_edge(line: Row, page: PageLines) -> bool:
    if line.is_vertical and len(line.text) > 12:
        return False
    return line.bottom > page.height * (1 - _EDGE) or line.top < page.height * _EDGE


def is_furniture(line: Row, page: PageLines, edges: frozenset[str]) -> bool:
    """Whether a line is a header, a footer or a page number."""
    if not _is_at_edge(line, page):
        return False
    return _PAGE_NUMBER.fullmatch(line.text) is not None or any(
        key in edges for key in _edge_keys(line, page)
    )


def blocks_of(page: PageLines, edges: frozenset[str], body: float) -> list[Block]:
    """Return the paragraphs, headings and rows of a page; ``body`` is the usual size of letters in the document."""
    lines = [line for line in page.lines if not is_furniture(line, page, edges)]
    found: list[Block] = []
    waiting: list[Row] = []
    for row in _rows(lines):
        level = _heading_level(row, body)
        if level or len(row) > 1:
            found += _paragraph(waiting)
            waiting = []
            text = " | ".join(line.text for line in row)
            found.append(Block(f"| {text} |" if len(row) > 1 else text, level))
        elif waiting and not _continues(waiting, row[0]):
            found += _paragraph(waiting)
            waiting = [row[0]]
        else:
            waiting.append(row[0])
    return [*found, *_paragraph(waiting)]


def _rows(lines: Iterable[Row]) -> list[list[Row]]:
    """Lines that stand side by side, drawn one after the other: cells of a table."""
    rows: list[list[Row]] = []
    for line in lines:
        last = rows[-1][-1] if rows else None
        if (
            last is not None
            and not line.is_vertical
            and not last.is_vertical
            and abs(last.bottom - line.bottom) < line.size * 0.4
            and line.left > last.right
        ):
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _heading_level(row: Sequence[Row], body: float) -> int:
    text = " ".join(line.text for line in row)
    if len(row) > 2 or not 1 < len(text) <= 70 or text.endswith("。"):
        return 0
    size = row[0].size / max(body, 0.1)
    if size >= 1.5:
        return 1
    if size >= 1.15:
        return 2
    return 1 if _CHAPTER.match(text) and len(text) <= 40 else 0


def _continues(waiting: Sequence[Row], line: Row) -> bool:
    """Whether a line carries on the paragraph: the one before reached the edge, and this one is not set in."""
    last = waiting[-1]
    waiting = _since_turn(waiting)
    if last.is_vertical != line.is_vertical or _BULLET.match(line.text):
        return False
    if not 0.85 < line.size / max(last.size, 0.1) < 1.18:
        return False
    if line.is_vertical:
        start, first, end, edge = line.top, waiting[0].top, last.bottom, min(each.bottom for each in waiting)
        apart = last.left - line.right
        is_set_in, is_short = first - start > line.size * 0.7, end - edge > last.size * 2
        is_column_turn = line.left > last.right
    else:
        start, first, end, edge = (
            line.left,
            min(each.left for each in waiting),
            last.right,
            max(each.right for each in waiting),
        )
        apart = last.bottom - line.top
        is_set_in, is_short = start - first > line.size * 0.7, edge - end > last.size * 2.5
        is_column_turn = line.bottom > last.top
    if is_column_turn:
        return last.text[-1:] not in _ENDS
    if is_short or apart > line.size * 1.4:
        return False
    return not is_set_in or (len(waiting) == 1 and last.text[-1:] not in _ENDS)


def _since_turn(lines: Sequence[Row]) -> Sequence[Row]:
    """The last of the lines, as far as they stand in one column."""
    for at in range(len(lines) - 1, 0, -1):
        before, line = lines[at - 1], lines[at]
        turned = line.left > before.right if line.is_vertical else line.bottom > before.top
        if turned:
            return lines[at:]
    return lines


def _paragraph(lines: Sequence[Row]) -> list[Block]:
    if not lines:
        return []
    text = lines[0].text
    for line in lines[1:]:
        more = line.text
        is_wide = _WIDE.match(text[-1:]) or _WIDE.match(more[:1])
        text += more if is_wide else f" {more}"
    return [Block(text)]
