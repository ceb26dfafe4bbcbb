"""The bundled sentence model, run in this process by onnxruntime."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from enishi.language.errors import EmbeddingFailedError
from enishi.language.model_folder import ModelFiles, prepare_model, read_vocabulary
from enishi.language.normalising import normalise
from enishi.language.ports import FloatArray, Side
from enishi.language.unigram import UnigramTokenizer

MAX_CHARACTERS = 12_000
MAX_WINDOWS = 12
_WINDOW_PIECES = 510
_DIMENSIONS = 384


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

    def _encoder(self) -> _Encoder:
        opened = self._opened
        if opened is None or opened[0] != os.getpid():
            with self._opening:
                opened = self._opened
                if opened is None or opened[0] != os.getpid():
                    opened = os.getpid(), _Encoder(self._files, self._threads)
                    self._opened = opened
        return opened[1]


def open_local_embedder(folder: Path, *, threads: int = 1) -> LocalEmbedder:
    """Return the bundled model, after preparing it in ``folder`` when needed."""
    return LocalEmbedder(prepare_model(folder), threads=threads)


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
        vocabulary = read_vocabulary(files.vocabulary)
        self._begin, self._end = vocabulary.begin, vocabulary.end
        control = frozenset((vocabulary.begin, vocabulary.end, vocabulary.pad, vocabulary.unknown))
        last = len(vocabulary.pieces) - 1  # <mask>
        self._tokenizer = UnigramTokenizer(
            vocabulary.pieces, vocabulary.scores, control=control | {last}, unknown=vocabulary.unknown
        )
        self._prefix = {side: self._tokenizer.encode(f"{side}:") for side in ("query", "passage")}

    def vector(self, text: str, side: Side) -> FloatArray:
        prefix = self._prefix[side]
        pieces = self._tokenizer.encode(text)
        size = _WINDOW_PIECES - len(prefix)
        windows = [pieces[start : start + size] for start in range(0, max(len(pieces), 1), size)][
            :MAX_WINDOWS
        ]
        total = sum((len(window) or 1) * self._window(prefix + window) for window in windows)
        return _unit(np.asarray(total, np.float32))

    def _window(self, pieces: list[int]) -> FloatArray:
        ids = np.array([self._begin, *pieces, self._end], np.int64)
        try:
            (vector,) = self._session.run(None, {"ids": ids})
        except Exception as error:
            raise EmbeddingFailedError("言語モデルの計算に失敗しました。もう一度お試しください。") from error
        return _unit(vector)


def _unit(vector: FloatArray) -> FloatArray:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector
