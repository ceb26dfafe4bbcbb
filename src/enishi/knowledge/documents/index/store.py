"""What this process finds passages with: segments from disk, the latest passages in memory, the table of documents.

Each question first compares numbers (one small query); only when something changed is it read, so that a document kept a
moment ago, by whichever process, is found: by its words at once, by its meaning when the worker has read it.
"""

import json
import logging
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Max

from enishi.engines.core import BoolArray, Float32Array, IntArray, InvalidInputError
from enishi.engines.retrieval import Passages, PassageSegment, build_passages
from enishi.foundation import shelves
from enishi.foundation.shelves import ShelfDamagedError, Shelved
from enishi.knowledge.documents import counters
from enishi.knowledge.documents.index import table as tables
from enishi.knowledge.documents.index.table import DocumentTable
from enishi.knowledge.documents.models import DocumentCounter, Passage
from enishi.language.retrieval_inputs import words_of

logger = logging.getLogger(__name__)
FORMAT = 3
DIMENSIONS = 384
MOST_TAKEN = 4_000
"""New passages taken in while somebody waits; the worker shelves more than these within a minute."""
VECTORS = "documents-vectors"
_AT_ONCE = 2_000


@dataclass(frozen=True)
class Shelf:
    """A segment on disk: passages with keys from ``low`` to ``high``, vectors by ``embedder``, ``missing`` without one."""

    shelved: Shelved
    low: int
    high: int
    embedder: str
    missing: int

    def as_json(self) -> dict[str, Any]:
        named = {"low": self.low, "high": self.high, "embedder": self.embedder, "missing": self.missing}
        return self.shelved.as_json() | named

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> "Shelf":
        shelved = Shelved.from_json(row)
        return cls(shelved, int(row["low"]), int(row["high"]), str(row["embedder"]), int(row["missing"]))


@dataclass(frozen=True, eq=False)
class Said:
    """A passage as the index takes it."""

    key: int
    owner: int
    words: list[str]
    vector: Float32Array | None
    embedder: str


@dataclass(frozen=True)
class Standing:
    """The index as of two numbers: the last change of a document, and the last reading by the embedder."""

    epoch: int
    sequence: int
    vectors: int
    stamp: tuple[int, int]
    table: DocumentTable
    shelf: tuple[Shelf, ...] = ()
    segments: tuple[PassageSegment, ...] = ()
    tail: tuple[Said, ...] = ()
    tail_segments: tuple[tuple[str, PassageSegment], ...] = ()
    passages: dict[str, Passages] = field(default_factory=dict)
    places: dict[str, list[IntArray]] = field(default_factory=dict)

    @property
    def high(self) -> int:
        """The highest key that is shelved."""
        return max((each.high for each in self.shelf), default=0)

    def masks(self, embedder: str, allowed: BoolArray) -> list[BoolArray]:
        """For each segment of an embedder: the rows that stand and whose documents are allowed."""
        padded = np.append(allowed, False)  # the place -1: documents that are gone
        return [
            padded[places] & alive
            for places, alive in zip(self.places[embedder], self.passages[embedder].alive, strict=True)
        ]


class PassageStore:
    """One for each process; its threads share what it holds."""

    def __init__(self) -> None:
        self._reading = threading.RLock()
        self._standing: Standing | None = None

    def standing(self) -> Standing:
        """The index as it is now."""
        epoch, sequence = counters.read_counters()
        vectors = vectors_counter()
        found = self._standing
        now = (epoch, sequence, vectors, shelves.stamp(manifest_path()))
        if found is not None and (found.epoch, found.sequence, found.vectors, found.stamp) == now:
            return found
        patience = 2.0 if found is not None and found.epoch == epoch else -1
        if not self._reading.acquire(timeout=patience):
            assert found is not None
            return found
        try:
            self._standing = _caught_up(self._standing, *now)
            return self._standing
        finally:
            self._reading.release()

    def forget(self) -> None:
        with self._reading:
            self._standing = None

    def distrust(self) -> None:
        """Throw away what is on disk and in memory: something in it was not as it should be."""
        with self._reading:
            manifest_path().unlink(missing_ok=True)
            self._standing = None


store = PassageStore()


def folder() -> Path:
    return Path(settings.DATA_FOLDER) / "index" / "documents"


def manifest_path() -> Path:
    return folder() / "manifest.json"


def vectors_counter() -> int:
    found = DocumentCounter.objects.filter(name=VECTORS).values_list("value", flat=True).first()
    return found or 0


def note_vectors() -> None:
    """Tell every process that passages got vectors."""
    value, _made = DocumentCounter.objects.get_or_create(name=VECTORS)
    DocumentCounter.objects.filter(pk=value.pk).update(value=value.value + 1)


def read_manifest(epoch: int) -> tuple[Shelf, ...]:
    """The shelves of this database; none where there is no manifest that fits."""
    try:
        row = json.loads(manifest_path().read_bytes())
        if row["format"] != FORMAT or row["epoch"] != epoch:
            return ()
        return tuple(Shelf.from_json(each) for each in row["segments"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()


def write_manifest(epoch: int, shelf: Iterable[Shelf]) -> None:
    """Name the shelves in force, then clear away folders nobody names."""
    rows = list(shelf)
    named = {"format": FORMAT, "epoch": epoch, "segments": [each.as_json() for each in rows]}
    shelves.replace(manifest_path(), json.dumps(named).encode())
    shelves.clear(folder(), {each.shelved.folder for each in rows})


def open_shelf(each: Shelf) -> PassageSegment:
    """Raises ``ShelfDamagedError``."""
    try:
        segment = PassageSegment.from_arrays(shelves.open_arrays(folder(), each.shelved))
    except InvalidInputError as error:
        raise ShelfDamagedError(str(error)) from error
    if len(segment) != each.shelved.rows:
        raise ShelfDamagedError("rows")
    return segment


def _caught_up(
    found: Standing | None, epoch: int, sequence: int, vectors: int, stamp: tuple[int, int]
) -> Standing:
    if found is None or found.epoch != epoch or found.sequence > sequence:
        found = Standing(epoch, 0, -1, (-1, -1), DocumentTable.empty())
    if found.stamp != stamp:
        found = _from_disk(found, epoch, stamp)
    table = found.table.with_changes(found.sequence, sequence) if sequence > found.sequence else found.table
    tail = _tail(found, fresh=vectors != found.vectors)
    known = found.tail_segments if tail is found.tail and found.tail_segments else _segments_of(tail)
    return _with_passages(
        replace(
            found,
            sequence=sequence,
            vectors=vectors,
            stamp=stamp,
            table=table,
            tail=tail,
            tail_segments=known,
        )
    )


def _from_disk(found: Standing, epoch: int, stamp: tuple[int, int]) -> Standing:
    shelf = read_manifest(epoch)
    known = dict(zip((each.shelved.folder for each in found.shelf), found.segments, strict=True))
    try:
        segments = tuple(known.get(each.shelved.folder) or open_shelf(each) for each in shelf)
    except ShelfDamagedError as error:
        # Made from the database, so nothing is lost: only the time to make it again.
        logger.warning("the index of documents is damaged and will be made again: %s", error)
        manifest_path().unlink(missing_ok=True)
        shelf, segments = (), ()
    high = max((each.high for each in shelf), default=0)
    tail = tuple(said for said in found.tail if said.key > high)
    return replace(found, stamp=stamp, shelf=shelf, segments=segments, tail=tail, tail_segments=())


def _tail(found: Standing, *, fresh: bool) -> tuple[Said, ...]:
    """The passages that are not shelved, with the words known already and, when ``fresh``, the latest vectors."""
    tail = found.tail
    if fresh and tail:
        rows = {
            row[0]: row[1:]
            for start in range(0, len(tail), 500)
            for row in Passage.objects.filter(
                pk__in=[said.key for said in tail[start : start + 500]]
            ).values_list("pk", "embedder", "vector")
        }
        tail = tuple(
            replace(said, embedder=rows[said.key][0], vector=unpacked(rows[said.key][1]))
            for said in tail
            if said.key in rows
        )
    last = tail[-1].key if tail else found.high
    room = MOST_TAKEN - len(tail)
    new = said_of(last, None, limit=room) if room > 0 else ()
    added = tuple(new)
    return (*tail, *added) if added else tail


def said_of(after: int, until: int | None, *, limit: int | None = None) -> Iterator[Said]:
    """Passages in the order of their keys, as the index takes them."""
    rows = Passage.objects.filter(pk__gt=after).order_by("pk")
    if until is not None:
        rows = rows.filter(pk__lte=until)
    if limit is not None:
        rows = rows[:limit]
    values = rows.values_list(
        "pk", "document_id", "document__title", "heading_path", "text", "vector", "embedder"
    )
    for pk, owner, title, path, text, vector, embedder in values.iterator(chunk_size=_AT_ONCE):
        words = words_of(f"{title}\n{path}\n{text}")
        yield Said(pk, owner, words, unpacked(vector), embedder if vector is not None else "")


def unpacked(stored: bytes | memoryview | None) -> Float32Array | None:
    return None if stored is None else np.frombuffer(bytes(stored), "<f2").astype(np.float32)


def segment_of(said: list[Said], embedder: str) -> PassageSegment:
    """A segment of passages; vectors of other embedders are left out, for those must never meet."""
    ours = [each.vector if each.embedder == embedder else None for each in said]
    width = next((len(vector) for vector in ours if vector is not None), DIMENSIONS)
    vectors = np.zeros((len(said), width), np.float32)
    for row, vector in enumerate(ours):
        if vector is not None and len(vector) == width:
            vectors[row] = vector
    keys = [each.key for each in said]
    return build_passages(keys, [each.owner for each in said], [each.words for each in said], vectors)


def _segments_of(tail: tuple[Said, ...]) -> tuple[tuple[str, PassageSegment], ...]:
    """The tail, one segment for each embedder; what has no vector yet goes with the most."""
    if not tail:
        return ()
    names = [said.embedder for said in tail if said.embedder]
    usual = max(set(names), key=names.count) if names else ""
    groups: dict[str, list[Said]] = {}
    for said in tail:
        groups.setdefault(said.embedder or usual, []).append(said)
    return tuple((name, segment_of(rows, name)) for name, rows in groups.items())


def _with_passages(standing: Standing) -> Standing:
    """Segments asked together are those of one embedder."""
    groups: dict[str, list[PassageSegment]] = {}
    for each, segment in zip(standing.shelf, standing.segments, strict=True):
        groups.setdefault(each.embedder, []).append(segment)
    for name, segment in standing.tail_segments:
        groups.setdefault(name, []).append(segment)
    if "" in groups and len(groups) > 1:
        # Nothing of these has a vector: they may be asked along with any.
        named = next(name for name in groups if name)
        groups[named] += list(groups.pop(""))
    passages, places = {}, {}
    for name, segments in groups.items():
        found = tables.alive(standing.table, ((each.keys, each.owners) for each in segments))
        passages[name] = Passages(segments, [stands for _places, stands in found])
        places[name] = [place for place, _stands in found]
    return replace(standing, passages=passages, places=places)


def highest_key() -> int:
    return Passage.objects.aggregate(highest=Max("pk"))["highest"] or 0
