"""A document cut into passages that can be found and cited: at headings, then paragraphs, then sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from enishi.language.extracting.documents import DocumentText, Heading
from enishi.language.sentences import sentences

WANTED = 350
"""Characters a passage should have: the model reads such lengths best, and a reader sees them at a glance."""
MOST = 600
LEAST = 80
PATH = "›"
MOST_PATH = 500
_MARK = r"[ \t\u3000]*\d{0,3}[ \t\u3000]*[.．:：、)）][ \t\u3000]*"
_QUESTION = re.compile(rf"^[ \t\u3000]*(?:[QＱ]|問|質問){_MARK}(?P<asked>[^\n]{{3,200}})$", re.MULTILINE)
_ANSWER = re.compile(rf"\s*(?:[AＡ]|答|回答|答え){_MARK}\S")
_LEAST_QUESTIONS = 2
"""Fewer are a question in a text, not a list of them."""


@dataclass(frozen=True)
class Cut:
    """A passage: ``document.text[start:end] == text``. ``path``: the headings above it, the outermost first."""

    text: str
    start: int
    end: int
    page: int | None
    path: tuple[str, ...]

    @property
    def heading_path(self) -> str:
        joined = PATH.join(heading.replace(PATH, "/") for heading in self.path)
        return joined if len(joined) <= MOST_PATH else joined[: MOST_PATH - 1] + "…"


def cut(document: DocumentText) -> list[Cut]:
    """Return the passages of a document in their order; together they hold everything but blanks and headings.

    Examples
    --------
    >>> text = "# 補助\\n上限は30万円です。"
    >>> from enishi.language.extracting.documents import read_document
    >>> [(one.text, one.path) for one in cut(read_document(text.encode(), name="a.md"))]
    [('上限は30万円です。', ('補助',))]
    """
    found = []
    for start, end, path in _questions(document):
        for first, last in _spans(document.text, start, end):
            text = document.text[first:last]
            found.append(Cut(text, first, last, document.page_at(first), path))
    # A document of nothing but headings is still found by them.
    if not found:
        found = [
            Cut(heading.text, heading.start, heading.end, document.page_at(heading.start), ())
            for heading in document.headings
        ]
    return found


def _sections(document: DocumentText) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Stretches between headings, each with the headings above it."""
    above: list[Heading] = []
    start = 0
    for heading in document.headings:
        if document.text[start : heading.start].strip():
            yield start, heading.start, tuple(each.text for each in above)
        above = [*(each for each in above if each.level < heading.level), heading]
        start = heading.end
    if document.text[start:].strip():
        yield start, len(document.text), tuple(each.text for each in above)


def _questions(document: DocumentText) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """The sections; where questions and answers alternate (Q. … A. …), each answer under its question."""
    for start, end, path in _sections(document):
        asked = [
            (found, answer.end() - 1)
            for found in _QUESTION.finditer(document.text, start, end)
            if (answer := _ANSWER.match(document.text, found.end(), end)) is not None
        ]
        if len(asked) < _LEAST_QUESTIONS:
            yield start, end, path
            continue
        if document.text[start : asked[0][0].start()].strip():
            yield start, asked[0][0].start(), path
        ends = [*(found.start() for found, _first in asked[1:]), end]
        for (found, first), last in zip(asked, ends, strict=True):
            yield first, last, (*path, found["asked"].strip())


def _spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Paragraphs joined until they are long enough; long ones parted at sentences."""
    waiting: tuple[int, int] | None = None
    for first, last in _pieces(text, start, end):
        if waiting is None:
            waiting = first, last
        elif last - waiting[0] <= WANTED or (waiting[1] - waiting[0] < LEAST and last - waiting[0] <= MOST):
            waiting = waiting[0], last
        else:
            yield waiting
            waiting = first, last
    if waiting is not None:
        yield waiting


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Lines, or their sentences where a line is long; never more than ``MOST`` characters."""
    place = start
    for line in text[start:end].split("\n"):
        lead = len(line) - len(line.lstrip())
        stripped = line.strip()
        if stripped:
            begin = place + lead
            if len(stripped) <= MOST:
                yield begin, begin + len(stripped)
            else:
                yield from _parted(stripped, begin)
        place += len(line) + 1


def _parted(line: str, begin: int) -> Iterator[tuple[int, int]]:
    for sentence in sentences(line):
        for at in range(sentence.start, sentence.end, MOST):
            first, last = at, min(at + MOST, sentence.end)
            if line[first:last].strip():
                yield begin + first, begin + last
