"""Evidence between its three homes: texts, stored profiles, the engine's values."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from enishi.engines.matching import Evidence, Word
from enishi.exchange.enums import RecordKind
from enishi.exchange.matches import texts
from enishi.exchange.matches.models import MatchProfile
from enishi.exchange.matches.reader import embedder_name, reader
from enishi.exchange.models import Challenge, Resource
from enishi.language.matching_inputs import words_of
from enishi.language.ports import FloatArray

MOST_WORDS = 4_000
_COLUMNS, _COLUMNS_AT_FIRST = 5, 4
"""Some profiles hold one column more, a compound that nobody quotes any longer."""


def packed_words(record: Challenge | Resource) -> str:
    """The content words of a record's text as a profile stores them, a line each: see :func:`_packed`."""
    words = words_of(texts.whole_text(record), title_end=len(record.title))[:MOST_WORDS]
    return "\n".join(map(_packed, words))


def _packed(word: Word) -> str:
    """Normal form, place and weight; then whether it may be quoted as a reason."""
    telling = "t" if word.is_telling else ""
    return f"{' '.join(word.normal.split())}\t{word.start}\t{word.end}\t{word.weight:g}\t{telling}"


def unpacked_words(stored: str) -> tuple[Word, ...]:
    words: list[Word] = []
    for line in stored.split("\n"):
        parts = line.split("\t")
        if len(parts) >= _COLUMNS_AT_FIRST:
            is_telling = len(parts) < _COLUMNS or parts[4] == "t"
            words.append(Word(parts[0], int(parts[1]), int(parts[2]), float(parts[3]), is_telling))
    return tuple(words)


def tells_all(stored: str) -> bool:
    """Whether a profile says of each word if it tells anything: those of the first versions did not."""
    return stored.partition("\n")[0].count("\t") >= _COLUMNS - 1


def packed_vector(vector: FloatArray) -> bytes:
    return vector.astype("<f2").tobytes()


def unpacked_vector(stored: bytes | memoryview | None, dimensions: int) -> FloatArray:
    """The stored vector; zeros where there is none yet, or one of another size."""
    if stored is None:
        return np.zeros(dimensions, np.float32)
    vector = np.frombuffer(bytes(stored), "<f2").astype(np.float32)
    return vector if len(vector) == dimensions else np.zeros(dimensions, np.float32)


def vector_of(profile: MatchProfile) -> FloatArray:
    """The profile's vector; zeros when another embedder made it, for those must never be compared."""
    current = reader()
    is_ours = profile.embedder == embedder_name(current)
    return unpacked_vector(profile.vector if is_ours else None, current.space.dimensions)


def stored_evidence(profile: MatchProfile, text: str = "") -> Evidence:
    return Evidence(text=text, words=unpacked_words(profile.words), vector=vector_of(profile))


def evidence_of(record: Challenge | Resource, profile: MatchProfile | None) -> Evidence:
    """What a record says, its profile used where it still speaks of the same text."""
    if profile is not None and profile.content_hash == texts.content_hash(record):
        text = texts.whole_text(record)
        evidence = stored_evidence(profile, text)
        if tells_all(profile.words):
            return evidence
        return replace(evidence, words=words_of(text, title_end=len(record.title))[:MOST_WORDS])
    kind = texts.kind_of(record)
    return reader().evidence(texts.body_of(record), title=record.title, side=texts.TEXT_SIDES[kind])


def profiles_of(kind: RecordKind, ids: Iterable[int]) -> dict[int, MatchProfile]:
    rows = MatchProfile.objects.filter(kind=kind, record_id__in=list(ids))
    return {profile.record_id: profile for profile in rows}
