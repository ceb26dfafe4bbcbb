"""Words of a Japanese text in their normalised form, by SudachiPy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sudachipy import Dictionary, SplitMode

from enishi.language.normalising import Normalised, normalise_with_origins
from enishi.language.sentences import pieces
from enishi.language.tables import lines_of

_PIECE_CHARACTERS = 12_000
"""Sudachi takes 49,149 bytes at a time; no character of UTF-8 is longer than four."""

_CONTENT = frozenset(("名詞", "動詞", "形容詞", "形状詞", "副詞"))
_NOT_CONTENT = frozenset(("数詞", "非自立可能", "助動詞語幹"))
_NOT_TELLING = frozenset(("助数詞可能", "副詞可能"))
_ERAS = frozenset(("令和", "平成", "昭和", "大正", "明治"))
_STOP = frozenset(
    "為る 有る 居る 成る 事 物 出来る 無い 為 様 等 年 月 日 人 する ある いる なる こと もの できる ない ため よう 時 所 中 "
    "方 等々 此れ 其れ 此の 其の 又 更に 良い 多い 少ない 今 皆".split()
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word and where it stands in the text that was given: ``text[start:end] == surface``. ``reading`` is katakana."""

    surface: str
    normal: str
    start: int
    end: int
    part: str
    subpart: str
    reading: str = ""
    detail: str = ""

    @property
    def is_telling(self) -> bool:
        """Whether the word by itself tells a reader what a text is about: a noun, no counter, no adverb of time, not hollow."""
        return (
            self.is_content
            and self.part == "名詞"
            and self.detail not in _NOT_TELLING
            and self.normal not in _ERAS
            and self.normal not in _hollow()
            and any(character.isalpha() for character in self.surface)
            and (len(self.surface) > 1 or "\u4e00" <= self.surface <= "\u9fff")
        )

    @property
    def is_content(self) -> bool:
        """Whether the word carries meaning of its own (and not a number, a helper or a filler)."""
        return (
            self.part in _CONTENT
            and self.subpart not in _NOT_CONTENT
            and self.normal not in _STOP
            and self.normal.strip() != ""
        )


def tokens(text: str) -> list[Token]:
    """Return the words of a text in short units, with offsets into the text as given."""
    normalised = normalise_with_origins(text)
    return [
        token
        for offset, piece in pieces(normalised.text, limit=_PIECE_CHARACTERS)
        for token in _tokens_of_piece(piece, offset, normalised)
    ]


def content_words(text: str) -> list[str]:
    """Return the normalised forms of the content words, in order, repeated as in the text.

    >>> content_words("子ども食堂とこども食堂")
    ['子供', '食堂', '子供', '食堂']
    """
    return [token.normal for token in tokens(text) if token.is_content]


def _tokens_of_piece(piece: str, offset: int, normalised: Normalised) -> Iterator[Token]:
    for morpheme in _tokenizer().tokenize(piece, SplitMode.A):
        start, end = normalised.span(offset + morpheme.begin(), offset + morpheme.end())
        if start < end:
            part, subpart, detail, *_ = morpheme.part_of_speech()
            surface = normalised.source[start:end]
            yield Token(
                surface,
                morpheme.normalized_form(),
                start,
                end,
                part,
                subpart,
                morpheme.reading_form(),
                detail,
            )


@lru_cache(maxsize=1)
def _hollow() -> frozenset[str]:
    return frozenset(word for line in lines_of("hollow.txt") for word in line.split())


@lru_cache(maxsize=1)
def _dictionary() -> Any:
    return Dictionary(dict="core")


_local = threading.local()
_creating = threading.Lock()


def _tokenizer() -> Any:
    """Return this thread's own tokenizer: Sudachi's are not safe to share, its dictionary is."""
    if not hasattr(_local, "tokenizer"):
        with _creating:
            dictionary = _dictionary()
            make = getattr(dictionary, "tokenizer", None) or dictionary.create
            _local.tokenizer = make()
    return _local.tokenizer
