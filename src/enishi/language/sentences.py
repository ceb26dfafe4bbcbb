"""Japanese text in sentences, with the place of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_ENDS = frozenset("。!?！？．")
_OPENING = "「『(（【〔［["
_CLOSING = "」』)）】〕］]"
_LONGEST_QUOTE = 200


@dataclass(frozen=True)
class Sentence:
    """A sentence and where it stands: ``source[start:end] == text``."""

    text: str
    start: int
    end: int


def sentences(text: str) -> list[Sentence]:
    """Return the sentences of a text; marks inside brackets do not end one, a line break always does.

    >>> [s.text for s in sentences("「待って。」と言った。駅まで遠い。")]
    ['「待って。」と言った。', '駅まで遠い。']
    """
    found: list[Sentence] = []
    start = 0
    for end in [*_boundaries(text), len(text)]:
        raw = text[start:end]
        stripped = raw.strip()
        if stripped:
            lead = len(raw) - len(raw.lstrip())
            found.append(Sentence(stripped, start + lead, start + lead + len(stripped)))
        start = end
    return found


def _boundaries(text: str) -> Iterator[int]:
    depth = 0
    opened = 0
    for index, character in enumerate(text):
        if character in _OPENING:
            depth += 1
            opened = index
        elif character in _CLOSING:
            depth = max(depth - 1, 0)
        elif character == "\n":
            depth = 0
            yield index + 1
        elif character in _ENDS and (depth == 0 or index - opened > _LONGEST_QUOTE):
            depth = 0
            if index + 1 == len(text) or text[index + 1] not in _ENDS:
                yield index + 1


def pieces(text: str, *, limit: int) -> list[tuple[int, str]]:
    """Cut a text at sentence ends into pieces of at most ``limit`` characters, each with its offset."""
    cut: list[tuple[int, str]] = []
    start = 0
    while len(text) - start > limit:
        end = _last_end(text, start, start + limit)
        cut.append((start, text[start:end]))
        start = end
    cut.append((start, text[start:]))
    return cut


def _last_end(text: str, start: int, stop: int) -> int:
    for index in range(stop - 1, start + (stop - start) // 2, -1):
        if text[index] in _ENDS or text[index] == "\n":
            return index + 1
    return stop
