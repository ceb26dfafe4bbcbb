"""Evidence between its three homes: texts, stored profiles, the engine's values."""

from collections.abc import Iterable

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


def packed_words(record: Challenge | Resource) -> str:
    """The content words of a record's text as a profile stores them: normal form, place, weight."""
    words = words_of(texts.whole_text(record), title_end=len(record.title))[:MOST_WORDS]
    return "\n".join(f"{_plain(word.normal)}\t{word.start}\t{word.end}\t{word.weight:g}" for word in words)


def _plain(normal: str) -> str:
    return " ".join(normal.split())


def unpacked_words(stored: str) -> tuple[Word, ...]:
    words: list[Word] = []
    for line in stored.split("\n"):
        parts = line.split("\t")
        if len(parts) == 4:
            words.append(Word(parts[0], int(parts[1]), int(parts[2]), float(parts[3])))
    return tuple(words)


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
        return stored_evidence(profile, texts.whole_text(record))
    kind = texts.kind_of(record)
    return reader().evidence(texts.body_of(record), title=record.title, side=texts.TEXT_SIDES[kind])


def profiles_of(kind: RecordKind, ids: Iterable[int]) -> dict[int, MatchProfile]:
    rows = MatchProfile.objects.filter(kind=kind, record_id__in=list(ids))
    return {profile.record_id: profile for profile in rows}
