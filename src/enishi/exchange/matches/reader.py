"""The one reader of texts this process matches with: an embedder and the space its vectors live in."""

import logging
import threading
import zlib
from collections.abc import Sequence

import numpy as np
from django.conf import settings
from django.utils.module_loading import import_string

from enishi.language.errors import LanguageError
from enishi.language.matching_inputs import MatchingReader, bundled_space
from enishi.language.ports import FloatArray, Side

logger = logging.getLogger(__name__)
LOCAL = "enishi.exchange.matches.reader.local_reader"

_opening = threading.Lock()
_opened: dict[str, MatchingReader] = {}
_stamps: dict[int, str] = {}


class WordsOnly:
    """Stands in while there is no model: no meaning, so that words and conditions decide alone."""

    name = "words-only"

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions

    def embed(self, texts: Sequence[str], *, side: Side) -> FloatArray:
        return np.zeros((len(texts), self.dimensions), np.float32)


def local_reader() -> MatchingReader:
    """The bundled model. Where it is not prepared yet, words alone."""
    from enishi.language.e5 import open_local_embedder
    from enishi.language.model_folder import is_prepared

    space = bundled_space()
    if not is_prepared(settings.MODEL_FOLDER):
        return MatchingReader(WordsOnly(space.dimensions), space)
    return MatchingReader(open_local_embedder(settings.MODEL_FOLDER, threads=settings.MODEL_THREADS), space)


def reader() -> MatchingReader:
    """The reader named by ``MATCHING_READER``, opened once a process; without a model it is asked for again."""
    path: str = getattr(settings, "MATCHING_READER", LOCAL)
    with _opening:
        found = _opened.get(path)
        if found is None:
            found = import_string(path)()
            if embedder_name(found) != WordsOnly.name:
                _opened[path] = found
    return found


def embedder_name(of: MatchingReader) -> str:
    return of._embedder.name


def vectors_of(texts: Sequence[str], side: Side) -> tuple[str, FloatArray]:
    """The embedder's name and one vector a text; zeros (and the name of nobody) when the model fails."""
    current = reader()
    try:
        return embedder_name(current), np.stack([current.vector(text, side) for text in texts])
    except LanguageError:
        logger.exception("texts were not embedded")
        return WordsOnly.name, np.zeros((len(texts), current.space.dimensions), np.float32)


def space_stamp(of: MatchingReader) -> str:
    """A name for the very arrays texts are compared in: what was built in others must be built again."""
    space = of.space
    known: str | None = _stamps.get(id(space))
    if known is None:
        crc = 0
        for array in (space.want_mean, space.can_mean, space.want_bank):
            crc = zlib.crc32(np.ascontiguousarray(array).tobytes(), crc)
        known = _stamps[id(space)] = f"{space.name}-{crc:08x}"
    return known
