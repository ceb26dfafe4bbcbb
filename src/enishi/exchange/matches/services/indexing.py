"""Reading records for matching, as they change and all at once."""

import datetime as dt
import fcntl
import logging
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.engines import matching
from enishi.exchange.enums import RecordKind, ResourceStatus
from enishi.exchange.matches import counters, shelves, texts
from enishi.exchange.matches import store as stores
from enishi.exchange.matches.enums import ProfileState
from enishi.exchange.matches.evidence import packed_vector, packed_words, tells_all
from enishi.exchange.matches.models import MatchProfile
from enishi.exchange.matches.reader import WordsOnly, embedder_name, reader, space_stamp, vectors_of
from enishi.exchange.models import Challenge, Resource
from enishi.language.ports import FloatArray

logger = logging.getLogger(__name__)
Tell = Callable[[str], None]
Embed = Callable[[Sequence[str]], FloatArray]
READ_AT_ONCE = 50
SEGMENT_ROWS = 200_000
LARGE_TAIL = 1_000
FIRST_SUGGESTED = 1_000
EMBEDDER = "embedder"
_MODELS: dict[RecordKind, type[Challenge] | type[Resource]] = {
    RecordKind.CHALLENGE: Challenge,
    RecordKind.RESOURCE: Resource,
}
_COLUMNS = ("id", "title", "status", "deleted_at")


def index_now(kind: str, ids: Iterable[int], *, embed: bool = True) -> int:
    """Read these records again; how many. Without ``embed`` new texts are found by their words until the worker comes."""
    record_kind, keys = RecordKind(kind), sorted(set(ids))
    for start in range(0, len(keys), READ_AT_ONCE):
        _index(record_kind, keys[start : start + READ_AT_ONCE], embed=embed)
    return len(keys)


def touch(kind: str, ids: Iterable[int]) -> None:
    """Have everybody read the columns of these records again; their texts are as they were."""
    keys = sorted(set(ids))
    with transaction.atomic():
        known = list(MatchProfile.objects.filter(kind=kind, record_id__in=keys).values_list("pk", flat=True))
        if known:
            MatchProfile.objects.filter(pk__in=known).update(
                sequence=counters.draw(RecordKind(kind), len(known)) + len(known) - 1
            )


def _index(
    kind: RecordKind, ids: Sequence[int], *, embed: bool, using: Embed | None = None, again: int = 2
) -> None:
    records = _records(kind, ids)
    known = {row.record_id: row for row in MatchProfile.objects.filter(kind=kind, record_id__in=ids)}
    profiles = [_profile(kind, key, records.get(key), known.get(key)) for key in ids]
    _give_vectors(kind, profiles, records, embed=embed, using=using)
    _save(kind, profiles)
    overtaken = _overtaken(kind, profiles) if again else []
    if overtaken:
        _index(kind, overtaken, embed=embed, using=using, again=again - 1)


def _records(kind: RecordKind, ids: Sequence[int]) -> dict[int, Any]:
    model: Any = _MODELS[kind]
    names = (*_COLUMNS, *texts.TEXT_NAMES[kind])
    return {record.pk: record for record in model._default_manager.filter(pk__in=ids).only(*names)}


def _overtaken(kind: RecordKind, profiles: list[MatchProfile]) -> list[int]:
    """Records that somebody saved while we were reading them, and may have indexed before us."""
    now = _records(kind, [profile.record_id for profile in profiles])
    return [
        profile.record_id
        for profile in profiles
        if (record := now.get(profile.record_id)) is not None
        and (
            texts.content_hash(record) != profile.content_hash
            or is_matchable(record) != (profile.state != ProfileState.GONE)
        )
    ]


def _profile(
    kind: RecordKind, key: int, record: Challenge | Resource | None, known: MatchProfile | None
) -> MatchProfile:
    """The profile of a record as it is now; what is known of the same text is kept."""
    if record is None:
        return MatchProfile(kind=kind, record_id=key, content_hash="", state=ProfileState.GONE, sequence=0)
    digest = texts.content_hash(record)
    same = known is not None and known.content_hash == digest
    return MatchProfile(
        kind=kind,
        record_id=key,
        content_hash=digest,
        words=known.words if same and known is not None and tells_all(known.words) else packed_words(record),
        embedder=known.embedder if same and known is not None else "",
        vector=known.vector if same and known is not None else None,
        state=ProfileState.LEXICAL if is_matchable(record) else ProfileState.GONE,
        sequence=0,
    )


def is_matchable(record: Challenge | Resource) -> bool:
    """Shared, seeking or on offer, and not thrown away. Days are judged when somebody asks."""
    if record.deleted_at is not None:
        return False
    return record.seeks_partners if isinstance(record, Challenge) else record.status == ResourceStatus.OPEN


def _give_vectors(
    kind: RecordKind,
    profiles: list[MatchProfile],
    records: dict[int, Any],
    *,
    embed: bool,
    using: Embed | None,
) -> None:
    """Fill in vectors: those kept for the same text, then new ones for what may be matched."""
    name = embedder_name(reader())
    if name != WordsOnly.name:
        _read_anew(
            kind,
            [each for each in profiles if each.content_hash and each.embedder != name],
            records,
            name,
            embed,
            using,
        )
    for profile in profiles:
        if profile.vector is None:
            profile.embedder = ""
        elif profile.state == ProfileState.LEXICAL:
            profile.state = ProfileState.READY


def _read_anew(
    kind: RecordKind,
    lacking: list[MatchProfile],
    records: dict[int, Any],
    name: str,
    embed: bool,
    using: Embed | None,
) -> None:
    """Vectors of this embedder for those that have none or another's."""
    kept = _kept_vectors(name, {each.content_hash for each in lacking}) if lacking else {}
    new: list[MatchProfile] = []
    for profile in lacking:
        profile.vector, profile.embedder = kept.get(profile.content_hash), name
        if profile.vector is None and profile.state != ProfileState.GONE:
            new.append(profile)
    if new and (embed or using is not None):
        _embed(kind, new, records, using)


def _kept_vectors(name: str, digests: set[str]) -> dict[str, bytes]:
    rows = MatchProfile.objects.filter(content_hash__in=digests, embedder=name, vector__isnull=False)
    return {digest: bytes(vector) for digest, vector in rows.values_list("content_hash", "vector") if vector}


def _embed(
    kind: RecordKind, profiles: list[MatchProfile], records: dict[int, Any], using: Embed | None
) -> None:
    whole = [texts.whole_text(records[profile.record_id]) for profile in profiles]
    if using is not None:
        name, vectors = embedder_name(reader()), using(whole)
    else:
        name, vectors = vectors_of(whole, texts.TEXT_SIDES[kind])
    if name == WordsOnly.name:
        return
    for profile, vector in zip(profiles, vectors, strict=True):
        profile.vector = packed_vector(np.asarray(vector, np.float32))


@transaction.atomic
def _save(kind: RecordKind, profiles: list[MatchProfile]) -> None:
    first = counters.draw(kind, len(profiles))
    for number, profile in enumerate(profiles):
        profile.sequence = first + number
    MatchProfile.objects.bulk_create(
        profiles,
        batch_size=100,
        update_conflicts=True,
        unique_fields=["kind", "record_id"],
        update_fields=["content_hash", "embedder", "words", "vector", "state", "sequence"],
    )


def waiting_for_meaning() -> int:
    """How many records are found by their words alone until the worker has read them."""
    return MatchProfile.objects.filter(state=ProfileState.LEXICAL).count()


def embed_waiting(progress: Callable[[int, int, str], None] | None = None) -> int:
    """Give meaning to what was brought in by bulk; how many. Can be stopped and gone on with at any time."""
    if embedder_name(reader()) == WordsOnly.name:
        return 0
    _forget_other_embedders()
    total, done = waiting_for_meaning(), 0
    for kind in RecordKind:
        while ids := _some_waiting(kind):
            _index(kind, ids, embed=True)
            if _some_waiting(kind)[:1] == ids[:1]:
                # The model gives nothing: it is tried again at the next round.
                break
            done += len(ids)
            if progress is not None:
                progress(done, max(total, done), _("文章の意味を読み取っています"))
    return done


def _forget_other_embedders() -> None:
    """After the model was replaced: what the old one read waits to be read again, found by its words meanwhile."""
    name = embedder_name(reader())
    mark = zlib.crc32(name.encode())
    if counters.reached(EMBEDDER) == mark:
        return
    with transaction.atomic():
        others = MatchProfile.objects.filter(state=ProfileState.READY).exclude(embedder=name)
        if others.update(state=ProfileState.LEXICAL):
            counters.new_epoch()
        counters.note_reached(EMBEDDER, mark)


def _some_waiting(kind: RecordKind) -> list[int]:
    rows = MatchProfile.objects.filter(kind=kind, state=ProfileState.LEXICAL).order_by("record_id")
    return list(rows.values_list("record_id", flat=True)[:READ_AT_ONCE])


def rebuild(tell: Tell, *, using: Embed | None = None) -> int:
    """Read every record that was not read yet, then build the index on disk anew; how many can be matched.

    What was read stays read: stopped half-way, it goes on where it was. ``using`` embeds texts instead of the bundled
    model (for volumes made for measuring).
    """
    for kind in RecordKind:
        _read_all(kind, tell, using)
    with _only_one_writes() as mine:
        if mine:
            counters.new_epoch()
            _build_on_disk(tell)
    stores.store.forget()
    _suggest_first(tell)
    return MatchProfile.objects.exclude(state=ProfileState.GONE).count()


def _suggest_first(tell: Tell) -> None:
    """So that the first home page has something to show; where there is much, the rounds do it."""
    from enishi.exchange.matches.services.suggestions import suggest_first

    open_ones = MatchProfile.objects.filter(kind=RecordKind.CHALLENGE).exclude(state=ProfileState.GONE)
    if open_ones.count() <= FIRST_SUGGESTED:
        tell(_("縁の候補を計算しています…"))
        suggest_first(timezone.now())


def _read_all(kind: RecordKind, tell: Tell, using: Embed | None) -> None:
    model: Any = _MODELS[kind]
    total, done, began = model._default_manager.count(), 0, time.monotonic()
    told = began
    for ids in _unread(kind):
        _index(kind, ids, embed=True, using=using)
        done += len(ids)
        now = time.monotonic()
        if now - told >= 5:
            told = now
            rate = done / (now - began)
            tell(
                _("%(kind)sを読み取っています: %(done)s件(全%(total)s件、毎秒%(rate)d件)")
                % {"kind": kind.label, "done": f"{done:,}", "total": f"{total:,}", "rate": rate}
            )
    vanished = MatchProfile.objects.filter(kind=kind).exclude(state=ProfileState.GONE)
    vanished.exclude(record_id__in=model._default_manager.values("pk")).update(state=ProfileState.GONE)


def _unread(kind: RecordKind) -> Iterator[list[int]]:
    """Keys of the records whose profile is missing, speaks of another text, or lacks its meaning."""
    model: Any = _MODELS[kind]
    name, last = embedder_name(reader()), 0
    names = (*_COLUMNS, *texts.TEXT_NAMES[kind])
    while True:
        rows = list(model._default_manager.filter(pk__gt=last).order_by("pk").only(*names)[:1_000])
        if not rows:
            return
        last = rows[-1].pk
        known = {
            row[0]: row[1:]
            for row in MatchProfile.objects.filter(
                kind=kind, record_id__gte=rows[0].pk, record_id__lte=last
            ).values_list("record_id", "content_hash", "embedder", "state")
        }
        stale = [row.pk for row in rows if not _is_read(row, known.get(row.pk), name)]
        for start in range(0, len(stale), READ_AT_ONCE):
            yield stale[start : start + READ_AT_ONCE]


def _is_read(record: Challenge | Resource, known: tuple[str, str, str] | None, name: str) -> bool:
    if known is None or known[0] != texts.content_hash(record):
        return False
    if not is_matchable(record):
        return known[2] == ProfileState.GONE
    if name == WordsOnly.name:
        return known[2] != ProfileState.GONE
    return known[2] == ProfileState.READY and known[1] == name


def _build_on_disk(tell: Tell) -> None:
    numbers = counters.read_counters()
    sequence = numbers.get(RecordKind.RESOURCE.value, 0)
    shelved = []
    for segment in _large_segments(sequence):
        shelved.append(shelves.shelve(segment))
        tell(
            _("索引を書いています: 資源%(count)s件まで")
            % {"count": f"{sum(each.rows for each in shelved):,}"}
        )
    shelves.write_manifest(
        shelves.Manifest(
            numbers.get(counters.EPOCH, 0), space_stamp(reader()), sequence, tuple(shelved), frozenset()
        )
    )


def _large_segments(sequence: int) -> Iterator[matching.Segment]:
    """All resources that may be matched, ``SEGMENT_ROWS`` to a segment."""
    rows = stores.resources_in_force().filter(sequence__lte=sequence).order_by("record_id")
    small: list[matching.Segment] = []
    pending: list[MatchProfile] = []
    for profile in rows.iterator(chunk_size=stores.CHUNK):
        pending.append(profile)
        if len(pending) == stores.CHUNK:
            small += stores.built_segments(pending)
            pending = []
            if sum(len(each) for each in small) >= SEGMENT_ROWS:
                yield shelves.joined(small, ())
                small = []
    small += stores.built_segments(pending)
    if small:
        yield shelves.joined(small, ()) if len(small) > 1 else small[0]


def keep_index(at: dt.datetime) -> str:
    """The worker's round: write what changed to disk, join small segments, and look whether the files are whole."""
    numbers = counters.read_counters()
    epoch, sequence = numbers.get(counters.EPOCH, 0), numbers.get(RecordKind.RESOURCE.value, 0)
    if not epoch:
        return "nothing"
    with _only_one_writes() as mine:
        if not mine:
            return "busy"
        standing = stores.from_disk(epoch, sequence)
        if standing is None:
            _build_on_disk(lambda _sentence: None)
            return "built"
        if standing.sequence == sequence:
            return "current"
        while standing.sequence < sequence:
            standing = stores.with_tail(standing, sequence)
        _write_tail(standing)
    return "written"


def _write_tail(standing: stores.Standing) -> None:
    """Put the tail on disk, together with every shelved segment that is not much larger."""
    shelved, segments = list(standing.shelved), list(standing.segments)
    tail = segments[len(shelved) :]
    rows = sum(len(each) for each in tail)
    while shelved and (shelved[-1].rows < max(2 * rows, LARGE_TAIL) or len(shelved) > stores.MOST_TAILS):
        rows += shelved.pop().rows
    joining = segments[len(shelved) :]
    if joining:
        joined = shelves.joined(joining, standing.deleted) if len(joining) > 1 else joining[0]
        if len(joined):
            shelved.append(shelves.shelve(joined))
    whole = len(joining) == len(segments) and len(joining) > 1
    kept = frozenset[int]() if whole else standing.deleted
    shelves.write_manifest(
        shelves.Manifest(standing.epoch, space_stamp(reader()), standing.sequence, tuple(shelved), kept)
    )


def check_index(at: dt.datetime) -> bool:
    """Read every file on disk through; what is damaged is thrown away, to be built again."""
    manifest = shelves.read_manifest()
    if manifest is None:
        return True
    try:
        for shelved in manifest.segments:
            shelves.check(shelved, thoroughly=True)
    except shelves.ShelfDamagedError as error:
        logger.warning("the matching index is damaged and will be built again: %s", error)
        shelves.discard()
        return False
    return True


@contextmanager
def _only_one_writes() -> Iterator[bool]:
    """Whether this process may write the index now."""
    shelves.folder().mkdir(parents=True, exist_ok=True)
    with (shelves.folder() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
