"""A sentence model behind an address: any service that speaks OpenAI's embeddings interface. Off by default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from enishi.language.errors import EmbeddingFailedError, LanguageError, ServiceFailedError
from enishi.language.normalising import normalise
from enishi.language.ports import FloatArray, Side, Usage, usage_of
from enishi.language.service import ModelService, ServiceAddress, ServiceAddressError, UselessAnswerError

_BATCH = 32
_MAX_CHARACTERS = 12_000


class EndpointSettingsError(LanguageError):
    """The address or the dimensions cannot be used."""


@dataclass(frozen=True)
class Endpoint:
    """Where the service is and what it expects.

    ``url`` is the address up to and including the version, as in ``http://127.0.0.1:8080/v1``.
    """

    url: str
    model: str
    dimensions: int
    key: str = ""
    query_prefix: str = ""
    passage_prefix: str = ""
    timeout_seconds: float = 30.0

    def __post_init__(self) -> None:
        try:
            self.address()
        except ServiceAddressError as error:
            raise EndpointSettingsError(
                f"埋め込みサービスの住所「{self.url[:100]}」は http:// か https:// で始めてください。"
            ) from error
        if self.dimensions < 1:
            raise EndpointSettingsError("埋め込みサービスの次元数は1以上の整数で書いてください。")

    def address(self) -> ServiceAddress:
        return ServiceAddress(self.url, self.model, self.key, timeout_seconds=self.timeout_seconds)


class EndpointEmbedder:
    """Asks a service for vectors; texts leave this machine for the address the administrator wrote."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._service = ModelService(endpoint.address())

    @property
    def name(self) -> str:
        return f"endpoint:{self._endpoint.model}:{self._endpoint.dimensions}"

    @property
    def dimensions(self) -> int:
        return self._endpoint.dimensions

    def embed(self, texts: Sequence[str], *, side: Side) -> FloatArray:
        return self.embed_counted(texts, side=side)[0]

    def embed_counted(self, texts: Sequence[str], *, side: Side) -> tuple[FloatArray, Usage]:
        """Return the vectors and the tokens the service counted for them."""
        spelled = [normalise(text, limit=_MAX_CHARACTERS) for text in texts]
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        present = [row for row, text in enumerate(spelled) if text]
        tokens = 0
        for start in range(0, len(present), _BATCH):
            rows = present[start : start + _BATCH]
            vectors[rows], counted = self._ask([self._prefix(side) + spelled[row] for row in rows])
            tokens += counted
        return vectors, Usage(prompt_tokens=tokens)

    def _prefix(self, side: Side) -> str:
        return self._endpoint.query_prefix if side == "query" else self._endpoint.passage_prefix

    def _ask(self, texts: list[str]) -> tuple[FloatArray, int]:
        asked = {"model": self._endpoint.model, "input": texts}
        try:
            return self._service.post("/embeddings", asked, lambda answer: self._read(answer, len(texts)))
        except ServiceFailedError as error:
            what = error.values.get("what", "しばらく呼び出しを止めています")
            raise EmbeddingFailedError(
                "埋め込みサービス %(url)s から結果を受け取れません(%(what)s)。サービスの状態と設定を確かめてください。",
                url=self._endpoint.url,
                what=what,
            ) from error

    def _read(self, answer: dict[str, Any], count: int) -> tuple[FloatArray, int]:
        rows = sorted(answer["data"], key=lambda row: row["index"])
        vectors = np.array([row["embedding"] for row in rows], np.float32)
        if vectors.shape != (count, self.dimensions) or not np.isfinite(vectors).all():
            raise UselessAnswerError(f"ベクトルの数か次元が違います(設定は{self.dimensions}次元)")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: FloatArray = vectors / np.maximum(lengths, np.float32(1e-12))
        return unit, usage_of(answer).prompt_tokens
