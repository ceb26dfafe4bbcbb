"""What the rooms above need from a model of meaning, whichever it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

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
