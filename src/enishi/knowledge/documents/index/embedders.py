"""The embedders this process finds documents with: the one in force, and those whose vectors still serve.

A service behind an address (``ENISHI_EMBEDDER_URL``) is in force once it is set; the bundled model's vectors answer until it has
read everything. Each of its calls is counted against the organisation it was made for.
"""

import logging
import threading
from collections.abc import Callable, Sequence

from django.conf import settings
from django.utils.module_loading import import_string

from enishi.language.endpoint import Endpoint, EndpointEmbedder
from enishi.language.errors import LanguageError, ServiceRestingError
from enishi.language.ports import Embedder, FloatArray, Side, Usage

logger = logging.getLogger(__name__)
ENDPOINT = "enishi.knowledge.documents.index.embedders.endpoint_embedder"
LOCAL = "enishi.knowledge.documents.index.embedders.local_embedder"

Count = Callable[[int | None, str, Usage, bool], None]

_counts: list[Count] = []
_opening = threading.Lock()
_opened: dict[str, Embedder] = {}


def local_embedder() -> Embedder | None:
    """The plain bundled model; ``None`` while it is not prepared."""
    from enishi.language.e5 import open_local_embedder
    from enishi.language.model_folder import is_prepared

    if not is_prepared(settings.MODEL_FOLDER, learnt=False):
        return None
    return open_local_embedder(settings.MODEL_FOLDER, threads=settings.MODEL_THREADS, learnt=False)


def endpoint_embedder() -> Embedder | None:
    """The service an administrator named, where calls out are allowed."""
    if not (settings.OUTBOUND and settings.EMBEDDER_URL):
        return None
    return EndpointEmbedder(
        Endpoint(
            url=settings.EMBEDDER_URL,
            model=settings.EMBEDDER_MODEL,
            dimensions=settings.EMBEDDER_DIMENSIONS,
            key=settings.EMBEDDER_KEY,
            query_prefix=settings.EMBEDDER_QUERY_PREFIX,
            passage_prefix=settings.EMBEDDER_PASSAGE_PREFIX,
        )
    )


def _in_force() -> str:
    usual = ENDPOINT if settings.OUTBOUND and settings.EMBEDDER_URL else LOCAL
    return str(getattr(settings, "RETRIEVAL_EMBEDDER", usual))


def embedder() -> Embedder | None:
    """The embedder in force (``RETRIEVAL_EMBEDDER`` names another), opened once a process; ``None`` while there is none."""
    return _open(_in_force())


def own_embedder() -> Embedder | None:
    """The embedder that runs here: sentences are compared by it, for how sure an answer is was learnt with it."""
    return _open(str(getattr(settings, "RETRIEVAL_EMBEDDER", LOCAL)))


def on_use(count: Count) -> None:
    """Have every call of a service counted. To be called in ``apps.ready``."""
    _counts.append(count)


def embed_for(
    organization_id: int | None, model: Embedder, texts: Sequence[str], *, side: Side
) -> FloatArray:
    """The vectors of texts; what a service counts for them is the organisation's. Raises as ``embed`` does."""
    if not isinstance(model, EndpointEmbedder):
        return model.embed(texts, side=side)
    try:
        vectors, usage = model.embed_counted(texts, side=side)
    except LanguageError as error:
        # A service that is left alone for a while was not called: there is nothing to count.
        if not isinstance(error.__cause__, ServiceRestingError):
            _tell(organization_id, model.name, Usage(), failed=True)
        raise
    _tell(organization_id, model.name, usage, failed=False)
    return vectors


def _tell(organization_id: int | None, name: str, usage: Usage, *, failed: bool) -> None:
    for count in _counts:
        count(organization_id, name, usage, failed)


def embedder_named(name: str) -> Embedder | None:
    """The embedder that made vectors of this name: the one in force, or one named in ``RETRIEVAL_EMBEDDERS_BEFORE``."""
    before: Sequence[str] = getattr(settings, "RETRIEVAL_EMBEDDERS_BEFORE", ())
    for path in dict.fromkeys((_in_force(), *before, LOCAL)):
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
