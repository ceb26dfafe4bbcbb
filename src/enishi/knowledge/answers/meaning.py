"""How near texts are to a question: by the whole of them, and piece by piece. Keeps what it read lately."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.resources import as_file, files
from typing import TypeVar

import numpy as np

from enishi.engines.answers import AskedPieces, Reference
from enishi.engines.retrieval import Pieces, PieceSigns, signs_of
from enishi.language.ports import Embedder, FloatArray
from enishi.language.retrieval_inputs import PieceEmbedder, kept, pieces_mean, words_in_pieces

Read = TypeVar("Read")

_SPREADS = 3.0
"""So many spreads above unrelated sentences count as one."""
_MOST_PIECES = 6_000
"""Texts whose pieces are remembered: five kilobytes each."""
_QUESTIONS = 64


class _Memory(OrderedDict[str, Read]):
    """What was read of a text, the latest only; several threads may ask."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._lock = threading.Lock()

    def of(self, texts: Sequence[str], read: Callable[[list[str]], Sequence[Read]]) -> list[Read]:
        with self._lock:
            found = {text: self[text] for text in texts if text in self}
        new = [text for text in dict.fromkeys(texts) if text not in found]
        if new:
            found.update(zip(new, read(new), strict=True))
        with self._lock:
            self.update(found)
            for text in found:
                self.move_to_end(text)
            while len(self) > max(self._most, len(found)):
                self.popitem(last=False)
        return [found[text] for text in texts]


class Vectors:
    """An embedder with a memory of what it read lately: the same few hundred sentences are asked about all day."""

    def __init__(self, embedder: Embedder, *, most: int = 20_000) -> None:
        self.embedder = embedder
        self._vectors: _Memory[FloatArray] = _Memory(most)
        self._signs: _Memory[PieceSigns] = _Memory(_MOST_PIECES)
        self._titles: _Memory[tuple[FloatArray, PieceSigns]] = _Memory(_MOST_PIECES)
        self._questions: _Memory[tuple[FloatArray, Pieces | None]] = _Memory(_QUESTIONS)
        self._in_pieces: _Memory[AskedPieces | None] = _Memory(_QUESTIONS)
        self._background: FloatArray | None = None

    def of(self, texts: Sequence[str]) -> FloatArray:
        """One vector a passage text."""
        found = self._vectors.of(texts, lambda new: list(self.embedder.embed(new, side="passage")))
        return np.stack(found) if found else np.zeros((0, self.embedder.dimensions), np.float32)

    def question(self, text: str) -> FloatArray:
        return self._asked(text)[0]

    def _asked(self, text: str) -> tuple[FloatArray, Pieces | None]:
        return self._questions.of([text], lambda new: [self._question_read(each) for each in new])[0]

    def _question_read(self, text: str) -> tuple[FloatArray, Pieces | None]:
        if self.tells_pieces and isinstance(self.embedder, PieceEmbedder):
            vector, pieces = self.embedder.embed_in_pieces(text, side="query")
            return vector, kept(pieces)
        vector = self.embedder.embed([text], side="query")[0]
        return vector, None

    def background(self) -> FloatArray:
        """Vectors of everyday sentences that answer nobody's question: the zero of nearness."""
        if self._background is None:
            self._background = self.embedder.embed(background(), side="passage")
        return self._background

    @property
    def tells_pieces(self) -> bool:
        """Whether texts can be compared piece by piece, and it is known what to measure that from."""
        return reference(self.embedder.name) is not None

    def asked_pieces(self, question: str) -> AskedPieces | None:
        """The question held against the reference; ``None`` with a model that tells no pieces."""
        return self._in_pieces.of(
            [question], lambda new: [self._held_against_reference(each) for each in new]
        )[0]

    def _held_against_reference(self, question: str) -> AskedPieces | None:
        measured = reference(self.embedder.name)
        if measured is None:
            return None
        _vector, pieces = self._asked(question)
        if pieces is None or not isinstance(self.embedder, PieceEmbedder):
            return None
        return measured.asked(pieces, words_in_pieces(question, self.embedder))

    def signs(self, texts: Sequence[str]) -> list[PieceSigns]:
        """The pieces of passage texts. Only with a model that tells them."""
        return self._signs.of(texts, lambda new: [self.read_in_pieces(each)[1] for each in new])

    def titles(self, texts: Sequence[str]) -> tuple[FloatArray, list[PieceSigns]]:
        """The vectors of titles and their pieces, read together. Only with a model that tells pieces."""
        found = self._titles.of(texts, lambda new: [self.read_in_pieces(each) for each in new])
        return np.stack([vector for vector, _signs in found]), [signs for _vector, signs in found]

    def read_in_pieces(self, text: str) -> tuple[FloatArray, PieceSigns]:
        """A passage text's vector and, of the same reading, its pieces. Only with a model that tells them."""
        mean = pieces_mean(self.embedder.name)
        assert isinstance(self.embedder, PieceEmbedder) and mean is not None
        vector, pieces = self.embedder.embed_in_pieces(text, side="passage")
        return vector, signs_of(kept(pieces), mean)


class Nearness:
    """How near texts are to one question, in spreads above the background: cosines themselves have no fixed scale."""

    def __init__(self, vectors: Vectors, question: str) -> None:
        self._vectors = vectors
        self.vector = vectors.question(question)
        near = vectors.background() @ self.vector
        self._mean, self._spread = float(near.mean()), max(float(near.std()), 1e-6)

    def of(self, texts: Sequence[str]) -> list[float]:
        if not texts:
            return []
        return self.of_vectors(self._vectors.of(texts))

    def of_vectors(self, vectors: FloatArray) -> list[float]:
        return [self.scaled(float(cosine)) for cosine in vectors @ self.vector]

    def scaled(self, cosine: float) -> float:
        return float(np.clip((cosine - self._mean) / self._spread / _SPREADS, -1.0, 4.0))


@lru_cache(maxsize=1)
def background() -> tuple[str, ...]:
    text = (files("enishi.knowledge.answers") / "background.txt").read_text("utf-8")
    return tuple(line for line in text.splitlines() if line)


@lru_cache(maxsize=4)
def reference(embedder: str) -> Reference | None:
    """Answers of an imaginary city in pieces, as this model reads them (training/answers/build_reference.py)."""
    mean = pieces_mean(embedder)
    path = files("enishi.knowledge.answers") / "reference.npz"
    if mean is None or not path.is_file():
        return None
    with as_file(path) as opened, np.load(opened, allow_pickle=False) as arrays:
        if str(arrays["embedder"]) != embedder:
            return None
        ends = np.cumsum(arrays["sizes"])[:-1]
        ids, signs = np.split(arrays["ids"], ends), np.split(arrays["signs"], ends)
        return Reference([PieceSigns(*each) for each in zip(ids, signs, strict=True)], mean)
