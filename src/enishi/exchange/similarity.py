"""Other towns' challenges that speak of the same trouble: by words first, then by meaning where the model is there."""

import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from django.db.models import Q

from enishi.exchange.access import challenge_access
from enishi.exchange.enums import ChallengeStatus
from enishi.exchange.matches.reader import WordsOnly, vectors_of
from enishi.exchange.models import Challenge
from enishi.foundation.access import Actor
from enishi.language.ports import FloatArray
from enishi.language.tokens import content_words, tokens

_CANDIDATES = 300
_MEASURED = 8
_ASKED_WORDS = 12
_NEAR_ENOUGH = 0.12
_REMEMBERED = 2_000


@dataclass(frozen=True)
class SimilarChallenge:
    """A challenge, how near it is (0 to 1, for order only) and the words both speak of."""

    challenge: Challenge
    nearness: float
    shared: tuple[str, ...]


def similar_challenges(
    person: Actor,
    text: str,
    *,
    but: Challenge | None = None,
    limit: int = 5,
    with_meaning: bool = True,
) -> list[SimilarChallenge]:
    """Shared challenges this person may read that pose the same trouble, nearest first."""
    asked = Counter(content_words(text[:4_000]))
    if not asked:
        return []
    rows = _candidates(person, text, but)
    read = [Counter(_words(row.pk, row.version, _text(row))) for row in rows]
    weights = _rarity(asked, read)
    scored = [
        SimilarChallenge(row, score, shared)
        for row, words in zip(rows, read, strict=True)
        if (score := _overlap(asked, words, weights)) > _NEAR_ENOUGH
        for shared in [_shared(asked, words, weights)]
    ]
    scored.sort(key=lambda one: (-one.nearness, -one.challenge.pk))
    near = scored[:_MEASURED]
    return (_by_meaning(text, near) if with_meaning else near)[:limit]


def _candidates(person: Actor, text: str, but: Challenge | None) -> list[Challenge]:
    """The newest shared challenges that hold any of the asked nouns."""
    nouns = [token.surface for token in tokens(text[:2_000]) if token.is_content and token.part == "名詞"]
    wanted = Q(pk__in=[])
    for noun in list(dict.fromkeys(nouns))[:_ASKED_WORDS]:
        wanted |= Q(title__icontains=noun) | Q(present_state__icontains=noun)
    rows = challenge_access.visible(person).exclude(status=ChallengeStatus.DRAFT).filter(wanted)
    if but is not None:
        rows = rows.exclude(pk=but.pk).exclude(organization_id=but.organization_id)
    return list(rows.select_related("organization").order_by("-updated_at", "-pk")[:_CANDIDATES])


def _text(challenge: Challenge) -> str:
    return f"{challenge.title}\n{challenge.title}\n{challenge.present_state}\n{challenge.desired_state}"


@lru_cache(maxsize=4_000)
def _words(pk: int, version: int, text: str) -> tuple[str, ...]:
    return tuple(content_words(text))


def _rarity(asked: Counter[str], read: list[Counter[str]]) -> dict[str, float]:
    """The fewer speak of a word, the more it tells."""
    count = len(read)
    return {
        word: math.log(1 + (count + 1) / (1 + sum(1 for words in read if word in words))) for word in asked
    }


def _overlap(asked: Counter[str], words: Counter[str], weights: dict[str, float]) -> float:
    total = sum(weights.values())
    return sum(weights[word] for word in asked if word in words) / total if total else 0.0


def _shared(asked: Counter[str], words: Counter[str], weights: dict[str, float]) -> tuple[str, ...]:
    both = [word for word in asked if word in words]
    return tuple(sorted(both, key=lambda word: -weights[word])[:4])


def _by_meaning(text: str, found: list[SimilarChallenge]) -> list[SimilarChallenge]:
    """The same few in a better order, where the model is there."""
    if len(found) < 2:
        return found
    name, asked = vectors_of([text[:2_000]], "query")
    if name == WordsOnly.name:
        return found
    near = [float(np.dot(asked[0], _vector(one.challenge, name))) for one in found]
    # Raw cosines have no scale: only their order among these few is used, half and half with the words.
    ranks = {index: place for place, index in enumerate(np.argsort(near)[::-1].tolist())}
    order = sorted(range(len(found)), key=lambda index: (index + ranks[index], index))
    return [found[index] for index in order]


_vectors: dict[tuple[str, int, int], FloatArray] = {}


def _vector(challenge: Challenge, name: str) -> FloatArray:
    key = (name, challenge.pk, challenge.version)
    if key not in _vectors:
        if len(_vectors) > _REMEMBERED:
            _vectors.clear()
        _vectors[key] = vectors_of([_text(challenge)[:1_000]], "passage")[1][0]
    return _vectors[key]
