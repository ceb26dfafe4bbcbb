"""The lines of a published text put together again. Pure.

Minutes and plans are published in pages: a sentence runs over the end of a line or a page, with the number of the page
in its middle, and letters are full width here and half width there.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

NARROW = str.maketrans({chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " "})
"""Letter for letter: what is found in the narrow text stands at the same place in the text itself."""
_FURNITURE = re.compile(
    r"^(?:[-‐–—−ー]\s*\d{1,4}\s*[-‐–—−ー]|\d{1,4}(?:\s*/\s*\d{1,4})?|p\.?\s*\d{1,4}|\d{1,4}(?:頁|ページ)|[-─━―=*・…_]{3,})$"
)
_BEGINS = re.compile(
    r"^(?:[○◯〇◎◆●□■◇▼▶→⇒・※#|〔【\[(①-⑳]|\d{1,3}[\s.、):]|第\d|[-*]\s|[問答]\s?\d|[QA][:.\s\d]|注\d?[):\s])"
)
_ENDED = re.compile(r"[。!?|〕】]$")
_WIDEST, _LEAST_WRAPPED, _RAGGED = 140, 3, 4


@dataclass(frozen=True)
class Paragraph:
    """Lines that belong together; ``starts`` tells for each where it begins here and where in the text."""

    text: str
    starts: tuple[tuple[int, int], ...]

    def place(self, at: int) -> int:
        """Where in the whole text ``text[at]`` stands."""
        here, there = self.starts[bisect_right(self.starts, (at, 1 << 60)) - 1]
        return there + at - here


def paragraphs(text: str) -> Iterator[Paragraph]:
    """The paragraphs of a text without page numbers and rules.

    >>> [each.text for each in paragraphs("人材バンクには38人に御登録を\\n－ 42 －\\nいただいております。\\n○議長　次に")]
    ['人材バンクには38人に御登録をいただいております。', '○議長　次に']
    """
    full = _wrapped_at(text)
    waiting: list[tuple[int, str]] = []
    is_blank = is_page = False
    for start, raw in _lines(text):
        line = raw.strip()
        plain = line.translate(NARROW)
        if not line or _FURNITURE.match(plain):
            is_page, is_blank = is_page or bool(line), is_blank or not line
            continue
        if waiting:
            before = waiting[-1][1]
            is_open = not (
                _ENDED.search(before.translate(NARROW)) or raw[0].isspace() or _BEGINS.match(plain)
            )
            if not (is_open and (is_page or (full and not is_blank and _width(before) >= full))):
                yield _joined(waiting)
                waiting = []
        waiting.append((start + len(raw) - len(raw.lstrip()), line))
        is_blank = is_page = False
    if waiting:
        yield _joined(waiting)


def _joined(lines: list[tuple[int, str]]) -> Paragraph:
    text, starts = "", []
    for start, line in lines:
        starts.append((len(text), start))
        text += line
    return Paragraph(text, tuple(starts))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield start, line.rstrip("\r\n")
        start += len(line)


def _wrapped_at(text: str) -> int:
    """How wide a line is at least that was cut because it was full; 0 where lines are paragraphs."""
    widths = [_width(line.rstrip()) for _start, line in _lines(text)]
    widest = max(widths, default=0)
    full = sum(width >= widest - _RAGGED for width in widths)
    return widest - _RAGGED if full >= _LEAST_WRAPPED and 40 <= widest <= _WIDEST else 0


def _width(line: str) -> int:
    if line.isascii():
        return len(line)
    return sum(2 if unicodedata.east_asian_width(letter) in "FWA" else 1 for letter in line)
