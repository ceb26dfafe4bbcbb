"""What somebody typed, understood as far as it goes: never an error, whatever it is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from enishi.knowledge import words
from enishi.knowledge.words import Word
from enishi.language.normalising import normalise

LONGEST = 200
MOST_PARTS = 12

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』｢｣〝〟", '"'))
_CHUNK = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"|(?P<plain>[^\s"]+))')
_OPERATORS = frozenset(("AND", "OR", "NOT", "&", "&&", "|", "||", "+", "*"))

Alternative = tuple[str, ...]
"""Words that must all stand in a document."""


@dataclass(frozen=True)
class Part:
    """One thing that was asked for, and the ways in which a document may say it."""

    shown: str
    ways: tuple[Alternative, ...]
    last_resort: Alternative = ()
    may_be_half: bool = False
    """Whether it may be the beginning of a longer word."""


@dataclass(frozen=True)
class Query:
    wanted: tuple[Part, ...] = ()
    unwanted: tuple[Part, ...] = ()
    ignored: tuple[str, ...] = ()

    def lexemes(self) -> set[str]:
        return {word for part in (*self.wanted, *self.unwanted) for way in part.ways for word in way}


Group = tuple[Alternative, ...]
"""Of these alternatives one must be met."""


@dataclass(frozen=True)
class Expression:
    """What a document must hold: every group. What it must not: all groups of one of ``without``."""

    groups: tuple[Group, ...] = ()
    without: tuple[tuple[Group, ...], ...] = ()

    def also(self, *groups: Group) -> "Expression":
        return Expression((*self.groups, *groups), self.without)

    def but_not(self, *groups: Group) -> "Expression":
        """Without the documents that meet all of these groups."""
        return Expression(self.groups, (*self.without, groups))

    def lexemes(self) -> set[str]:
        return {word for group in self.groups for way in group for word in way}

    def expected(self, known: Mapping[str, int], total: int) -> float:
        """About how many documents: as if the groups knew nothing of each other."""
        share = 1.0
        for group in self.groups:
            found = sum(min((known.get(word, 0) for word in way), default=total) for way in group)
            share *= min(1.0, found / max(total, 1))
        return share * total


@dataclass
class _Reading:
    wanted: list[Part] = field(default_factory=list)
    unwanted: list[Part] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def understand(typed: str) -> Query:
    """Words (all must be there), "phrases", -what must not be there.

    >>> [part.shown for part in understand('空き家 "移住体験" -賃貸').wanted]
    ['空き家', '移住体験']
    """
    text = normalise(typed, limit=LONGEST).translate(_QUOTES).replace("\n", " ")
    found = _Reading()
    ends_open = typed[-1:] not in ("", " ", "　", '"', "」", "』")
    chunks = list(_CHUNK.finditer(text))[: MOST_PARTS * 2]
    for chunk in chunks:
        is_last = chunk is chunks[-1] and ends_open
        _read(chunk, found, may_be_half=is_last and chunk["phrase"] is None)
    wanted = {part.ways: part for part in found.wanted}
    return Query(
        tuple(wanted.values())[:MOST_PARTS],
        tuple(found.unwanted)[:MOST_PARTS],
        tuple(dict.fromkeys(found.ignored)),
    )


def _read(chunk: re.Match[str], found: _Reading, *, may_be_half: bool) -> None:
    text = chunk["phrase"] if chunk["phrase"] is not None else chunk["plain"]
    if text in _OPERATORS or not words.plain(text):
        return
    parts = _parts(text, may_be_half=may_be_half)
    if not parts:
        found.ignored.append(text)
    elif chunk["minus"]:
        # Without 「高齢者の見守り」 means without the two together.
        together = tuple(word for part in parts for word in part.ways[0])
        found.unwanted.append(Part(text, (together,)) if len(parts) > 1 else parts[0])
    else:
        found.wanted += parts


def _parts(text: str, *, may_be_half: bool) -> list[Part]:
    rest, figures = words.take_out_figures(text)
    if figures:
        alone = words.plain(text) in figures or not words.plain(rest)
        parts = [Part(text if alone else word, ((word,),)) for word in sorted(figures)]
        return parts if alone else [*parts, *_parts_of_words(rest, may_be_half=may_be_half)]
    return _parts_of_words(rest, may_be_half=may_be_half)


def _parts_of_words(text: str, *, may_be_half: bool) -> list[Part]:
    folded = words.plain(text)
    found = words.runs(text)
    if words.is_kana(folded) and len(folded) > 1:
        return [_kana_part(text, folded, found, may_be_half=may_be_half)]
    parts = []
    for run in found:
        part = _part(run, may_be_half=may_be_half and run is found[-1])
        if part is not None:
            parts.append(part)
    return parts


def _part(run: list[Word], *, may_be_half: bool) -> Part | None:
    """One stretch of words: standing together, or, where kana was typed, read alike."""
    shown = "".join(word.surface for word in run)
    ways: list[Alternative] = [tuple(words.neighbours(run))]
    if len(run) == 1:
        if not run[0].stands_alone and words.is_kana(run[0].normal):
            return None
        ways = [(run[0].normal,)]
    else:
        # Where it stands in a text it may be one word.
        ways.append(("".join(word.normal for word in run)[: words.LONGEST_WORD],))
    if len(run) <= 2 and any(words.is_kana(words.plain(word.surface)) for word in run):
        ways.append(("".join(word.reading or word.normal for word in run)[: words.LONGEST_WORD],))
    return Part(shown, tuple(dict.fromkeys(ways)), tuple(words.pairs(shown)[:20]), may_be_half)


def _kana_part(text: str, folded: str, found: list[list[Word]], *, may_be_half: bool) -> Part:
    """Only kana: what it sounds like counts first, for a text in kana alone is often cut wrongly."""
    ways: list[Alternative] = [(folded,)]
    if len(found) == 1 and (len(found[0]) > 1 or found[0][0].stands_alone):
        run = found[0]
        ways.append((run[0].normal,) if len(run) == 1 else tuple(words.neighbours(run)))
    return Part(text, tuple(dict.fromkeys(ways)), tuple(words.pairs(folded)[:20]), may_be_half)
