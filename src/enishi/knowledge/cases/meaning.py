"""The model that reads meaning, where one is there; without it words alone decide, and pages say so."""

import logging
from collections.abc import Callable

import numpy as np

from enishi.language.errors import LanguageError
from enishi.language.ports import Embedder, Side

logger = logging.getLogger(__name__)

Provider = Callable[[], Embedder | None]
_providers: list[Provider] = []


def provide(provider: Provider) -> None:
    """Say which embedder this process reads with; the last one that was said holds. ``None`` from it: not yet there."""
    _providers.append(provider)


def name() -> str:
    """The embedder's name; empty where there is none."""
    found = _embedder()
    return found.name if found is not None else ""


def vector(text: str, *, side: Side) -> tuple[str, bytes | None]:
    """The embedder's name and the text's vector (float32); an empty name and nothing without a model that answers."""
    embedder = _embedder()
    if embedder is None:
        return "", None
    try:
        found = np.asarray(embedder.embed([text], side=side)[0], np.float32)
    except LanguageError:
        logger.exception("a case was not embedded")
        return "", None
    return (embedder.name, found.tobytes()) if found.any() else ("", None)


def _embedder() -> Embedder | None:
    return _providers[-1]() if _providers else None
