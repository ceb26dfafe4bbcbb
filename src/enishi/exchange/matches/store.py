"""What this process matches against: segments from disk, the latest changes in memory, and the wants.

The stored profiles are the truth. Each question first compares sequence numbers (one small query); only when something
changed since is it read, so that a record saved a moment ago, by whichever process, is found.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from django.core.cache import caches
from django.db.models import QuerySet

from enishi.engines import matching
from enishi.engines.core import Float32Array, IntArray
from enishi.exchange.enums import RecordKind
from enishi.exchange.matches import inputs, shelves, texts
from enishi.exchange.matches.counters import EPOCH, read_counters
from enishi.exchange.matches.enums import ProfileState
from enishi.exchange.matches.evidence import vector_of
from enishi.exchange.matches.models import MatchProfile
from enishi.exchange.matches.reader import reader, space_stamp
from enishi.exchange.models import Challenge

logger = logging.getLogger(__name__)
CHUNK = 5_000
MOST_TAILS = 8
MOST_ANSWERS = 64
"""A planner goes back and forth between the same rankings; each is some hundred kilobytes."""
MOST_CHANGES = 20_000
"""More changes than these are taken in over several questions (and by the worker), so that none waits for all."""
PATIENCE_SECONDS = 1.5
BUILT_AT_ONCE = 60_000
"""With more profiles than this, an index that is missing is built by the worker and not while a person waits."""


class IndexAwayError(Exception):
    """The index is being built; ask again in some minutes."""


class Answers:
    """The last answers given from an index, by the whole question; the index as of another moment is another question.

    What one web process worked out is written beside the index, so that the others need not.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Any] = OrderedDict()
        self._writing = threading.Lock()

    def get(self, question: str) -> Any:
        with self._writing:
            if question in self._kept:
                self._kept.move_to_end(question)
                return self._kept[question]
        answer = _written(question)
        if answer is not None:
            self._hold(question, answer)
        return answer

    def keep(self, question: str, answer: object) -> None:
        self._hold(question, answer)
        try:
            caches["rankings"].set(question, answer)
        except OSError:
            # A full disk costs the others a second calculation, and this reader nothing.
            logger.warning("a ranking could not be written for the other processes", exc_info=True)

    def _hold(self, question: str, answer: object) -> None:
        with self._writing:
            self._kept[question] = answer
            while len(self._kept) > MOST_ANSWERS:
                self._kept.popitem(last=False)


def _written(question: str) -> Any:
    """What another process wrote; a file that cannot be read is as good as none, whatever is wrong with it."""
    try:
        return caches["rankings"].get(question)
    except Exception:
        logger.warning("a written ranking is damaged and will be made again", exc_info=True)
        with suppress(OSError):
            caches["rankings"].delete(question)
        return None


@dataclass(frozen=True)
class Standing:
    """The index as of a sequence number."""

    epoch: int
    sequence: int
    shelved: tuple[shelves.Shelved, ...]
    segments: tuple[matching.Segment, ...]
    deleted: frozenset[int]
    index: matching.Index
    stamp: tuple[int, int]
    shelved_sequence: int
    answers: Answers = field(default_factory=Answers, compare=False)

    @property
    def tails(self) -> tuple[matching.Segment, ...]:
        return self.segments[len(self.shelved) :]


@dataclass(frozen=True)
class Wants:
    """The open challenges: keys, centred vectors, how near each is to everything, and the circles that see them."""

    epoch: int = 0
    sequence: int = 0
    keys: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    vectors: Float32Array = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    hubs: Float32Array = field(default_factory=lambda: np.zeros(0, np.float32))
    audiences: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    owners: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))


class MatchStore:
    """One for each process; its threads share what it holds."""

    def __init__(self) -> None:
        self._reading = threading.RLock()
        self._standing: Standing | None = None
        self._wants = Wants()

    def cans(self) -> Standing:
        """The resources as they are now.

        Raises
        ------
        IndexAwayError
            If the index is missing and too large to be built while somebody waits.
        """
        standing, counters = self._standing, read_counters()
        if standing is not None and _is_current(
            standing, counters.get(EPOCH, 0), counters.get("resource", 0)
        ):
            return standing
        # Somebody else is catching up already: better the standing of a moment ago than a page that waits.
        patience = (
            PATIENCE_SECONDS if standing is not None and standing.epoch == counters.get(EPOCH, 0) else -1
        )
        if not self._reading.acquire(timeout=patience):
            assert standing is not None
            return standing
        try:
            counters = read_counters()
            epoch, sequence = counters.get(EPOCH, 0), counters.get("resource", 0)
            if self._standing is None or not _is_current(self._standing, epoch, sequence):
                self._standing = self._caught_up(epoch, sequence)
            return self._standing
        finally:
            self._reading.release()

    def wants(self) -> Wants:
        """The open challenges as they are now."""
        counters = read_counters()
        epoch, sequence = counters.get(EPOCH, 0), counters.get("challenge", 0)
        if (self._wants.epoch, self._wants.sequence) == (epoch, sequence):
            return self._wants
        with self._reading:
            kept = self._wants
            if kept.epoch != epoch or kept.sequence > sequence:
                kept = Wants(epoch=epoch)
            self._wants = _with_changes(kept, sequence)
            return self._wants

    def distrust(self) -> None:
        """Throw away what is on disk and in memory: something in it was not as it should be."""
        with self._reading:
            shelves.discard()
            self._standing = None

    def forget(self) -> None:
        """Hold nothing: the next question reads everything again."""
        with self._reading:
            self._standing, self._wants = None, Wants()

    def _caught_up(self, epoch: int, sequence: int) -> Standing:
        standing = self._standing
        stamp = shelves.manifest_stamp()
        if standing is None or standing.epoch != epoch or standing.sequence > sequence:
            standing = from_disk(epoch, sequence) or _nothing(epoch, stamp)
        elif standing.stamp != stamp:
            standing = from_disk(epoch, sequence) or standing
        if sequence > standing.sequence:
            if not standing.shelved and not standing.tails:
                _refuse_when_large(sequence)
            standing = with_tail(standing, sequence)
        return replace(standing, stamp=stamp)


store = MatchStore()


def _is_current(standing: Standing, epoch: int, sequence: int) -> bool:
    return (
        standing.epoch == epoch
        and standing.sequence == sequence
        and standing.stamp == shelves.manifest_stamp()
    )


def _refuse_when_large(sequence: int) -> None:
    waiting = resources_in_force().filter(sequence__lte=sequence)
    if len(waiting.values_list("pk", flat=True)[: BUILT_AT_ONCE + 1]) > BUILT_AT_ONCE:
        raise IndexAwayError


def _nothing(epoch: int, stamp: tuple[int, int]) -> Standing:
    return Standing(epoch, 0, (), (), frozenset(), matching.Index([]), stamp, 0)


def from_disk(epoch: int, sequence: int) -> Standing | None:
    """What the manifest names, when it belongs to this database and every file is whole."""
    stamp = shelves.manifest_stamp()
    manifest = shelves.read_manifest()
    usable = (
        manifest is not None
        and manifest.epoch == epoch
        and manifest.sequence <= sequence
        and manifest.space == space_stamp(reader())
    )
    if manifest is None or not usable:
        return None
    try:
        segments = shelves.open_all(manifest.segments)
    except shelves.ShelfDamagedError as error:
        # Built from the database, so nothing is lost: only the time to build it again.
        logger.warning("the matching index is damaged and will be built again: %s", error)
        shelves.discard()
        return None
    index = matching.Index(segments, deleted=manifest.deleted)
    return Standing(
        epoch,
        manifest.sequence,
        manifest.segments,
        tuple(segments),
        manifest.deleted,
        index,
        stamp,
        manifest.sequence,
    )


def with_tail(standing: Standing, sequence: int) -> Standing:
    """The standing with the changes up to ``sequence`` (but no more than ``MOST_CHANGES``) in one more segment."""
    sequence = _as_far_as(standing.sequence, sequence)
    changed = list(_changes(RecordKind.RESOURCE, standing.sequence, sequence))
    gone = {profile.record_id for profile in changed if profile.state == ProfileState.GONE}
    alive = [profile for profile in changed if profile.state != ProfileState.GONE]
    built = built_segments(alive)
    found = {int(key) for segment in built for key in segment.keys}
    # A profile whose resource has vanished is as good as gone.
    deleted = (standing.deleted - found) | gone | ({profile.record_id for profile in alive} - found)
    tails = [*standing.tails, *built]
    if len(tails) > MOST_TAILS:
        tails = [shelves.joined(tails, deleted)]
    segments = (*standing.segments[: len(standing.shelved)], *tails)
    index = matching.Index(segments, deleted=deleted)
    return replace(standing, sequence=sequence, segments=segments, deleted=deleted, index=index)


def _as_far_as(after: int, until: int) -> int:
    """The sequence number up to which changes are taken in at once."""
    if until - after <= MOST_CHANGES:
        return until
    rows = MatchProfile.objects.filter(kind=RecordKind.RESOURCE, sequence__gt=after, sequence__lte=until)
    beyond = rows.order_by("sequence").values_list("sequence", flat=True)[MOST_CHANGES : MOST_CHANGES + 1]
    return next(iter(beyond), until)


def built_segments(profiles: Sequence[MatchProfile]) -> list[matching.Segment]:
    """Segments of profiles, ``CHUNK`` rows each."""
    built = []
    for start in range(0, len(profiles), CHUNK):
        cans = inputs.cans(profiles[start : start + CHUNK])
        if cans:
            built.append(matching.build_segment(cans, [int(can.id) for can in cans], reader().space))
    return built


def resources_in_force() -> QuerySet[MatchProfile]:
    return MatchProfile.objects.filter(kind=RecordKind.RESOURCE).exclude(state=ProfileState.GONE)


def _changes(kind: RecordKind, after: int, until: int) -> Iterator[MatchProfile]:
    rows = MatchProfile.objects.filter(kind=kind, sequence__gt=after, sequence__lte=until)
    return rows.order_by("sequence").iterator(chunk_size=CHUNK)


def _with_changes(kept: Wants, sequence: int) -> Wants:
    changed = list(_changes(RecordKind.CHALLENGE, kept.sequence, sequence))
    alive = {profile.record_id: profile for profile in changed if profile.state != ProfileState.GONE}
    owners = _owners(list(alive))
    keys = [key for key in alive if key in owners]
    space = reader().space
    raw = [vector_of(alive[key]) for key in keys]
    placed = space.place_wants(np.stack(raw)) if raw else np.zeros((0, space.dimensions), np.float32)
    staying = ~np.isin(kept.keys, np.array([profile.record_id for profile in changed], np.int64))
    before = kept.vectors if kept.vectors.size else np.zeros((len(kept.keys), space.dimensions), np.float32)
    circles = [texts.audience_of(owners[key][0], owners[key][1], owners[key][2], key) for key in keys]
    return Wants(
        epoch=kept.epoch,
        sequence=sequence,
        keys=np.concatenate([kept.keys[staying], np.array(keys, np.int64)]),
        vectors=np.concatenate([before[staying], placed]).astype(np.float32),
        hubs=np.concatenate([kept.hubs[staying], space.want_hubs(placed)]).astype(np.float32),
        audiences=np.concatenate([kept.audiences[staying], np.array(circles, np.int64)]),
        owners=np.concatenate([kept.owners[staying], np.array([owners[key][1] for key in keys], np.int64)]),
    )


def _owners(keys: Sequence[int]) -> dict[int, tuple[str, int, int | None]]:
    found: dict[int, tuple[str, int, int | None]] = {}
    for start in range(0, len(keys), CHUNK):
        rows = Challenge.objects.filter(pk__in=keys[start : start + CHUNK])
        for pk, visibility, organization_id, section_id in rows.values_list(
            "pk", "visibility", "organization_id", "section_id"
        ):
            found[pk] = visibility, organization_id, section_id
    return found
