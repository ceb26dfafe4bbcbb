"""Whether a sentence is supported by its source: numbers, dates, names and denials must agree, and its words must be there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from enishi.engines.answers.model import Reading
from enishi.engines.answers.numbers import states

LEAST_COVERAGE = 0.7
"""A sentence in words of its own shares at least so many of its words with the source (docs/engines/answers.md)."""

_ALIGNED = 0.3


@dataclass(frozen=True)
class Verdict:
    """``reasons`` name what is not supported: ``number:…  name:…  denial:…  words``."""

    reasons: tuple[str, ...]
    coverage: float

    @property
    def is_supported(self) -> bool:
        return not self.reasons


def check(statement: Reading, source: Sequence[Reading]) -> Verdict:
    """Compare a sentence with the sentences of its source (title and headings may be among them).

    >>> check(Reading("無料です", ("無料",), claims=frozenset({("無料", True)})),
    ...       [Reading("無料ではない", ("無料",), claims=frozenset({("無料", False)}))]).reasons
    ('denial:無料',)
    """
    words = frozenset(word for line in source for word in line.words)
    numbers = frozenset(number for line in source for number in line.numbers)
    text = "".join(line.text for line in source)
    mine = statement.vocabulary
    coverage = len(mine & words) / len(mine) if mine else 1.0
    reasons = [
        f"number:{number.value}{number.unit}" for number in statement.numbers if not states(number, numbers)
    ]
    reasons += [f"name:{name}" for name in statement.names if name not in text]
    reasons += [f"denial:{word}" for word in _contradicted(statement, source)]
    if coverage < LEAST_COVERAGE:
        reasons.append("words")
    return Verdict(tuple(sorted(reasons)), coverage)


def _contradicted(statement: Reading, source: Sequence[Reading]) -> list[str]:
    """Words said here and only denied in the sentences this one was made from, or the other way round."""
    mine = statement.vocabulary
    aligned = [line for line in source if mine and len(mine & line.vocabulary) / len(mine) >= _ALIGNED]
    if not aligned and source:
        aligned = [max(source, key=lambda line: len(mine & line.vocabulary))]
    # The nearest sentence decides; others only where it is silent about the word.
    aligned.sort(key=lambda line: -len(mine & line.vocabulary))
    found = []
    for word in {word for word, _said in statement.claims}:
        own = {said for claimed, said in statement.claims if claimed == word}
        theirs = next(
            (said for line in aligned if (said := {s for claimed, s in line.claims if claimed == word})), None
        )
        if theirs is not None and not own & theirs:
            found.append(word)
    return found
