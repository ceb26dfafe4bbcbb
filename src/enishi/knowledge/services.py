"""Everything that writes the search index."""

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, OuterRef, Q

from enishi.knowledge import words
from enishi.knowledge.adapters import word_index
from enishi.knowledge.models import FacetCount, SearchDocument, SearchRebuild, SearchTerm
from enishi.knowledge.queries import Expression
from enishi.knowledge.registry import SearchSource, SearchText, source_of, sources
from enishi.organizations.enums import Visibility

_PAUSED: ContextVar[bool] = ContextVar("search_index_paused", default=False)
logger = logging.getLogger(__name__)

Tell = Callable[[str], None]
BATCH = 500
FEW = 20
"""More records than these are read before the lock is taken."""
HELD = 100
"""Records written in one transaction while people work: of 500 at once, others waited seconds on a busy machine."""
LARGE = 20_000
"""From so many records on, a rebuild puts off the costly part of the index to its end."""
EXCERPT = 400
BROKEN = "broken"
"""In the table of rebuilds: somebody met a damaged index."""
ABANDONED = dt.timedelta(minutes=5)
"""A rebuild that has told nothing for so long was interrupted."""


def index(kind: str, ids: Iterable[int]) -> int:
    """Bring what search knows of these records up to date, at once. Returns how many can be found now."""
    if _PAUSED.get():
        return 0
    wanted = sorted(set(ids))
    found = 0
    for start in range(0, len(wanted), HELD):
        found += _index_some(source_of(kind), wanted[start : start + HELD])
    return found


@contextmanager
def paused() -> Iterator[None]:
    """Leave the index as it is: for whoever writes thousands of records one by one and builds it anew afterwards."""
    token = _PAUSED.set(True)
    try:
        yield
    finally:
        _PAUSED.reset(token)


def remove(kind: str, ids: Iterable[int]) -> None:
    """Take records out of the index."""
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), BATCH):
        with transaction.atomic():
            _lock(kind)
            _erase(_documents(kind, wanted[start : start + BATCH]))


def reindex_all(tell: Tell | None = None) -> int:
    """Build the whole index anew from the records; one that was interrupted goes on where it stopped."""
    tell = tell or _silently
    _begin_rebuild()
    counts: Counter[str] = Counter()
    large = sum(source.all_rows().count() for source in sources()) >= LARGE
    if large:
        word_index().begin_bulk()
    for source in sources():
        _rebuild(source, counts, tell)
    if large:
        tell("検索の索引を並べ直しています…")
        word_index().end_bulk()
    refresh_vocabulary(counts or None)
    refresh_facets()
    SearchRebuild.objects.all().delete()
    return SearchDocument.objects.count()


@contextmanager
def bulk() -> Iterator[Callable[[str, Sequence[Any]], int]]:
    """Index very many new records, given by the writer itself: ``write(kind, rows)`` in the writer's transaction.

    The costly part of the index is put off to the end.
    """
    counts: Counter[str] = Counter()

    def write(kind: str, rows: Sequence[Any]) -> int:
        return _write(kind, _spoken(source_of(kind), rows), [], counts)

    word_index().begin_bulk()
    try:
        yield write
    finally:
        word_index().end_bulk()
    refresh_vocabulary()
    refresh_facets()


def _silently(line: str) -> None:
    pass


def report_broken(error: Exception) -> None:
    """Somebody met a broken index: write it down, so that the next round mends it."""
    logger.error("search index is broken", exc_info=error)
    SearchRebuild.objects.get_or_create(kind=BROKEN)


def mend(at: dt.datetime) -> bool:
    """Build the index anew when it was found broken or a rebuild was interrupted. Returns whether it was."""
    running = SearchRebuild.objects.exclude(kind=BROKEN)
    if running.filter(told_at__gt=at - ABANDONED).exists():
        return False
    is_whole = _is_whole() and not SearchRebuild.objects.filter(kind=BROKEN).exists()
    if is_whole and not running.exists():
        return False
    if not is_whole:
        SearchRebuild.objects.all().delete()
    reindex_all()
    return True


def _is_whole() -> bool:
    """Whether the words answer, and speak of the newest document: a backup may have brought back the one without the other."""
    newest = SearchDocument.objects.order_by("-pk").first()
    if newest is None or not word_index().is_whole():
        return word_index().is_whole()
    known = Expression(groups=(((words.tag_word(f"in:{newest.kind}"),),),))
    found = word_index().keys(known, limit=1, beyond=newest.pk - 1, ascending=True, expected=0)
    return found == [newest.pk]


def catch_up(at: dt.datetime, *, days: int = 2, most: int = 5_000) -> int:
    """Index what changed lately and was missed, because a process died between a change and its index."""
    missed = 0
    for source in sources():
        known = SearchDocument.objects.filter(
            kind=source.kind, object_id=OuterRef("pk"), updated_at__gte=OuterRef("updated_at")
        )
        recent = source.model._default_manager.filter(updated_at__gte=at - dt.timedelta(days=days))
        if _has(source.model, "deleted_at"):
            recent = recent.filter(deleted_at__isnull=True)
        ids = list(recent.filter(~Exists(known)).values_list("pk", flat=True)[:most])
        missed += index(source.kind, ids)
    return missed


def refresh_vocabulary(counts: Mapping[str, int] | None = None) -> int:
    """Count anew in how many documents each word stands."""
    found = counts.items() if counts is not None else word_index().frequencies()
    terms = [SearchTerm(word=word, documents=documents) for word, documents in found]
    with transaction.atomic():
        SearchTerm.objects.all().delete()
        SearchTerm.objects.bulk_create(terms, batch_size=5_000)
    return len(terms)


def _begin_rebuild() -> None:
    """Clear the index unless a rebuild is half done and its words are whole."""
    if SearchRebuild.objects.exclude(kind=BROKEN).exists() and word_index().is_whole():
        return
    SearchRebuild.objects.all().delete()
    with transaction.atomic():
        word_index().create()
        SearchDocument.parties.through._default_manager.all().delete()
        _delete_documents(SearchDocument.objects.all())
        SearchRebuild.objects.bulk_create(SearchRebuild(kind=source.kind) for source in sources())


def _rebuild(source: SearchSource, counts: Counter[str], tell: Tell) -> None:
    """Oldest first, so that keys follow time."""
    state, _made = SearchRebuild.objects.get_or_create(kind=source.kind)
    total = source.model._default_manager.count()
    while not state.is_done:
        rows = source.all_rows().order_by("updated_at", "pk")
        if state.after_updated_at is not None:
            later = Q(updated_at__gt=state.after_updated_at)
            same = Q(updated_at=state.after_updated_at, pk__gt=state.after_id)
            rows = rows.filter(updated_at__gte=state.after_updated_at).filter(later | same)
        batch = list(rows[:BATCH])
        spoken = _spoken(source, batch)
        with transaction.atomic():
            # What changed since we began is in the index already: written again, it must not stand there twice.
            _lock(source.kind)
            old = _documents(source.kind, [one.object_id for one in spoken])
            _write(source.kind, spoken, old, counts)
            state.done += len(batch)
            state.is_done = len(batch) < BATCH
            if batch:
                state.after_updated_at, state.after_id = batch[-1].updated_at, batch[-1].pk
            state.save()
        if state.is_done or state.done % (BATCH * 10) == 0:
            tell(
                f"検索の索引を作っています({source.label or source.kind}): {state.done:,} / {max(total, state.done):,}"
            )


def _index_some(source: SearchSource, ids: Sequence[int]) -> int:
    ahead = _read_ahead(source, ids) if len(ids) > FEW else {}
    with transaction.atomic():
        # Who comes second reads the record after the first has written, so the latest state always wins.
        _lock(source.kind)
        old = _documents(source.kind, ids)
        rows = list(source.all_rows().filter(pk__in=ids).order_by("updated_at", "pk"))
        changed = [row for row in rows if (row.pk, row.updated_at) not in ahead]
        read = ahead | {(row.pk, row.updated_at): _spoken(source, [row]) for row in changed}
        spoken = [one for row in rows for one in read[row.pk, row.updated_at]]
        return _write(source.kind, spoken, old, None)


def _read_ahead(source: SearchSource, ids: Sequence[int]) -> "dict[tuple[int, Any], list[_Spoken]]":
    """Many records, read before the lock: reading their words takes seconds, in which nobody else could write."""
    rows = source.all_rows().filter(pk__in=ids)
    return {(row.pk, row.updated_at): _spoken(source, [row]) for row in rows}


def _lock(kind: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"knowledge:{kind}"])


def _documents(kind: str, ids: Sequence[int]) -> list[SearchDocument]:
    return list(SearchDocument.objects.filter(kind=kind, object_id__in=ids))


def _erase(documents: Sequence[SearchDocument]) -> None:
    keys = [document.pk for document in documents]
    if not keys:
        return
    _words(lambda: word_index().erase(keys))
    SearchDocument.parties.through._default_manager.filter(searchdocument_id__in=keys).delete()
    _delete_documents(SearchDocument.objects.filter(pk__in=keys))


def _delete_documents(rows: Any) -> None:
    # Straight: nothing else points to a document.
    rows._raw_delete(rows.db)


@dataclass(frozen=True)
class _Spoken:
    """A record ready for the index."""

    object_id: int
    text: SearchText
    words: list[str]


def _spoken(source: SearchSource, rows: Sequence[Any]) -> list[_Spoken]:
    texts = [(row.pk, _text(source, row)) for row in rows]
    return [_speak(source.kind, pk, text) for pk, text in texts if text is not None]


def _speak(kind: str, object_id: int, text: SearchText) -> _Spoken:
    tags = [*text.tags, *own_tags(kind, text)]
    return _Spoken(object_id, text, words.of_record(text.title, text.body_parts, tags))


def _write(
    kind: str,
    spoken: Sequence[_Spoken],
    old: Sequence[SearchDocument],
    counts: Counter[str] | None,
) -> int:
    """Replace ``old`` by what the records say now; one that did not change keeps its key and its place."""
    places = {document.object_id: document for document in old}
    _erase(old)
    documents = [_document(kind, one) for one in spoken]
    for document in documents:
        before = places.get(document.object_id)
        if before is not None and before.updated_at >= document.updated_at:
            document.pk = before.pk
    kept = [document for document in documents if document.pk is not None]
    fresh = [document for document in documents if document.pk is None]
    SearchDocument.objects.bulk_create(kept)
    SearchDocument.objects.bulk_create(fresh)
    keyed = [(document.pk, one.words) for document, one in zip(documents, spoken, strict=True)]
    _words(lambda: word_index().write(keyed))
    _invite(documents, spoken)
    _learn(spoken, counts)
    return len(documents)


def _text(source: SearchSource, row: Any) -> SearchText | None:
    if getattr(row, "deleted_at", None) is not None:
        return None
    return source.document(row)


def _document(kind: str, one: _Spoken) -> SearchDocument:
    text = one.text
    body = text.excerpt or "\n".join(part for part, _weight in text.body_parts if part)
    return SearchDocument(
        kind=kind,
        object_id=one.object_id,
        organization_id=text.organization_id,
        section_id=text.section_id,
        visibility=text.visibility,
        is_not_yet_shared=text.not_yet_shared,
        is_sunk=text.is_sunk,
        updated_at=text.updated_at,
        title=text.title[:200],
        excerpt=body[:EXCERPT],
        tags=" ".join(tag.replace(" ", "_") for tag in text.tags),
    )


def own_tags(kind: str, text: SearchText) -> list[str]:
    """What search itself adds: kind, owner, whether it sinks, and who may see it (the words of ``visible_to``)."""
    tags = [f"in:{kind}", f"org:{text.organization_id}"]
    if text.visibility == Visibility.SECTION:
        tags += ["see:section", f"sec:{text.section_id}"]
    elif text.not_yet_shared or text.visibility in (Visibility.PARTIES, Visibility.INTERNAL):
        tags.append("see:owner")
    else:
        tags.append(f"see:{text.visibility}")
    if text.visibility == Visibility.PARTIES and not text.not_yet_shared:
        tags += [f"party:{party}" for party in text.parties]
    return [*tags, "sunk"] if text.is_sunk else tags


def _invite(documents: Sequence[SearchDocument], spoken: Sequence[_Spoken]) -> None:
    through = SearchDocument.parties.through
    through._default_manager.bulk_create(
        [
            through(searchdocument_id=document.pk, organization_id=party)
            for document, one in zip(documents, spoken, strict=True)
            for party in one.text.parties
        ]
    )


def _learn(spoken: Sequence[_Spoken], counts: Counter[str] | None) -> None:
    """Words never seen before can be completed and corrected from now on; how many there are is counted later."""
    if counts is not None:
        for one in spoken:
            counts.update(one.words)
        return
    seen = sorted({word for one in spoken for word in one.words})
    terms = [SearchTerm(word=word) for word in seen]
    SearchTerm.objects.bulk_create(terms, ignore_conflicts=True, batch_size=2_000)


def refresh_facets() -> int:
    """Count the tags of everything public, for lists that nothing narrows."""
    counts: Counter[tuple[str, str]] = Counter()
    public = SearchDocument.objects.visible_to(AnonymousUser())
    for kind, tags in public.values_list("kind", "tags").iterator(chunk_size=5_000):
        counts.update((kind, tag) for tag in tags.split())
    rows = [FacetCount(kind=kind, tag=tag, documents=documents) for (kind, tag), documents in counts.items()]
    with transaction.atomic():
        FacetCount.objects.all().delete()
        FacetCount.objects.bulk_create(rows, batch_size=5_000)
    return len(rows)


def _words(write: Callable[[], None]) -> None:
    """A broken table of words must not keep records from being saved: it is noted and rebuilt from the records."""
    try:
        with transaction.atomic():
            write()
    except DatabaseError as error:
        report_broken(error)


def _has(model: type[Any], name: str) -> bool:
    return any(column.name == name for column in model._meta.get_fields())


__all__ = ["catch_up", "index", "mend", "refresh_vocabulary", "reindex_all", "remove", "report_broken"]
