"""The bundled sentence model, run in this process by onnxruntime."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from enishi.language.errors import EmbeddingFailedError
from enishi.language.model_folder import ModelFiles, prepare_model, read_vocabulary
from enishi.language.normalising import normalise
from enishi.language.ports import FloatArray, Side
from enishi.language.unigram import UnigramTokenizer

MAX_CHARACTERS = 12_000
MAX_WINDOWS = 12
_WINDOW_PIECES = 510
_DIMENSIONS = 384


@dataclass(frozen=True)
class PieceVectors:
    """The pieces of a text, by their number in the vocabulary, and their vectors in this context. Shapes (n,), (n, d)."""

    ids: NDArray[np.int64]
    vectors: FloatArray

    @classmethod
    def none(cls) -> PieceVectors:
        return cls(np.zeros(0, np.int64), np.zeros((0, _DIMENSIONS), np.float32))


class LocalEmbedder:
    """multilingual-e5-small with 8-bit weights, one text a call.

    One text a call on purpose: activations are rounded by the range of the whole batch, so that
    neighbours in a batch would move each other's vectors. The session is opened at the first
    text, and again in a child after a fork; calls from several threads are safe.
    """

    def __init__(self, files: ModelFiles, *, threads: int = 1) -> None:
        self._files = files
        self._threads = threads
        self._opening = threading.Lock()
        self._opened: tuple[int, _Encoder] | None = None

    @property
    def name(self) -> str:
        return self._files.name

    @property
    def dimensions(self) -> int:
        return _DIMENSIONS

    def embed(self, texts: Sequence[str], *, side: Side) -> FloatArray:
        vectors = np.zeros((len(texts), _DIMENSIONS), np.float32)
        for row, text in enumerate(texts):
            spelled = normalise(text, limit=MAX_CHARACTERS)
            if spelled:
                vectors[row] = self._encoder().vector(spelled, side)
        return vectors

    def embed_in_pieces(self, text: str, *, side: Side) -> tuple[FloatArray, PieceVectors]:
        """Return a text's vector and, of the same reading, its pieces with their vectors."""
        spelled = normalise(text, limit=MAX_CHARACTERS)
        if not spelled:
            return np.zeros(_DIMENSIONS, np.float32), PieceVectors.none()
        return self._encoder().in_pieces(spelled, side)

    def piece_lengths(self, text: str) -> list[int]:
        """Return how many characters of the normalised text, blanks aside, each of its pieces spells."""
        return self._encoder().lengths(normalise(text, limit=MAX_CHARACTERS))

    def _encoder(self) -> _Encoder:
        opened = self._opened
        if opened is None or opened[0] != os.getpid():
            with self._opening:
                opened = self._opened
                if opened is None or opened[0] != os.getpid():
                    opened = os.getpid(), _Encoder(self._files, self._threads)
                    self._opened = opened
        return opened[1]


def open_local_embedder(folder: Path, *, threads: int = 1, learnt: bool = True) -> LocalEmbedder:
    """Return the bundled model, after preparing it in ``folder`` when needed; plain, or with what matching learnt."""
    return LocalEmbedder(prepare_model(folder, learnt=learnt), threads=threads)


class _Encoder:
    """An open session and its tokenizer."""

    def __init__(self, files: ModelFiles, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session: Any = onnxruntime.InferenceSession(
            str(files.graph), options, providers=["CPUExecutionProvider"]
        )
        self._begin, self._end, self._tokenizer = _tokenizer_of(files.vocabulary)
        self._prefix = {side: self._tokenizer.encode(f"{side}:") for side in ("query", "passage")}

    def vector(self, text: str, side: Side) -> FloatArray:
        prefix = self._prefix[side]
        windows = self._windows(text, len(prefix))
        total = sum((len(window) or 1) * self._window(prefix + window) for window in windows)
        return _unit(np.asarray(total, np.float32))

    def in_pieces(self, text: str, side: Side) -> tuple[FloatArray, PieceVectors]:
        prefix = self._prefix[side]
        windows = self._windows(text, len(prefix))
        total = np.zeros(_DIMENSIONS, np.float32)
        rows: list[FloatArray] = []
        for window in windows:
            vector, pieces = self._run(["vector", "pieces"], prefix + window)
            total += (len(window) or 1) * _unit(vector)
            rows.append(pieces[1 + len(prefix) : -1])
        ids = np.array([piece for window in windows for piece in window], np.int64)
        return _unit(total), PieceVectors(ids, np.concatenate(rows))

    def lengths(self, text: str) -> list[int]:
        return self._tokenizer.lengths(text)

    def _windows(self, text: str, prefix: int) -> list[list[int]]:
        pieces = self._tokenizer.encode(text)
        size = _WINDOW_PIECES - prefix
        return [pieces[start : start + size] for start in range(0, max(len(pieces), 1), size)][:MAX_WINDOWS]

    def _window(self, pieces: list[int]) -> FloatArray:
        (vector,) = self._run(["vector"], pieces)
        return _unit(vector)

    def _run(self, outputs: list[str], pieces: list[int]) -> list[FloatArray]:
        ids = np.array([self._begin, *pieces, self._end], np.int64)
        try:
            found: list[FloatArray] = self._session.run(outputs, {"ids": ids})
        except Exception as error:
            raise EmbeddingFailedError("言語モデルの計算に失敗しました。もう一度お試しください。") from error
        return found


_tokenizers: dict[str, tuple[int, int, UnigramTokenizer]] = {}
_reading = threading.Lock()


def _tokenizer_of(path: Path) -> tuple[int, int, UnigramTokenizer]:
    """Return the begin and end marks and the tokenizer of a vocabulary.

    A quarter of a million pieces take more memory than the graph: models with the same vocabulary share it.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with _reading:
        if digest not in _tokenizers:
            vocabulary = read_vocabulary(path)
            control = frozenset((vocabulary.begin, vocabulary.end, vocabulary.pad, vocabulary.unknown))
            last = len(vocabulary.pieces) - 1  # <mask>
            tokenizer = UnigramTokenizer(
                vocabulary.pieces,
                vocabulary.scores,
                control=control | {last},
                unknown=vocabulary.unknown,
            )
            _tokenizers[digest] = vocabulary.begin, vocabulary.end, tokenizer
        return _tokenizers[digest]


def _unit(vector: FloatArray) -> FloatArray:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector
