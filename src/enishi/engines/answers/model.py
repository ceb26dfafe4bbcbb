"""What the engine reads and what it answers: values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from enishi.engines.answers.closeness import Close

FloatArray: TypeAlias = NDArray[np.float32]


class QuestionKind(StrEnum):
    WHEN = "when"
    WHERE = "where"
    HOW_MUCH = "how_much"
    WHO = "who"
    HOW = "how"
    WHY = "why"
    YES_NO = "yes_no"
    WHAT = "what"


class Wanted(StrEnum):
    """What must literally stand in an answer to a question of this kind."""

    DATE = "date"
    TIME = "time"
    MONEY = "money"
    NUMBER = "number"
    PHONE = "phone"
    PLACE = "place"


@dataclass(frozen=True)
class Number:
    """A number as a text states it. ``kind``: ``date time phone article number``.

    ``value`` is canonical: ``2026-04-01`` with ``*`` for what is not said, ``17:00``, ``0000100410``, ``252-14``, ``1200``.
    """

    kind: str
    value: str
    unit: str = ""


@dataclass(frozen=True)
class Reading:
    """A text as a language's own tools read it. ``words`` are normal forms of what carries meaning, in order.

    ``nouns`` are those of them that name things. ``claims`` pairs a word with whether it is said or denied.
    """

    text: str
    words: tuple[str, ...] = ()
    nouns: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    numbers: frozenset[Number] = frozenset()
    claims: frozenset[tuple[str, bool]] = frozenset()

    @property
    def vocabulary(self) -> frozenset[str]:
        return frozenset(self.words)


@dataclass(frozen=True)
class Line:
    """A sentence or an item of a list: ``passage[start:end] == reading.text``."""

    reading: Reading
    start: int
    end: int
    nearness: float = 0.0
    """How near its meaning is to the question, in spreads above unrelated sentences."""
    is_item: bool = False
    condition: frozenset[str] = frozenset()
    """Words of the case it holds for, as in 「取りやめるときは、…」."""


@dataclass(frozen=True)
class Candidate:
    """A passage that may answer. ``context``: title, headings, or the question it was written to answer.

    ``context_nearness`` compares the question with the context as ``Line.nearness`` does with a line. A
    ``whole`` candidate was approved as it stands and is never cut.
    """

    key: str
    document: str
    context: Reading
    lines: tuple[Line, ...]
    context_nearness: float = 0.0
    whole: bool = False
    close: Close | None = None
    """How closely it meets the question piece by piece; ``None`` with a model that tells no pieces."""
    topic: frozenset[str] = frozenset()
    """Words of what whoever wrote it has to do with, which it need not repeat."""

    @cached_property
    def words(self) -> frozenset[str]:
        found = {*self.context.words, *self.topic}
        for line in self.lines:
            found.update(line.reading.words)
        return frozenset(found)


@dataclass(frozen=True)
class Asked:
    """A question. ``own_names`` are names of the house itself, which its passages need not repeat.

    ``others`` gives for a word what offices call it: each a set of words that stand for it together. ``unknown`` is the
    share of a question in another language whose words nobody could look up.
    """

    reading: Reading
    kind: QuestionKind
    wanted: frozenset[Wanted] = frozenset()
    unit: str = ""
    is_strict: bool = False
    language: str = "ja"
    own_names: frozenset[str] = frozenset()
    others: Mapping[str, tuple[frozenset[str], ...]] = field(default_factory=dict)
    unknown: float = 0.0
    told: int = 0
    """Sentences that tell what happened before the one that asks."""
    asks: frozenset[str] = frozenset()
    """Words of the sentence that asks."""

    def held(self, word: str, vocabulary: frozenset[str]) -> bool:
        """Whether a text holds the word, or what stands for it."""
        return word in vocabulary or any(other <= vocabulary for other in self.others.get(word, ()))


@dataclass(frozen=True)
class Cited:
    """A sentence of an answer and where it stands."""

    text: str
    passage: str
    start: int
    end: int
    is_item: bool = False
    score: float = 0.0


@dataclass(frozen=True)
class Choice:
    """The sentences chosen, best passage first, and why they may be trusted or not."""

    sentences: tuple[Cited, ...] = ()
    features: dict[str, float] = field(default_factory=dict)
    confidence: float = 0.0
    refused: str = "nothing"
    """Empty when answered; otherwise why not: ``nothing name number kind unsure``."""
    nearest: tuple[str, ...] = ()
    """Passages nearest to the question, best first, also of a refused one."""
    close: Close | None = None
    """How closely the nearest of them meets the question."""
    offered: tuple[str, ...] = ()
    """Those of them that say something near enough for the asker to look whether it is what was meant."""
    differing: tuple[str, ...] = ()
    """Passages of other documents that answer as well and state other numbers: who reads it has to know."""

    @property
    def is_answered(self) -> bool:
        return not self.refused
