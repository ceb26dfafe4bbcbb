"""Similar past cases: by meaning among the stored vectors, then by the words both speak of.

Only the open columns of ``Proposal`` are read here; nothing in this module can reach a confidential part.
"""

import datetime as dt
import hashlib
import math
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import models
from numpy.typing import NDArray

from enishi.desk.access import proposal_access
from enishi.desk.models import CaseText, Learned, Proposal
from enishi.exchange.matches.reader import WordsOnly, vectors_of
from enishi.foundation.access import Actor
from enishi.knowledge.selectors import search
from enishi.language.ports import FloatArray
from enishi.language.tokens import content_words, tokens

NEAREST = 40
_ASKED_WORDS = 8
_HITS_OF_A_WORD = 15
_CHUNK = 16_384
_READ = 4_000
_NEAR_ENOUGH = 2
"""Words two cases must share where their meanings do not stand out."""
_OUTSTANDING, _TO_COMPARE = 1.0, 30
"""Standard deviations above the mean of at least so many cases."""


@dataclass(frozen=True)
class Nearness:
    """A cosine, and whether it stands out from all the others asked about: cosines alone have no scale."""

    cosine: float
    is_outstanding: bool


@dataclass(frozen=True)
class SimilarCase:
    """A case, how near it is (0 to 1, for order only), the words both speak of, and how it ended."""

    proposal: Proposal
    nearness: float
    shared: tuple[str, ...]


def open_text(proposal: Proposal) -> str:
    """What of a proposal may be compared: the columns everybody inside reads."""
    return f"{proposal.title}\n{proposal.summary}\n{proposal.effects}"[:_READ]


def refresh(proposals: Iterable[Proposal], *, at: dt.datetime) -> int:
    """Read the open text of these proposals where it changed; returns how many were read."""
    rows = list(proposals)
    known = dict(CaseText.objects.filter(proposal__in=rows).values_list("proposal_id", "content_hash"))
    changed = [row for row in rows if known.get(row.pk) != _digest(row)]
    if not changed:
        return 0
    name, vectors = vectors_of([open_text(row)[:2_000] for row in changed], "passage")
    for row, vector in zip(changed, vectors, strict=True):
        CaseText.objects.update_or_create(
            proposal=row,
            defaults={
                "organization_id": row.organization_id,
                "content_hash": _digest(row) if name != WordsOnly.name else "",
                "embedder": name,
                "vector": vector.astype(np.float16).tobytes() if name != WordsOnly.name else None,
                "made_at": at,
            },
        )
    return len(changed)


def _digest(proposal: Proposal) -> str:
    return hashlib.sha256(open_text(proposal).encode()).hexdigest()


def similar_cases(proposal: Proposal, actor: Actor, *, limit: int = 5) -> list[SimilarCase]:
    """Cases this person may read that are like this one, nearest first."""
    text = open_text(proposal)
    near = _by_meaning(proposal, text)
    keys = list(dict.fromkeys([*near, *_by_words(text, actor)]))
    rows = (
        proposal_access.visible(actor)
        .submitted()
        .filter(pk__in=keys)
        .exclude(pk=proposal.pk)
        .select_related("organization", "section")
    )
    asked = set(telling_words(text))
    read = {row: frozenset(telling_words(open_text(row))) for row in rows}
    weights = _weights(asked, list(read.values()))
    found = [
        one for row, words in read.items() if (one := _measured(row, asked, words, weights, near)) is not None
    ]
    found.sort(key=lambda one: (-one.nearness, -one.proposal.pk))
    return found[:limit]


def telling_words(text: str) -> list[str]:
    """The content words that tell something by themselves: 回 or 家 alone stands in every second text."""
    return [word for word in content_words(text) if len(word) > 1]


def _weights(asked: Set[str], read: Sequence[Set[str]]) -> dict[str, float]:
    """The fewer of the cases at hand speak of a word, the more it tells: 弊社 and 提案 stand in every letter."""
    said = Counter(word for words in (asked, *read) for word in words)
    return {word: math.log((len(read) + 2) / count) for word, count in said.items()}


def _measured(
    row: Proposal,
    asked: Set[str],
    words: Set[str],
    weights: Mapping[str, float],
    near: Mapping[int, Nearness],
) -> SimilarCase | None:
    both = sorted(asked & words, key=lambda word: (-weights[word], -len(word), word))
    meaning = near.get(row.pk, Nearness(0.0, False))
    if len(both) < _NEAR_ENOUGH and not meaning.is_outstanding:
        return None
    length = math.sqrt(sum(weights[word] for word in asked) * sum(weights[word] for word in words))
    overlap = sum(weights[word] for word in both) / length if length else 0.0
    return SimilarCase(row, 0.5 * overlap + 0.5 * max(0.0, meaning.cosine), tuple(both[:5]))


def _by_words(text: str, actor: Actor) -> list[int]:
    """Cases the search finds by single words, those found by most words first."""
    nouns = [token.surface for token in tokens(text[:1_500]) if token.is_content and token.part == "名詞"]
    counted: Counter[int] = Counter()
    for noun, _times in Counter(word for word in nouns if len(word) > 1).most_common(_ASKED_WORDS):
        hits = search(actor, noun, kinds=["proposal"], limit=_HITS_OF_A_WORD, counted=False, faceted=False)
        counted.update(hits.object_ids)
    return [key for key, _count in counted.most_common(NEAREST)]


def _by_meaning(proposal: Proposal, text: str) -> dict[int, Nearness]:
    stored = CaseText.objects.filter(proposal_id=proposal.pk, content_hash=_digest(proposal)).first()
    if stored is not None and stored.vector:
        name, asked = stored.embedder, _vector(stored.vector)
    else:
        name, vectors = vectors_of([text[:2_000]], "passage")
        asked = vectors[0]
    if name == WordsOnly.name:
        return {}
    return _shelf.nearest(name, asked, NEAREST)


def _vector(content: Any) -> FloatArray:
    return np.frombuffer(bytes(content), np.float16).astype(np.float32)


_Stored = tuple[int, Any, dt.datetime, int]


@dataclass
class _Shelf:
    """All stored vectors in memory, half a number each; what changed since is read before every question."""

    embedder: str = ""
    until: tuple[dt.datetime, int] | None = None
    keys: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    vectors: NDArray[np.float16] = field(default_factory=lambda: np.zeros((0, 0), np.float16))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def nearest(self, embedder: str, asked: FloatArray, limit: int) -> dict[int, Nearness]:
        with self.lock:
            self._catch_up(embedder)
            keys, vectors = self.keys, self.vectors
        if not len(keys) or vectors.shape[1] != len(asked):
            return {}
        scores = np.concatenate(
            [
                vectors[start : start + _CHUNK].astype(np.float32) @ asked
                for start in range(0, len(keys), _CHUNK)
            ]
        )
        best = np.argpartition(-scores, min(limit, len(scores)) - 1)[:limit]
        least = float(scores.mean() + _OUTSTANDING * scores.std()) if len(scores) >= _TO_COMPARE else math.inf
        return {
            int(keys[place]): Nearness(float(scores[place]), bool(scores[place] >= least)) for place in best
        }

    def _catch_up(self, embedder: str) -> None:
        """Read what was made since the last question. What was deleted since stays here, and is never shown."""
        if embedder != self.embedder:
            self.embedder, self.until = embedder, None
            self.keys, self.vectors = np.zeros(0, np.int64), np.zeros((0, 0), np.float16)
        rows = CaseText.objects.filter(embedder=embedder, vector__isnull=False)
        if self.until is not None:
            at, pk = self.until
            rows = rows.filter(models.Q(made_at__gt=at) | models.Q(made_at=at, pk__gt=pk), made_at__gte=at)
        new: list[_Stored] = list(
            rows.order_by("made_at", "pk").values_list("proposal_id", "vector", "made_at", "pk")
        )
        if new:
            self._append(new)
            self.until = (new[-1][2], new[-1][3])

    def _append(self, new: Sequence[_Stored]) -> None:
        keys = np.array([row[0] for row in new], np.int64)
        vectors = np.stack([np.frombuffer(bytes(row[1]), np.float16) for row in new])
        if len(self.keys):
            staying = ~np.isin(self.keys, keys)
            keys = np.concatenate([self.keys[staying], keys])
            vectors = np.concatenate([self.vectors[staying], vectors])
        self.keys, self.vectors = keys, vectors


_shelf = _Shelf()


def learned_elsewhere(proposal: Proposal, *, limit: int = 3) -> list[tuple[Learned, tuple[str, ...]]]:
    """What other desks published without names about like cases that did not go on."""
    asked = Counter(telling_words(open_text(proposal)))
    found = []
    for row in Learned.objects.filter(published_at__isnull=False).order_by("-published_at", "-pk")[:300]:
        words = set(telling_words(f"{row.title}\n{row.tried}"[:2_000]))
        both = sorted((word for word in asked if word in words), key=lambda word: (-len(word), word))
        if len(both) >= _NEAR_ENOUGH:
            found.append((len(both), row, tuple(both[:5])))
    found.sort(key=lambda one: (-one[0], -one[1].pk))
    return [(row, both) for _count, row, both in found[:limit]]
