"""One spelling for what people type in many: full and half width, old kanji, invisible characters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_CHARACTERS = 400_000
"""Longer texts are cut here: one hostile paste must not hold a worker for minutes."""

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\uffff"
    "\ud800-\udfff\U000e0000-\U000e01ef]"
)
# NFKC would turn these into a blank and a combining mark, or leave them apart from what they belong to.
_SPACING = str.maketrans({"\u309b": "\u3099", "\u309c": "\u309a", "\uff9e": "\u3099", "\uff9f": "\u309a"})
_SAME_KANJI = str.maketrans("髙﨑德濵邉邊栁槗曻眞圡", "高崎徳浜辺辺柳橋昇真土")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-") | {"〜": "~", "\u2015": "-"})
_LONG_VOWEL = re.compile(r"(?<=[ぁ-ゖァ-ヺー])[-~]+(?=[ぁ-ゖァ-ヺー])")
_BLANKS = re.compile(r"[^\S\n]+")

_KATAKANA_TO_HIRAGANA = str.maketrans({chr(code): chr(code - 0x60) for code in range(0x30A1, 0x30F7)})
_KANA_VARIANTS = str.maketrans("ゐゑゔゕゖ", "いえぶかけ")


@dataclass(frozen=True)
class Normalised:
    """A normalised text that still knows where each character came from.

    ``origins[i]`` is the offset in the source of the character that gave ``text[i]``;
    one more entry closes the list, so that ``origins[end]`` is always there.
    """

    text: str
    source: str
    origins: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where ``text[start:end]`` stands in the source."""
        if self.origins is None:
            return start, end
        return self.origins[start], self._source_end(end)

    def _source_end(self, end: int) -> int:
        assert self.origins is not None
        following = self.origins[end]
        # Several characters may come from one: the end is where the next source character begins.
        while end < len(self.text) and end > 0 and self.origins[end - 1] == following:
            end += 1
            following = self.origins[end]
        return following


def normalise(text: str, *, limit: int = MAX_CHARACTERS) -> str:
    """Return the text in one spelling; never fails, whatever the characters are.

    NFKC, joined half-width voicing marks, common variants of kanji, one kind of dash and blank;
    NUL, control, zero-width characters, variation selectors (IVS) and lone surrogates disappear.

    >>> normalise("ﾎﾞﾗﾝﾃｨｱ１０人　髙橋")
    'ボランティア10人 高橋'
    """
    cleaned = _INVISIBLE.sub("", text[:limit]).translate(_SPACING)
    composed = unicodedata.normalize("NFKC", cleaned).translate(_SAME_KANJI).translate(_DASHES)
    composed = _INVISIBLE.sub("", composed)
    return _BLANKS.sub(" ", _LONG_VOWEL.sub("ー", composed)).strip()[:limit]


def normalise_with_origins(text: str, *, limit: int = MAX_CHARACTERS) -> Normalised:
    """Return :func:`normalise` of every character, with the way back to the source.

    Blanks are neither joined nor trimmed here, so that offsets stay simple.
    """
    source = text[:limit]
    if _is_plain(source):
        return Normalised(source, text, None)
    pieces: list[str] = []
    origins: list[int] = []
    for start, end in _clusters(source):
        piece = _normalise_cluster(source[start:end])
        pieces.append(piece)
        origins.extend([start] * len(piece))
    origins.append(len(source))
    return Normalised("".join(pieces), text, tuple(origins))


def fold(text: str) -> str:
    """Return the text as a search box compares it: normalised, lower case, hiragana for katakana, no blanks.

    >>> fold("コドモ 食堂") == fold("こども食堂")
    True
    """
    folded = normalise(text).casefold().translate(_KATAKANA_TO_HIRAGANA).translate(_KANA_VARIANTS)
    return folded.replace(" ", "").replace("\n", "")


def _is_plain(text: str) -> bool:
    return (
        unicodedata.is_normalized("NFKC", text)
        and not _INVISIBLE.search(text)
        and text.translate(_SAME_KANJI).translate(_DASHES) == text
        and not any(mark in text for mark in "\u309b\u309c")
    )


def _normalise_cluster(cluster: str) -> str:
    cleaned = _INVISIBLE.sub("", cluster).translate(_SPACING)
    composed = unicodedata.normalize("NFKC", cleaned).translate(_SAME_KANJI).translate(_DASHES)
    return _INVISIBLE.sub("", composed)


def _clusters(text: str) -> list[tuple[int, int]]:
    """Cut before every character that does not lean on the one before it."""
    spans: list[tuple[int, int]] = []
    start = 0
    for index in range(1, len(text)):
        if not _leans(text[index]):
            spans.append((start, index))
            start = index
    if text:
        spans.append((start, len(text)))
    return spans


def _leans(character: str) -> bool:
    return unicodedata.combining(character) != 0 or character in "\u309b\u309c\uff9e\uff9f"
