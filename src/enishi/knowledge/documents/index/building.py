"""What the worker does for the index: reading passages with the embedder, shelving, mending."""

import datetime as dt
import logging
import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from django.db import transaction

from enishi.foundation import shelves
from enishi.foundation.shelves import ShelfDamagedError
from enishi.knowledge.documents import counters
from enishi.knowledge.documents.index import pieces
from enishi.knowledge.documents.index import store as stores
from enishi.knowledge.documents.index.embedders import embed_for, embedder
from enishi.knowledge.documents.index.store import Shelf, folder, said_of, segment_of
from enishi.knowledge.documents.models import Passage
from enishi.language.errors import LanguageError
from enishi.language.ports import Embedder
from enishi.language.retrieval_inputs import with_title

logger = logging.getLogger(__name__)
SEGMENT_ROWS = 50_000
SHELVED_FROM = 2_000
"""So many new passages are put on disk; fewer stay in the memory of each process."""
MOST_SHELVES = 24
DEAD_SHARE = 0.3
EMBED_SECONDS = 50.0
_BATCH = 64

Tell = Callable[[int, int], None]


def embed_waiting(*, seconds: float = EMBED_SECONDS, tell: Tell | None = None) -> int:
    """Have the embedder read passages that it has not read yet, the newest first, for some time. Returns how many."""
    model = embedder()
    if model is None:
        return 0
    waiting = Passage.objects.without_vector_of(model.name).filter(document__deleted_at__isnull=True)
    begun, done = time.monotonic(), 0
    total = waiting.count()
    while time.monotonic() - begun < seconds:
        rows = list(waiting.select_related("document").defer("document__text").order_by("-pk")[:_BATCH])
        if not rows or not _embed(rows, model):
            break
        done += len(rows)
        if tell is not None:
            tell(done, max(total, done))
    if done:
        stores.note_vectors()
    while time.monotonic() - begun < seconds and pieces.read_waiting():
        pass
    return done


def _embed(rows: list[Passage], model: Embedder) -> bool:
    hashes = [row.content_hash for row in rows]
    known = dict(
        Passage.objects.filter(
            content_hash__in=hashes, embedder=model.name, vector__isnull=False
        ).values_list("content_hash", "vector")
    )
    try:
        for row in rows:
            stored = known.get(row.content_hash)
            row.vector = stored if stored is not None else packed_vector(row, model)
            row.embedder = model.name
            known[row.content_hash] = row.vector
    except LanguageError:
        logger.exception("passages were not embedded")
        return False
    with transaction.atomic():
        Passage.objects.bulk_update(rows, ["vector", "embedder"], batch_size=_BATCH)
    return True


def packed_vector(row: Passage, model: Embedder) -> bytes:
    """The passage under its headings, as the model reads it."""
    heading = row.heading_path.replace("›", " ")
    owner = row.document.organization_id
    (vector,) = embed_for(owner, model, [with_title(heading, row.text)], side="passage")
    return np.asarray(vector).astype("<f2").tobytes()


def keep_index(at: dt.datetime) -> int:
    """Put what is new on disk and mend what has aged. Returns how many segments were written."""
    epoch, _sequence = counters.read_counters()
    shelf = list(stores.read_manifest(epoch))
    name = _name()
    written = 0
    for position, each in enumerate(shelf):
        if _has_aged(each, name):
            shelf[position : position + 1] = _shelved(each.low - 1, each.high, name)
            written += 1
            _put(epoch, shelf)
    high = max((each.high for each in shelf), default=0)
    while Passage.objects.filter(pk__gt=high).values("pk")[SHELVED_FROM - 1 : SHELVED_FROM].exists():
        keys = Passage.objects.filter(pk__gt=high).order_by("pk").values_list("pk", flat=True)
        edge = list(keys[SEGMENT_ROWS - 1 : SEGMENT_ROWS])
        until = edge[0] if edge else stores.highest_key()
        shelf += _shelved(high, until, name)
        high = until
        written += 1
        _put(epoch, shelf)
    return written + _merge(epoch, shelf, name)


def _name() -> str:
    model = embedder()
    return model.name if model is not None else ""


def _put(epoch: int, shelf: list[Shelf]) -> None:
    stores.write_manifest(epoch, shelf)


def _shelved(after: int, until: int, name: str) -> list[Shelf]:
    """The passages of a stretch of keys as a segment on disk; none where nothing stands there any more."""
    said = list(said_of(after, until))
    if not said:
        return []
    served = _served(said, name)
    segment = segment_of(said, served)
    missing = sum(each.embedder != served for each in said)
    shelved = shelves.shelve(folder(), segment.arrays(), rows=len(segment))
    return [Shelf(shelved, after + 1, until, served, missing)]


def _served(said: list[stores.Said], name: str) -> str:
    """The embedder in force once it has read all; until then the one that has read most."""
    names = [each.embedder for each in said if each.embedder]
    if not names:
        return name
    if sum(each == name for each in names) == len(said):
        return name
    return max(set(names), key=names.count)


def _has_aged(each: Shelf, name: str) -> bool:
    """Whether vectors have come, another embedder has read all, or many of its passages are gone."""
    rows = Passage.objects.filter(pk__gte=each.low, pk__lte=each.high)
    count = rows.count()
    if count < each.shelved.rows * (1 - DEAD_SHARE):
        return True
    if each.embedder != name:
        return bool(name) and not rows.exclude(embedder=name).exists()
    if not each.missing:
        return False
    missing = rows.exclude(embedder=name).count()
    return missing == 0 or missing < each.missing / 2


def _merge(epoch: int, shelf: list[Shelf], name: str) -> int:
    """Put the two smallest neighbours together while there are too many."""
    merged = 0
    while len(shelf) > MOST_SHELVES:
        sizes = [one.shelved.rows + other.shelved.rows for one, other in pairwise(shelf)]
        at = int(np.argmin(sizes))
        if sizes[at] > 4 * SEGMENT_ROWS:
            break
        shelf[at : at + 2] = _shelved(shelf[at].low - 1, shelf[at + 1].high, name)
        merged += 1
        _put(epoch, shelf)
    return merged


def check_index(at: dt.datetime) -> int:
    """Read every file of the index through; what is damaged is thrown away and made again by the next round."""
    pieces.clear_orphans()
    epoch, _sequence = counters.read_counters()
    damaged = 0
    for each in stores.read_manifest(epoch):
        try:
            shelves.check(folder(), each.shelved, thoroughly=True)
        except ShelfDamagedError as error:
            logger.warning("the index of documents is damaged: %s", error)
            damaged += 1
    if damaged:
        stores.store.distrust()
    return damaged
