"""Questions spelled out in kana, as children, learners of Japanese and hurried people write them: 「そだいごみのだしかた」.

The words of offices are put in their usual spelling, so that such a question is read like any other. A table of readings
(data/kana.tsv, made by training/answers/build_kana.py) says which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from enishi.language.everyday import phrases
from enishi.language.tables import lines_of

TABLE = "kana.tsv"
_KANJI = re.compile(r"[一-鿿]")
_KANA = re.compile(r"[ぁ-ゖァ-ヺー]")
_BLANK = re.compile(r"(?<=[ぁ-ゖァ-ヺー])[ \u3000]+(?=[ぁ-ゖァ-ヺー])")
_LEAST = 6
_MOST_WORD = 14


def is_spelled_out(text: str, *, least: int = _LEAST) -> bool:
    """Whether a text is in kana alone, and long enough: to be a question, unless told otherwise."""
    return len(_KANA.findall(text)) >= least and not _KANJI.search(text)


def in_usual_spelling(text: str, *, least: int = _LEAST) -> str:
    """Return a text in kana with the words of offices in their usual spelling; any other text as it is.

    >>> in_usual_spelling("そだいごみの だしかた")
    '粗大ごみの出し方'
    """
    if not is_spelled_out(text, least=least):
        return text
    table = _spelled()
    rest = _BLANK.sub("", text)
    found: list[str] = []
    at = 0
    while at < len(rest):
        size = next(
            (size for size in range(min(_MOST_WORD, len(rest) - at), 2, -1) if rest[at : at + size] in table),
            0,
        )
        found.append(table[rest[at : at + size]] if size else rest[at])
        at += size or 1
    return "".join(found)


@lru_cache(maxsize=1)
def _spelled() -> Mapping[str, str]:
    """The readings, and what is said in kana as offices say it."""
    said = {way: office for way, office in phrases().items() if not _KANJI.search(way) and len(way) > 2}
    return {**_table(), **said}


@lru_cache(maxsize=1)
def _table() -> Mapping[str, str]:
    return dict(line.split("\t") for line in lines_of(TABLE))
