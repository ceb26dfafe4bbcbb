"""Words that mean the same to an office: a small table that anyone may edit (data/synonyms.txt)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files

from enishi.language.tokens import content_words

TABLE = "synonyms.txt"


def read_synonyms(lines: Iterable[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return for each entry the other entries of its line, each as its content words.

    A line holds entries separated by commas; ``#`` begins a comment. An entry is known by its content words, joined
    by blanks, so that 「子ども食堂」 finds the line of 「こども食堂」.
    """
    table: dict[str, tuple[tuple[str, ...], ...]] = {}
    for line in lines:
        entries = [tuple(content_words(entry)) for entry in line.split("#", 1)[0].split(",") if entry.strip()]
        for entry in entries:
            others = tuple(other for other in entries if other != entry and other)
            if entry and others:
                table[" ".join(entry)] = table.get(" ".join(entry), ()) + others
    return table


@lru_cache(maxsize=1)
def bundled_synonyms() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """Return the table that comes with the program."""
    return read_synonyms((files("enishi.language") / "data" / TABLE).read_text("utf-8").splitlines())


def synonyms_of(words: Iterable[str]) -> list[tuple[str, ...]]:
    """Return other ways to say these content words, each as its own content words.

    >>> ("鳥獣", "被害") in synonyms_of(["獣害"])
    True
    """
    listed = list(words)
    table = bundled_synonyms()
    keys = [
        " ".join(listed[start:end])
        for start in range(len(listed))
        for end in range(start + 1, min(len(listed), start + _most_words()) + 1)
    ]
    return list(dict.fromkeys(other for key in keys for other in table.get(key, ())))


@lru_cache(maxsize=1)
def _most_words() -> int:
    return max(len(key.split(" ")) for key in bundled_synonyms())
