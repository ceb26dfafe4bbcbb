"""Challenges and resources that mean what somebody typed into the search of everything, whatever words they use."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from enishi.engines import matching
from enishi.engines.core import Float32Array
from enishi.exchange.matches import texts
from enishi.exchange.matches.reader import WordsOnly, reader, vectors_of
from enishi.exchange.matches.store import IndexAwayError, store
from enishi.exchange.models import Challenge, Resource
from enishi.foundation.access import Actor
from enishi.language.normalising import normalise

NEAR_RESOURCE, NEAR_CHALLENGE = 0.3, 0.28
"""Centred cosines. Of 32 questions to the demo region, the nearest to those about something else had 0.28 and 0.23 in the middle, to those
about its troubles 0.40 and 0.34."""
LONGEST, REMEMBERED = 200, 64
REFUSED = 3
"""So many times what is wanted is looked up: of the nearest some may be closed by now."""


def resources(person: Actor, typed: str, limit: int) -> Sequence[int]:
    """Keys of the resources nearest in meaning, of those the person's circles see; none where nothing comes near."""
    asked = _meaning(typed)
    if asked is None:
        return []
    try:
        index = store.cans().index
    except IndexAwayError:
        return []
    circles = texts.audiences_of(person, Resource)
    found = matching.nearest(index, asked, audiences=circles, top=limit * REFUSED)
    return [key for key, cosine in found if cosine >= NEAR_RESOURCE]


def challenges(person: Actor, typed: str, limit: int) -> Sequence[int]:
    """Keys of the open challenges nearest in meaning, likewise."""
    asked, wants = _meaning(typed), store.wants()
    if asked is None or not len(wants.keys):
        return []
    circles = np.array(sorted(texts.audiences_of(person, Challenge)), np.int64)
    cosines = np.where(np.isin(wants.audiences, circles), wants.vectors @ asked, -1.0)
    best = np.lexsort((wants.keys, -cosines))[: limit * REFUSED]
    return [int(wants.keys[row]) for row in best if cosines[row] >= NEAR_CHALLENGE]


def _meaning(typed: str) -> Float32Array | None:
    """What was typed, read as a want; nothing without a model."""
    text = normalise(typed, limit=LONGEST)
    if not text:
        return None
    name, vector = _read(text, reader().space.name)
    if name == WordsOnly.name:
        _read.cache_clear()
        return None
    placed: Float32Array = reader().space.place_wants(vector)[0]
    return placed


@lru_cache(maxsize=REMEMBERED)
def _read(text: str, _space: str) -> tuple[str, Float32Array]:
    """Both kinds are asked with the same words: they are read once."""
    return vectors_of([text], "query")
