"""Texts made ready for the matching engine: words with their places, vectors, and the space they are compared in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from enishi.engines.core import Float32Array
from enishi.engines.matching import Can, Evidence, Passage, Period, Space, Want, Word
from enishi.language.errors import LanguageError
from enishi.language.matching_space import bundled_space
from enishi.language.ports import Embedder, Side
from enishi.language.sentences import sentences
from enishi.language.tokens import tokens

__all__ = ["ALWAYS", "MatchingReader", "SpaceMissingError", "bundled_space", "words_of"]

TITLE_WEIGHT = 2.0
ALWAYS = Period()


class SpaceMissingError(LanguageError):
    """The space was learnt for another model: vectors of two models must not meet."""


class MatchingReader:
    """Reads wants and cans with one embedder."""

    def __init__(self, embedder: Embedder, space: Space | None = None) -> None:
        self._embedder = embedder
        self.space = space or bundled_space()
        if space is None and self.space.name != embedder.name:
            raise SpaceMissingError(
                f"言語モデル {embedder.name} に合う照合の配列がありません。"
                "同じモデルで作った配列を渡すか、付属のモデルを使ってください。"
            )

    def want(
        self,
        *,
        id: str,
        text: str,
        title: str = "",
        fields: Collection[str] = (),
        kinds: Collection[str] = (),
        regions: Collection[str] = (),
        window: Period = ALWAYS,
        budget_min_yen: int | None = None,
        budget_max_yen: int | None = None,
        owner: str = "",
        conflicts: Collection[str] = (),
        with_passages: bool = False,
    ) -> Want:
        """Return a want with its evidence; ``with_passages`` reads each sentence too, for combinations."""
        return Want(
            id=id,
            evidence=self.evidence(text, title=title, side="query", with_passages=with_passages),
            fields=frozenset(fields),
            kinds=frozenset(kinds),
            regions=frozenset(regions),
            window=window,
            budget_min_yen=budget_min_yen,
            budget_max_yen=budget_max_yen,
            owner=owner,
            conflicts=frozenset(conflicts),
        )

    def can(
        self,
        *,
        id: str,
        text: str,
        title: str = "",
        fields: Collection[str] = (),
        kinds: Collection[str] = (),
        regions: Collection[str] = (),
        window: Period = ALWAYS,
        cost_min_yen: int | None = None,
        cost_max_yen: int | None = None,
        capacity: int | None = None,
        engaged: int = 0,
        confirmed_on: dt.date | None = None,
        expires_on: dt.date | None = None,
        successes: int = 0,
        attempts: int = 0,
        owner: str = "",
        audience: int = 0,
        is_underserved: bool = False,
        vector: Float32Array | None = None,
    ) -> Can:
        """Return a can with its evidence; give ``vector`` when it is known already."""
        return Can(
            id=id,
            evidence=self.evidence(text, title=title, side="passage", vector=vector),
            fields=frozenset(fields),
            kinds=frozenset(kinds),
            regions=frozenset(regions),
            window=window,
            cost_min_yen=cost_min_yen,
            cost_max_yen=cost_max_yen,
            capacity=capacity,
            engaged=engaged,
            confirmed_on=confirmed_on,
            expires_on=expires_on,
            successes=successes,
            attempts=attempts,
            owner=owner,
            audience=audience,
            is_underserved=is_underserved,
        )

    def evidence(
        self,
        text: str,
        *,
        title: str = "",
        side: Side,
        vector: Float32Array | None = None,
        with_passages: bool = False,
    ) -> Evidence:
        """Return what a text says; a title is read as its first line and its words count double."""
        whole = f"{title}\n{text}" if title else text
        passages = sentences(whole)
        parts = [passage.text for passage in passages] if with_passages else []
        return Evidence(
            text=whole,
            words=words_of(whole, title_end=len(title)),
            vector=self.vector(whole, side) if vector is None else vector,
            passages=tuple(Passage(passage.start, passage.end) for passage in passages),
            passage_vectors=self._vectors(parts, side),
        )

    def vector(self, text: str, side: Side) -> Float32Array:
        """Return the meaning of a whole text, shape (d,); what callers keep by content hash."""
        vector: Float32Array = self._embedder.embed([text], side=side)[0]
        return vector

    def _vectors(self, texts: Sequence[str], side: Side) -> Float32Array:
        return self._embedder.embed(texts, side=side)


def words_of(text: str, *, title_end: int = 0) -> tuple[Word, ...]:
    """Return the content words with their places; those before ``title_end`` count double."""
    return tuple(
        Word(
            token.normal,
            token.start,
            token.end,
            TITLE_WEIGHT if token.end <= title_end else 1.0,
            token.is_telling,
        )
        for token in tokens(text)
        if token.is_content
    )
