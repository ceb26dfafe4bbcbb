"""Titles and passages with the words that were found marked."""

from collections.abc import Iterable, Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from enishi.knowledge import words
from enishi.language.tokens import tokens

SNIPPET = 120
_LEAD = 20


def marked(text: str, wanted: frozenset[str]) -> SafeString:
    """The text, escaped, with ``<mark>`` around what answers one of the words."""
    pieces, last = [], 0
    for start, end in _places(text, wanted):
        pieces += [escape(text[last:start]), "<mark>", escape(text[start:end]), "</mark>"]
        last = end
    return mark_safe("".join([*pieces, escape(text[last:])]))  # noqa: S308  every piece is escaped above


def passage(text: str, wanted: frozenset[str], *, length: int = SNIPPET) -> str:
    """The stretch of the text that holds the first word found, or its beginning."""
    flat = " ".join(text.split())
    places = _places(flat, wanted) if len(flat) > length else []
    start = max(0, places[0][0] - _LEAD) if places and places[0][1] > length else 0
    start = min(start, max(0, len(flat) - length))
    cut = flat[start : start + length]
    return ("…" if start else "") + cut + ("…" if start + length < len(flat) else "")


def _places(text: str, wanted: frozenset[str]) -> list[tuple[int, int]]:
    found = [(start, end) for start, end in _spoken(text, wanted) if start < end]
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _spoken(text: str, wanted: frozenset[str]) -> Iterable[tuple[int, int]]:
    spelt = [
        (words.plain(token.normal), words.plain(token.reading), token.start, token.end)
        for token in tokens(text)
    ]
    for at, (normal, reading, start, end) in enumerate(spelt):
        if normal and (normal in wanted or reading in wanted):
            yield start, end
        if at + 1 < len(spelt) and normal:
            after, after_reading, _start, after_end = spelt[at + 1]
            if after and (normal + after in wanted or reading + after_reading in wanted):
                yield start, after_end


def words_to_mark(ways: Sequence[Sequence[Sequence[str]]]) -> frozenset[str]:
    return frozenset(
        word for group in ways for way in group for word in way if word[1:2] != "=" and word[0] != "#"
    )
