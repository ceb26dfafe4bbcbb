"""What people call a thing and what offices call it: so that a question is not refused for its everyday words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from enishi.language.synonyms import bundled_synonyms
from enishi.language.tables import lines_of
from enishi.language.tokens import content_words

TABLE = "everyday.txt"
PHRASES = "phrases.tsv"
_KATAKANA = "ァ-ヺー"


def others_of(words: Iterable[str]) -> dict[str, tuple[frozenset[str], ...]]:
    """Return for each word what may stand for it, each as the set of its content words.

    >>> frozenset({"スマートフォン"}) in others_of(["スマホ"])["スマホ"]
    True
    """
    table = _table()
    return {word: table[word] for word in words if word in table}


def in_office_words(text: str) -> str:
    """Return a question with hurried and easy ways of saying put as offices put them.

    >>> in_office_words("はんこ登録のカード、マイナカードとは別?")
    '印鑑登録のカード、マイナンバーカードとは別?'
    """
    table = phrases()
    return _pattern().sub(lambda found: table[found.group()], text)


@lru_cache(maxsize=1)
def phrases() -> Mapping[str, str]:
    """Ways of saying and what offices say; what offices say stays as it is."""
    table: dict[str, str] = {}
    for line in lines_of(PHRASES):
        ways, said = line.split("\t")
        table.update(dict.fromkeys(ways.split("/"), said))
        if said:
            table[said] = said
    return table


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """Any of them, the longest first; one in katakana is a word by itself (ビザ, not a part of another).

    They are tried by their first letters: at most places of a text none of a thousand begins.
    """
    ways: dict[str, list[str]] = {}
    for way in sorted(phrases(), key=len, reverse=True):
        ways.setdefault(way[0], []).append(_bounded(way))
    tried = "|".join(f"(?={re.escape(first)})(?:{'|'.join(each)})" for first, each in ways.items())
    return re.compile(f"(?=[{re.escape(''.join(ways))}])(?:{tried})")


def _bounded(way: str) -> str:
    before = f"(?<![{_KATAKANA}])" if re.match(f"[{_KATAKANA}]", way) else ""
    after = f"(?![{_KATAKANA}])" if re.search(f"[{_KATAKANA}]$", way) else ""
    return f"{before}{re.escape(way)}{after}"


@lru_cache(maxsize=1)
def _table() -> Mapping[str, tuple[frozenset[str], ...]]:
    """The first word of each line leads to the others; the table of synonyms is read both ways."""
    table: dict[str, tuple[frozenset[str], ...]] = {}
    for line in lines_of(TABLE):
        first, *others = (frozenset(content_words(entry)) for entry in line.split())
        if len(first) == 1:
            (word,) = first
            table[word] = table.get(word, ()) + tuple(other for other in others if other and other != first)
    for entry, others_of_it in bundled_synonyms().items():
        if " " not in entry:
            table[entry] = table.get(entry, ()) + tuple(frozenset(other) for other in others_of_it)
    return table
