"""Putting a handful of texts in order: by the bundled model and words, or by a service that speaks the rerank interface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from enishi.language.normalising import normalise
from enishi.language.ports import Embedder, FloatArray
from enishi.language.service import ModelService, UselessAnswerError
from enishi.language.tokens import content_words

_MAX_CHARACTERS = 4_000
_WORDS_WEIGHT = 0.7
"""Beside cosines stretched to 0..1; the fusion measured best on six Japanese question sets (LANGUAGE notes, docs/engines/answers.md)."""


class LocalReranker:
    """Cosine of the bundled vectors, stretched within the call, and how much of the question's words a text holds."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    @property
    def name(self) -> str:
        return f"local:{self._embedder.name}"

    def scores(self, query: str, texts: Sequence[str]) -> FloatArray:
        if not texts:
            return np.zeros(0, np.float32)
        near = self._embedder.embed(texts, side="passage") @ self._embedder.embed([query], side="query")[0]
        spread = float(near.max() - near.min())
        stretched = (near - near.min()) / spread if spread > 0 else np.zeros_like(near)
        asked = set(content_words(query))
        held = [len(asked & set(content_words(text))) / max(len(asked), 1) for text in texts]
        return np.asarray(stretched + _WORDS_WEIGHT * np.array(held), np.float32)


class EndpointReranker:
    """Asks a service (vLLM, llama.cpp server, TEI, Jina, Cohere all answer ``/rerank`` alike)."""

    def __init__(self, service: ModelService) -> None:
        self._service = service

    @property
    def name(self) -> str:
        return f"endpoint:{self._service.address.model}"

    def scores(self, query: str, texts: Sequence[str]) -> FloatArray:
        if not texts:
            return np.zeros(0, np.float32)
        asked = {
            "model": self._service.address.model,
            "query": normalise(query, limit=_MAX_CHARACTERS),
            "documents": [normalise(text, limit=_MAX_CHARACTERS) for text in texts],
        }
        return self._service.post("/rerank", asked, lambda answer: _scores(answer, len(texts)))


def _scores(answer: dict[str, Any], count: int) -> FloatArray:
    scores = np.full(count, np.nan, np.float32)
    for row in answer["results"]:
        place = int(row["index"])
        if 0 <= place < count:
            scores[place] = float(row["relevance_score"])
    if not np.isfinite(scores).all():
        raise UselessAnswerError("点のない文があります")
    return scores
