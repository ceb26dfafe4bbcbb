"""Texts and questions as the retrieval engine takes them: words, letters, vectors, pieces."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import as_file, files
from itertools import accumulate
from typing import Protocol, runtime_checkable

import numpy as np

from enishi.engines.retrieval import Pieces, Said, pairs_of
from enishi.language.codes import CODE, code_of
from enishi.language.days import DAY, days_at
from enishi.language.e5 import PieceVectors
from enishi.language.normalising import normalise
from enishi.language.ports import FloatArray, Side
from enishi.language.statutes import ARTICLE, article_of
from enishi.language.tokens import content_words, tokens

MOST_CHARACTERS = 20_000
"""A text is read so far; a whole book is to be cut into passages before."""
MOST_PIECES = 2_000

_MEAN = files("enishi.language") / "data" / "question_mean.npz"


@runtime_checkable
class PieceEmbedder(Protocol):
    """An embedder that also tells the vector of each piece."""

    @property
    def name(self) -> str: ...

    def embed_in_pieces(self, text: str, *, side: Side) -> tuple[FloatArray, PieceVectors]: ...

    def piece_lengths(self, text: str) -> list[int]: ...


def words_in_pieces(text: str, embedder: PieceEmbedder) -> dict[str, list[int]]:
    """Return for each content word of a text which of its pieces spell it, wherever it first stands."""
    plain = normalise(text)
    ends = list(accumulate(embedder.piece_lengths(plain)))
    place = list(accumulate((not character.isspace() for character in plain), initial=0))
    found: dict[str, list[int]] = {}
    for token in tokens(plain):
        if token.is_content and token.normal not in found:
            first = bisect_right(ends, place[token.start])
            last = bisect_left(ends, place[token.end])
            found[token.normal] = list(range(first, min(last + 1, len(ends))))
    return found


def words_of(text: str) -> list[str]:
    """Return the words a text is found by: content words in their normal form, numbered articles, days and codes.

    >>> words_of("第252条の14による委託")
    ['第252条の14', '条', 'よる', '委託']
    """
    cut = normalise(text, limit=MOST_CHARACTERS)
    return [*figures_of(cut), *content_words(cut)]


def figures_of(text: str) -> list[str]:
    """Return the articles, days and codes a normalised text names, however they are written.

    >>> figures_of("令和7年4月1日施行の第二条")
    ['第2条', '2025-04-01']
    """
    return [figure for figure, _start, _end in figures_at(text)]


def figures_at(text: str) -> Iterator[tuple[str, int, int]]:
    """Return the same, each with where it stands."""
    for match in ARTICLE.finditer(text):
        yield article_of(match), *match.span()
    for day, start, end in days_at(text):
        yield day.isoformat(), start, end
    for match in CODE.finditer(text):
        yield code_of(match), *match.span()


def asks_for_figures(question: str) -> bool:
    """Whether a normalised question names articles, days or codes and says nothing else.

    >>> asks_for_figures("R7.4.1"), asks_for_figures("第252条の14による委託")
    (True, False)
    """
    rest = CODE.sub(" ", DAY.sub(" ", ARTICLE.sub(" ", question)))
    return rest != question and not content_words(rest)


def letters_of(text: str) -> list[str]:
    """Return the neighbouring letters of a text."""
    return pairs_of(normalise(text, limit=MOST_CHARACTERS))


def said(text: str, embedder: PieceEmbedder, side: Side) -> Said:
    """Return what a text or question says."""
    cut = text[:MOST_CHARACTERS]
    vector, pieces = embedder.embed_in_pieces(cut, side=side)
    return Said(words_of(cut), letters_of(cut), vector, kept(pieces))


def kept(pieces: PieceVectors) -> Pieces:
    """Return the pieces in a quarter of the space: 8 bits a number, one scale a piece."""
    vectors = pieces.vectors[:MOST_PIECES]
    widest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True, initial=1e-9), 1e-9)
    return Pieces(pieces.ids[:MOST_PIECES], np.round(vectors / widest * 127).astype(np.int8))


@lru_cache(maxsize=4)
def question_mean(embedder: str) -> FloatArray | None:
    """Return where this embedder's questions lie in general, or ``None`` where nobody measured it."""
    return _measured(embedder)


@lru_cache(maxsize=4)
def pieces_mean(embedder: str) -> FloatArray | None:
    """Return where the pieces of this embedder's texts lie in general, or ``None`` where nobody measured it."""
    return _measured(f"{embedder}/pieces")


def _measured(name: str) -> FloatArray | None:
    if not _MEAN.is_file():
        return None
    with as_file(_MEAN) as path, np.load(path, allow_pickle=False) as arrays:
        return np.asarray(arrays[name], np.float32) if name in arrays.files else None


def with_title(title: str, text: str) -> str:
    """Return the text under its title, as it is read."""
    return f"{title.strip()}\n{text}" if title.strip() else text


def mean_of(questions: Sequence[FloatArray]) -> FloatArray:
    """Return the mean of question vectors, to be kept as :func:`question_mean`."""
    return np.asarray(np.stack(questions).mean(axis=0), np.float32)
