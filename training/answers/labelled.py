"""The labelled set, the way passages are found in it, and what counts as right."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from enishi.engines.answers import Asked, Choice
from enishi.knowledge.answers import calculations
from enishi.knowledge.answers.calculations import Found
from enishi.knowledge.answers.meaning import Vectors
from enishi.language.tokens import content_words

HERE = Path(__file__).parent
OWN = ("あおば市",)
_WORDS = 0.7


@dataclass(frozen=True)
class Passage:
    id: str
    organization: str
    title: str
    heading: str
    text: str

    @property
    def found(self) -> Found:
        return Found(self.id, self.title + self.id[:1], self.text, f"{self.title} {self.heading}")


@dataclass(frozen=True)
class Question:
    id: str
    question: str
    passages: tuple[str, ...]
    must: tuple[str, ...]
    kind: str
    language: str

    @property
    def is_answerable(self) -> bool:
        return bool(self.passages)


def passages() -> list[Passage]:
    return [Passage(**json.loads(line)) for line in (HERE / "passages.jsonl").open(encoding="utf-8")]


def questions() -> list[Question]:
    rows = (json.loads(line) for line in (HERE / "questions.jsonl").open(encoding="utf-8"))
    return [
        Question(**row | {"passages": tuple(row["passages"]), "must": tuple(row["must"])}) for row in rows
    ]


class Collection:
    """All passages with their vectors and words: found by coverage fusion, as search does."""

    def __init__(self, vectors: Vectors) -> None:
        self.passages = passages()
        self.vectors = vectors
        texts = [f"{row.title} {row.heading} {row.text}" for row in self.passages]
        self._matrix = vectors.embedder.embed(texts, side="passage")
        self._words = [frozenset(content_words(text)) for text in texts]

    def find(self, question: str, *, limit: int = calculations.MOST_CANDIDATES) -> list[Found]:
        near = self._matrix @ self.vectors.question(question)
        near = (near - near.min()) / max(float(near.max() - near.min()), 1e-9)
        asked = frozenset(content_words(question))
        held = np.array([len(asked & words) / max(len(asked), 1) for words in self._words])
        best = np.argsort(-(near + _WORDS * held), kind="stable")[:limit]
        return [self.passages[place].found for place in best]


def ask(collection: Collection, row: Question) -> tuple[Asked, list[calculations.Candidate]]:
    question = calculations.asked(row.question, own_names=OWN)
    found = collection.find(calculations.words_to_search(question))
    return question, calculations.candidates(question, found, collection.vectors)


def is_right(row: Question, choice: Choice) -> bool:
    """Whether a given answer comes from a right passage and holds what it must."""
    if not row.is_answerable:
        return False
    text = "".join(sentence.text for sentence in choice.sentences)
    from_right = bool({sentence.passage for sentence in choice.sentences} & set(row.passages))
    return from_right and all(part in text for part in row.must)


def is_supported(choice: Choice, texts: dict[str, str]) -> list[bool]:
    """Sentence by sentence: whether it stands literally where it says."""
    return [texts[one.passage][one.start : one.end] == one.text for one in choice.sentences]
