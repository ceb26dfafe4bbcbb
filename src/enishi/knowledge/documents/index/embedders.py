"""The embedders this process finds documents with: the one in force, and those whose vectors still serve."""

import logging
import threading
from collections.abc import Sequence

from django.conf import settings
from django.utils.module_loading import import_string

from enishi.language.ports import Embedder

logger = logging.getLogger(__name__)
LOCAL = "enishi.knowledge.documents.index.embedders.local_embedder"

_opening = threading.Lock()
_opened: dict[str, Embedder] = {}


def local_embedder() -> Embedder | None:
    """The plain bundled model; ``None`` while it is not prepared."""
    from enishi.language.e5 import open_local_embedder
    from enishi.language.model_folder import is_prepared

    if not is_prepared(settings.MODEL_FOLDER, learnt=False):
        return None
    return open_local_embedder(settings.MODEL_FOLDER, threads=settings.MODEL_THREADS, learnt=False)


def embedder() -> Embedder | None:
    """The embedder named by ``RETRIEVAL_EMBEDDER``, opened once a process; ``None`` while there is none."""
    return _open(getattr(settings, "RETRIEVAL_EMBEDDER", LOCAL))


def embedder_named(name: str) -> Embedder | None:
    """The embedder that made vectors of this name: the one in force, or one named in ``RETRIEVAL_EMBEDDERS_BEFORE``."""
    before: Sequence[str] = getattr(settings, "RETRIEVAL_EMBEDDERS_BEFORE", ())
    for path in (getattr(settings, "RETRIEVAL_EMBEDDER", LOCAL), *before):
        found = _open(path)
        if found is not None and found.name == name:
            return found
    return None


def _open(path: str) -> Embedder | None:
    with _opening:
        found = _opened.get(path)
        if found is None:
            found = import_string(path)()
            if found is not None:
                _opened[path] = found
    return found
