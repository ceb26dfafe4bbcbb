"""What the rooms above need from a language model, whichever it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float32]

Side = Literal["query", "passage"]
"""The two ends of a search: what is asked (``query``) and what may answer (``passage``)."""


class Embedder(Protocol):
    """Turns texts into vectors of length 1; near vectors mean near texts.

    Raw cosines have no fixed scale: compare them only within one model and one side,
    and never with a fixed threshold.
    """

    @property
    def name(self) -> str:
        """Name and version; vectors of different names must never be compared."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of each vector."""
        ...

    def embed(self, texts: Sequence[str], *, side: Side) -> FloatArray:
        """Return one vector a text, shape (len(texts), dimensions), float32, each of length 1.

        An empty text gives a vector of zeros. Any string is safe; long ones are cut.

        Raises
        ------
        EmbeddingFailedError
            If the model or the service behind it cannot answer.
        """
        ...


@dataclass(frozen=True)
class Usage:
    """What a call cost, in the tokens the service counts; nothing for a model in this process."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


def usage_of(answer: Mapping[str, Any]) -> Usage:
    """The tokens a service says it used; nothing where it does not say, or says nonsense."""
    told = answer.get("usage")
    if not isinstance(told, dict):
        return Usage()
    counts = [told.get(name) for name in ("prompt_tokens", "completion_tokens")]
    prompt, completion = (
        count if isinstance(count, int) and 0 <= count < 10_000_000 else 0 for count in counts
    )
    return Usage(prompt, completion)


class Reranker(Protocol):
    """Puts a handful of texts in the order in which they answer a question."""

    @property
    def name(self) -> str:
        """Name and version of the model."""
        ...

    def scores(self, query: str, texts: Sequence[str]) -> FloatArray:
        """Return one finite number a text, larger for what answers better; only the order within one call means anything.

        Raises
        ------
        ServiceFailedError
            If the service behind it gives no usable answer.
        """
        ...


@dataclass(frozen=True)
class Source:
    """A passage that is given to a generator: data, whatever it says."""

    key: str
    text: str


@dataclass(frozen=True)
class WritingTask:
    """What is to be written: the instruction is ours, the question is the asker's, the sources are documents."""

    instruction: str
    question: str
    sources: Sequence[Source] = ()
    most_tokens: int = 800


@dataclass(frozen=True)
class Written:
    """What came back. Nobody may show it as fact before its sentences are checked (``language.checking``)."""

    text: str
    model: str
    usage: Usage = Usage()
    was_cut: bool = False
    """Whether it ends in the middle: the service reached its limit, or held something back."""


class Generator(Protocol):
    """Writes a text from sources. Statements end with the numbers of their sources, as in 「…です。[1]」."""

    @property
    def name(self) -> str:
        """Name and version of the model."""
        ...

    @property
    def writes_freely(self) -> bool:
        """Whether the sentences are its own; otherwise every one is copied out of a source."""
        ...

    def write(self, task: WritingTask) -> Written:
        """Return a text that is not empty.

        Raises
        ------
        NotConfiguredError
            If no model that could write is there.
        ServiceFailedError
            If the service behind it gives no usable answer.
        """
        ...


TextLanguage = Literal["ja", "ja-easy", "en", "zh", "ko", "vi"]
"""Languages of residents; ``ja-easy`` is やさしい日本語."""


class Translator(Protocol):
    """Puts a text into another language; what it makes is a draft until a person has approved it."""

    @property
    def name(self) -> str:
        """Name and version of the model."""
        ...

    def translate(self, text: str, *, to: TextLanguage) -> Written:
        """Return the text in another language, with the numbers it had.

        Raises
        ------
        NotConfiguredError
            If no model that could translate is there.
        ServiceFailedError
            If the service behind it gives no usable answer.
        """
        ...
