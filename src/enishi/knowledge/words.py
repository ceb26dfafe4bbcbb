"""Texts and what people type, in the words of the index.

A word of the index is the normal form of a Japanese word (子ども, こども, コドモ: 子供), how it is read (しょくどう), or two
neighbours written together (子供食堂), because a compound may be cut differently where it is typed and where it stands.
Numbers stand with their neighbour (244条), dates in one form, codes without their dashes. Marks before a word:
``t=`` stands in the title, ``g=`` two characters of the title (for what no dictionary knows), ``#`` a tag.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from enishi.language import days
from enishi.language.normalising import fold, normalise
from enishi.language.sentences import sentences
from enishi.language.tokens import Token, tokens

LONGEST_WORD = 32
LONGEST_TEXT = 20_000
TITLE, PAIR, TAG, DAY = "t=", "g=", "#", "d="

_SPEAKING = frozenset(
    ("名詞", "動詞", "形容詞", "形状詞", "副詞", "接頭辞", "接尾辞", "代名詞", "連体詞", "感動詞")
)
_OPEN = frozenset(("名詞", "動詞", "形容詞", "形状詞", "副詞"))
_BENDING = frozenset(("動詞", "形容詞"))
_EMPTY = frozenset(
    "為る 有る 居る 成る 出来る 無い 事 物 為 様 等 此れ 其れ 此の 其の する ある いる なる こと もの ない ため よう 因る 就く 対する".split()
)
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]+(?:[-_./:][A-Za-z0-9]+)+(?![A-Za-z0-9])")
_KANA = re.compile(r"[ぁ-ゖー゛゜]+")
_TAG_CHARACTERS = re.compile(r"[^0-9a-z:_.-]")


@dataclass(frozen=True)
class Word:
    """One word of a text in the index's spelling."""

    surface: str
    normal: str
    reading: str
    stands_alone: bool
    bends: bool


@lru_cache(maxsize=100_000)
def plain(text: str) -> str:
    """One spelling, and nothing that is not a letter, a digit or kana.

    >>> plain("コドモ・食堂")
    'こども食堂'
    """
    return "".join(character for character in fold(text) if character.isalnum())[:LONGEST_WORD]


def is_kana(text: str) -> bool:
    return _KANA.fullmatch(text) is not None


@lru_cache(maxsize=20_000)
def tag_word(tag: str) -> str:
    """A tag as a word of the index."""
    return TAG + _TAG_CHARACTERS.sub("_", tag.casefold())[:60]


def pairs(text: str) -> list[str]:
    """Every two neighbouring characters."""
    folded = plain(text)
    return [PAIR + folded[at : at + 2] for at in range(len(folded) - 1)]


@lru_cache(maxsize=20_000)
def of_title(text: str) -> frozenset[str]:
    """The words of a title, each also marked as standing in it."""
    found = of_text(text)
    return frozenset(found | {TITLE + word for word in found} | set(pairs(text)))


def of_text(text: str) -> set[str]:
    """The words of a text."""
    found: set[str] = set()
    for sentence in sentences(text[:LONGEST_TEXT]):
        found.update(_of_sentence(sentence.text[:2_000]))
    return found


@lru_cache(maxsize=50_000)
def _of_sentence(sentence: str) -> tuple[str, ...]:
    rest, found = take_out_figures(normalise(sentence))
    for run in runs(rest):
        found.update(word.normal for word in run if word.stands_alone)
        found.update(word.reading for word in run if word.stands_alone and word.reading)
        found.update(neighbours(run))
        found.update(_read_neighbours(run))
    return tuple(found)


def neighbours(run: Sequence[Word]) -> list[str]:
    """Each word written together with the next."""
    return [(one.normal + other.normal)[:LONGEST_WORD] for one, other in pairwise(run)]


def _read_neighbours(run: Sequence[Word]) -> Iterator[str]:
    for one, other in pairwise(run):
        if one.stands_alone and other.stands_alone and (one.reading or other.reading):
            yield ((one.reading or one.normal) + (other.reading or other.normal))[:LONGEST_WORD]


def take_out_figures(text: str) -> tuple[str, set[str]]:
    """The text without dates and codes, and these as words."""
    found: set[str] = set()

    def day(match: re.Match[str]) -> str:
        named = days.day_of(match)
        if named is None:
            return match.group()
        found.add(f"{DAY}{named:%Y%m%d}")
        return " "

    def code(match: re.Match[str]) -> str:
        found.add(plain(match.group()))
        return match.group()

    return _CODE.sub(code, days.DAY.sub(day, text)), found


def runs(text: str) -> list[list[Word]]:
    """The words of a text in stretches without a particle or mark between them."""
    found: list[list[Word]] = [[]]
    for token in tokens(text):
        word = _word(token)
        if word is None:
            found.append([])
            continue
        # 使える | センサー: what follows a verb begins anew, and 見守り | 支援 is found either way.
        if found[-1] and found[-1][-1].bends and not word.bends:
            found.append([])
        found[-1].append(word)
    return [run for run in found if run]


def _word(token: Token) -> Word | None:
    return _word_of(token.surface, token.normal, token.reading, token.part, token.subpart)


@lru_cache(maxsize=100_000)
def _word_of(surface: str, normal_form: str, read: str, part: str, subpart: str) -> Word | None:
    rare = part not in _SPEAKING and surface.strip() != "" and surface.isalnum()
    if part not in _SPEAKING and not (rare and part in ("補助記号", "記号")):
        return None
    normal = plain(normal_form)
    if not normal:
        return None
    reading = "" if rare else plain(read)
    number = subpart == "数詞"
    return Word(
        surface=surface,
        normal=normal,
        reading="" if reading == normal or number or not is_kana(reading) else reading,
        stands_alone=(part in _OPEN or rare)
        and normal_form not in _EMPTY
        and (not number or len(normal) > 1),
        bends=part in _BENDING,
    )


def of_record(title: str, parts: Iterable[tuple[str, float]], tags: Iterable[str]) -> list[str]:
    """All words of a record, sorted."""
    found = set(of_title(title))
    for text, weight in parts:
        words = of_text(text)
        found |= words
        if weight >= 3:
            found |= {TITLE + word for word in words}
    found.update(map(tag_word, tags))
    return sorted(word for word in found if word)
