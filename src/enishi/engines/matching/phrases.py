"""Pieces of a want and a can that met: passages near to each other, and words that stand in both.

Two passages are as near as their words: each telling word counts by its rarity and by how near its nearest word of the other passage is, both
ways round. A word alone ("製品" and "技術者") would tell nobody why two texts met; the passages around it let the reader judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from enishi.engines.core import FloatArray
from enishi.engines.matching.model import Evidence, Phrase, Word
from enishi.engines.matching.segments import term_hash
from enishi.engines.matching.space import Space

MOST_SHARED = 4
_LOOKED_AT = 20
"""So many places of a word are tried for the longest run."""
_STRANGERS = 0.3
"""Words of no common meaning have cosines up to this."""
_CALM = 4.0
"""Rarity added to each passage's own, so that one rare word in a short passage does not decide."""
_NEAR_ENOUGH = (0.35, 0.55)
"""What the first and the second pair of passages must reach: one weak pair says more than none, two do not."""
_SCRAP, _FEW_SIGNS, _MOST_SIGNS, _LONGEST = 6, 12, 44, 80
"""Shorter passages than the first say nothing; those under the second are joined to a neighbour up to the third; the fourth is the most."""
_PIECES = re.compile(r"(?:(?!\.\s)[^。!?!?\n「」『』()()【】])+")
_PARTS = re.compile(r"(?:[^、,;]|,(?=\d))+(?:[、,;]|$)?")
_EDGES = " \t\u3000、,;:・•●*-"


def meeting_phrases(want: Evidence, can: Evidence, space: Space) -> tuple[Phrase, ...]:
    """Return what met in the two texts: passages that are near, the nearest first, then words of both, the rarest first.

    Each piece stands literally in its own text.
    """
    return (*_near_passages(want, can, space), *_shared_phrases(want, can, space))


@dataclass(frozen=True)
class _Passage:
    """A piece of a text between commas or ends of sentences, with its telling words."""

    place: tuple[int, int]
    words: tuple[Word, ...]


def _near_passages(want: Evidence, can: Evidence, space: Space) -> list[Phrase]:
    mine, theirs = _passages(want), _passages(can)
    if not mine or not theirs:
        return []
    strengths = _strengths(mine, theirs, space)
    found: list[Phrase] = []
    for enough in _NEAR_ENOUGH:
        row, column = divmod(int(strengths.argmax()), strengths.shape[1])
        strength = float(strengths[row, column])
        if strength < enough:
            break
        found.append(_met(want, can, mine[row].place, theirs[column].place, strength, shared=False))
        strengths[row], strengths[:, column] = 0, 0
    return found


def _strengths(mine: Sequence[_Passage], theirs: Sequence[_Passage], space: Space) -> FloatArray:
    """How near each passage of one text is to each of the other. Shape (len(mine), len(theirs))."""
    my_codes, my_starts = _codes(mine)
    their_codes, their_starts = _codes(theirs)
    near = np.where(my_codes[:, None] == their_codes, 1.0, _word_nearness(my_codes, their_codes, space))
    return (
        _covered(near, my_codes, my_starts, their_starts, space)
        + _covered(near.T, their_codes, their_starts, my_starts, space).T
    )


def _covered(
    near: FloatArray, codes: np.ndarray, starts: np.ndarray, other_starts: np.ndarray, space: Space
) -> FloatArray:
    """How far each passage's words are covered by each passage of the other text."""
    rarity = np.array([space.rarity(int(code)) for code in codes])
    best = np.maximum.reduceat(near, other_starts, axis=1) * rarity[:, None]
    whole = np.add.reduceat(rarity, starts) + _CALM
    covered: FloatArray = np.add.reduceat(best, starts, axis=0) / whole[:, None]
    return covered


def _word_nearness(mine: np.ndarray, theirs: np.ndarray, space: Space) -> FloatArray:
    """Nearness of words, 0 for those of no common meaning and for words the table does not know."""
    rows, columns = space.word_rows(mine.tolist()), space.word_rows(theirs.tolist())
    near = np.zeros((len(mine), len(theirs)))
    known, others = np.flatnonzero(rows >= 0), np.flatnonzero(columns >= 0)
    near[np.ix_(known, others)] = space.word_nearness(rows[known], columns[others])
    return np.clip((near - _STRANGERS) / (1 - _STRANGERS), 0, 1)


def _codes(passages: Sequence[_Passage]) -> tuple[np.ndarray, np.ndarray]:
    """The words of all passages one after the other, and where each passage begins among them."""
    codes = np.array([term_hash(word.normal) for passage in passages for word in passage.words], np.uint32)
    lengths = [len(passage.words) for passage in passages]
    return codes, np.cumsum([0, *lengths[:-1]])


def _passages(evidence: Evidence) -> list[_Passage]:
    """The passages that hold a telling word, in their order."""
    telling = [word for word in evidence.words if word.is_telling]
    found = (
        _Passage((start, end), tuple(word for word in telling if start <= word.start < end))
        for start, end in _places(evidence.text)
    )
    return [passage for passage in found if passage.words]


def _places(text: str) -> Iterator[tuple[int, int]]:
    for piece in _PIECES.finditer(text):
        start = end = piece.start()
        for part in _PARTS.finditer(piece.group()):
            until = piece.start() + part.end()
            is_short = min(end - start, until - end) < _FEW_SIGNS and until - start <= _MOST_SIGNS
            if end > start and not is_short:
                yield from _trimmed(text, start, end)
                start = end
            end = until
        yield from _trimmed(text, start, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The piece without marks at its edges; one that is too long to be read at a glance in several."""
    while end - start > _LONGEST:
        cut = text.rfind(" ", start + 1, start + _LONGEST) + 1 or start + _LONGEST
        yield from _trimmed(text, start, cut)
        start = cut
    while start < end and text[start] in _EDGES:
        start += 1
    while end > start and text[end - 1] in _EDGES:
        end -= 1
    if end - start >= _SCRAP:
        yield start, end


def _shared_phrases(want: Evidence, can: Evidence, space: Space) -> list[Phrase]:
    places: dict[str, list[int]] = {}
    for position, word in enumerate(can.words):
        places.setdefault(word.normal, []).append(position)
    found: list[Phrase] = []
    position = 0
    while position < len(want.words):
        others = places.get(want.words[position].normal, ())
        # The first of the longest: a word alone says less than the compound it stands in.
        length, first = max(
            ((_common_run(want, can, position, other), -other) for other in others[:_LOOKED_AT]),
            default=(0, 0),
        )
        if any(word.is_telling for word in want.words[position : position + length]):
            found.append(_phrase(want, can, (position, -first, length), space))
        position += max(length, 1)
    kept: list[Phrase] = []
    for phrase in sorted(found, key=lambda phrase: -phrase.strength):
        if not any(phrase.can in other.can for other in kept):
            kept.append(phrase)
    return kept[:MOST_SHARED]


def _common_run(want: Evidence, can: Evidence, position: int, other: int) -> int:
    """How many words from here on are the same and stand side by side in both texts."""
    length = 1
    while (
        position + length < len(want.words)
        and other + length < len(can.words)
        and want.words[position + length].normal == can.words[other + length].normal
        and want.words[position + length - 1].end == want.words[position + length].start
        and can.words[other + length - 1].end == can.words[other + length].start
    ):
        length += 1
    return length


def _phrase(want: Evidence, can: Evidence, run: tuple[int, int, int], space: Space) -> Phrase:
    position, other, length = run
    mine, theirs = want.words[position : position + length], can.words[other : other + length]
    strength = sum(space.rarity(term_hash(word.normal)) for word in mine)
    return _met(want, can, _place(mine), _place(theirs), strength, shared=True)


def _place(words: Sequence[Word]) -> tuple[int, int]:
    return words[0].start, words[-1].end


def _met(
    want: Evidence,
    can: Evidence,
    mine: tuple[int, int],
    theirs: tuple[int, int],
    strength: float,
    *,
    shared: bool,
) -> Phrase:
    return Phrase(want.text[slice(*mine)], can.text[slice(*theirs)], *mine, *theirs, float(strength), shared)
