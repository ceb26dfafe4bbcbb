"""What matching would read in a nation's records, derived from the demo region's instead of read by the model."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from enishi.config.nation_phrases import demo_texts
from enishi.exchange.enums import RecordKind
from enishi.exchange.matches import counters, texts
from enishi.exchange.matches.enums import ProfileState
from enishi.exchange.matches.evidence import packed_vector
from enishi.exchange.matches.models import MatchProfile
from enishi.exchange.matches.reader import WordsOnly, embedder_name, reader
from enishi.language.matching_inputs import words_of
from enishi.language.ports import FloatArray
from enishi.language.sentences import sentences

SHIFT = 0.5
"""How long the random shift is beside a prototype of length 1: neighbours stay near, none are the same."""
_COLUMNS = ("kind", "record_id", "content_hash", "embedder", "words", "vector", "state", "sequence")


@dataclass(frozen=True)
class Meanings:
    """The vectors of the demo texts, to be shifted for each record."""

    name: str
    prototypes: dict[RecordKind, FloatArray]
    seed: int

    @classmethod
    def read(cls, seed: int, tell: Callable[[str], None]) -> "Meanings | None":
        """Have the model read the demo texts; without a model there is nothing to derive from."""
        current = reader()
        if embedder_name(current) == WordsOnly.name:
            tell("言語モデルがまだないので、意味の計算は後に回します(enishi setup で用意できます)。")
            return None
        tell("見本の文章の意味を読み取っています…")
        vectors = {
            kind: np.stack(
                [current.vector(text, texts.TEXT_SIDES[kind]) for text in demo_texts(f"{kind.value}s")]
            )
            for kind in RecordKind
        }
        return cls(embedder_name(current), vectors, seed)

    def profiles(
        self, kind: RecordKind, records: Sequence[Any]
    ) -> tuple[list[Any], Iterator[tuple[Any, ...]]]:
        """Columns and rows of the profiles of new records."""
        columns = [MatchProfile._meta.get_field(name) for name in _COLUMNS]
        return columns, self._rows(kind, records)

    def _rows(self, kind: RecordKind, records: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        vectors = self._vectors(kind, records[0].pk, len(records))
        first = counters.draw(kind, len(records))
        for number, record in enumerate(records):
            offered = record.status in ("open", "in_dialogue")
            state = ProfileState.READY if offered else ProfileState.GONE
            yield (
                kind.value,
                record.pk,
                texts.content_hash(record),
                self.name,
                _words(record.title, texts.body_of(record)),
                packed_vector(vectors[number]),
                state.value,
                first + number,
            )

    def _vectors(self, kind: RecordKind, first: int, count: int) -> FloatArray:
        chance = np.random.default_rng([self.seed, first])
        prototypes = self.prototypes[kind]
        shifts = chance.standard_normal((count, prototypes.shape[1]), dtype=np.float32)
        shifts *= SHIFT / np.linalg.norm(shifts, axis=1, keepdims=True)
        vectors = prototypes[chance.integers(0, len(prototypes), count)] + shifts
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors, np.float32)


def _words(title: str, body: str) -> str:
    """The words as a profile keeps them, sentence by sentence, for the sentences of a nation repeat."""
    lines = [_packed(title, 0, "2")]
    start = len(title) + 1
    lines += [_packed(sentence.text, start + sentence.start, "1") for sentence in sentences(body)]
    return "\n".join(line for line in lines if line)


def _packed(sentence: str, start: int, weight: str) -> str:
    return "\n".join(
        f"{normal}\t{start + at}\t{start + end}\t{weight}" for normal, at, end in _spoken(sentence)
    )


@lru_cache(maxsize=50_000)
def _spoken(sentence: str) -> tuple[tuple[str, int, int], ...]:
    return tuple((" ".join(word.normal.split()), word.start, word.end) for word in words_of(sentence))
