"""Questions to the search index."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils.safestring import SafeString

from enishi.foundation.access import Actor
from enishi.knowledge import counting, highlighting, services, vocabulary, words
from enishi.knowledge.adapters import word_index
from enishi.knowledge.asked import Asked, facet_of
from enishi.knowledge.models import SearchDocument
from enishi.knowledge.queries import Part, Query, understand
from enishi.knowledge.registry import source_of
from enishi.knowledge.tiers import Place, tiers_of, walk

TOGETHER = 200
"""Kinds with so few hits expected are walked in one go."""
COUNTED_AT_MOST = 1_000
"""Where kinds stand beside each other, more need not be counted."""
MOST_SUGGESTED, MOST_TRIED = 3, 8
"""Likely spellings that are shown, and that are looked at for it."""


@dataclass(frozen=True)
class Hit:
    """One record that was found."""

    kind: str
    object_id: int
    title: str
    excerpt: str
    organization_id: int
    tags: Sequence[str]
    marks: frozenset[str] = frozenset()

    @property
    def url(self) -> str:
        return source_of(self.kind).address(self.object_id)

    @property
    def label(self) -> str:
        return str(source_of(self.kind).label or self.kind)

    @cached_property
    def title_marked(self) -> SafeString:
        return highlighting.marked(self.title, self.marks)

    @cached_property
    def snippet(self) -> SafeString:
        """A passage with the words found, marked."""
        return highlighting.marked(highlighting.passage(self.excerpt, self.marks), self.marks)


@dataclass(frozen=True)
class Hits:
    """One page of what was found, and how much there is in all.

    ``facets`` holds the number of hits for each tag; a facet whose hits are too many to count at once is in
    ``uncounted`` by its name. ``ignored`` are typed words too empty to look for.
    """

    items: Sequence[Hit] = ()
    count: int = 0
    count_is_exact: bool = True
    next_cursor: str = ""
    previous_cursor: str = ""
    facets: Mapping[str, int] = field(default_factory=dict)
    uncounted: frozenset[str] = frozenset()
    ignored: Sequence[str] = ()
    is_degraded: bool = False
    """Whether the index of words was broken and only titles were looked through."""

    @property
    def object_ids(self) -> list[int]:
        return [hit.object_id for hit in self.items]

    def facet(self, tag: str) -> int | None:
        """How many hits have the tag; ``None`` when that is not known."""
        name = facet_of(tag)
        return None if name in self.uncounted or "*" in self.uncounted else self.facets.get(tag, 0)


@dataclass(frozen=True)
class Missing:
    """A typed word that no readable record holds, and what may have been meant."""

    shown: str
    suggestions: Sequence[str]


def search(
    person: Actor,
    query: str = "",
    kinds: Sequence[str] = (),
    tags: Sequence[str] = (),
    after: str = "",
    limit: int = 20,
    order: str = "relevance",
    *,
    before: str = "",
    counted: bool = True,
    faceted: bool = True,
) -> Hits:
    """The records this person may read that hold all words, one tag of each facet, and are of one of the kinds.

    ``order``: ``relevance`` (words in the title first) or ``recent``; the newest first within both, what has sunk last.
    ``after`` and ``before`` are cursors of another page of the same search.
    """
    asked = Asked.of(person, query, kinds, tags)
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            return _found(asked, Place.read(after, before), limit, order, counted=counted, faceted=faceted)
    except DatabaseError as error:
        if not word_index().is_damage(error):
            raise
        services.report_broken(error)
        return _found_by_title(asked, query, limit)


def search_each(person: Actor, query: str, kinds: Sequence[str], *, limit: int) -> dict[str, Hits]:
    """The first hits of each kind, as :func:`search` would find them kind by kind.

    Kinds in which the words are rare are walked together: what joins twenty rooms must not ask twenty times.
    """
    asked = Asked.of(person, query, kinds, ())
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            return _found_each(asked, limit)
    except DatabaseError as error:
        if not word_index().is_damage(error):
            raise
        services.report_broken(error)
        return {kind: _found_by_title(asked.of_kinds(kind), query, limit) for kind in kinds}


def counts(person: Actor, kinds: Sequence[str]) -> dict[str, int]:
    """How many records of each kind this person may read: one question, however many kinds there are."""
    return counting.by_kind(Asked.of(person, "", kinds, ()))


def records(person: Actor, kind: str, keys: Sequence[int]) -> list[Hit]:
    """The records of these keys that the person may find, in the order of the keys; what has sunk is left out."""
    if not keys:
        return []
    rows = SearchDocument.objects.visible_to(person).filter(kind=kind, object_id__in=keys, is_sunk=False)
    found = {row.object_id: row for row in rows}
    return [_hit(found[key], frozenset()) for key in keys if key in found]


def _found_each(asked: Asked, limit: int) -> dict[str, Hits]:
    rare = [kind for kind in asked.kinds if asked.of_kinds(kind).expected <= TOGETHER]
    found: dict[str, Hits] = {}
    while rare:
        together = asked.of_kinds(*rare)
        page = [
            document
            for _tier, document in walk(together, tiers_of(together, "relevance"), Place(), TOGETHER + 1)
        ]
        if len(page) <= TOGETHER:
            found = {
                kind: _first_of(asked, [each for each in page if each.kind == kind], limit) for kind in rare
            }
            break
        # How often a word stands is known as of the last round: the kind that has it oftener now is asked by itself.
        ((oftenest, _hits),) = Counter(document.kind for document in page).most_common(1)
        rare.remove(oftenest)
    for kind in asked.kinds:
        if kind not in found:
            found[kind] = _found(
                asked.of_kinds(kind), Place(), limit, "relevance", faceted=False, most=COUNTED_AT_MOST
            )
    return {kind: found[kind] for kind in asked.kinds}


def _first_of(asked: Asked, documents: Sequence[SearchDocument], limit: int) -> Hits:
    return Hits(items=[_hit(document, asked.marks) for document in documents[:limit]], count=len(documents))


def missing(person: Actor, query: str, kinds: Sequence[str] = ()) -> list[Missing]:
    """Which of the typed words have no hit at all, each with its likely spellings: words the person can read somewhere."""
    found = []
    for part in understand(query).wanted[:6]:
        if not _stands(person, Query(wanted=(part,)), kinds):
            likely = vocabulary.suggestions(part, most=MOST_TRIED)
            # The vocabulary holds words of every record; one that stands in hidden records alone would tell of them.
            read = (word for word in likely if _stands(person, understand(word), kinds))
            found.append(Missing(part.shown, list(islice(read, MOST_SUGGESTED))))
    return found


def _stands(person: Actor, query: Query, kinds: Sequence[str]) -> bool:
    alone = Asked.of(person, "", kinds, (), query)
    return bool(counting.count(alone, alone.expression, most=1)[0])


def rarest(query: str) -> str:
    """The one of several typed words that tells most: the rarest that stands anywhere. Nothing where there is one alone."""
    parts = understand(query).wanted
    if len(parts) < 2:
        return ""
    known = vocabulary.frequencies({word for part in parts for way in part.ways for word in way})
    counts = {
        part.shown: max(min((known.get(word, 0) for word in way), default=0) for way in part.ways)
        for part in parts
    }
    standing = [(count, shown) for shown, count in counts.items() if count]
    return min(standing)[1] if standing else ""


def _found(
    asked: Asked,
    place: Place,
    limit: int,
    order: str,
    *,
    counted: bool = True,
    faceted: bool = True,
    most: int | None = None,
) -> Hits:
    tiers = tiers_of(asked, order)
    page = walk(asked, tiers, place, limit + 1)
    more, page = len(page) > limit, page[:limit]
    if place.backward:
        page.reverse()
    has_next, has_previous = (True, more) if place.backward else (more, place.key is not None)
    count, exact = _counted(asked, page, place, most, more=more) if counted else (0, False)
    facets, uncounted = counting.facets(asked, count, exact=exact) if faceted else ({}, frozenset({"*"}))
    return Hits(
        items=[_hit(document, asked.marks) for _tier, document in page],
        count=count,
        count_is_exact=exact,
        next_cursor=Place(page[-1][0], page[-1][1].pk).written if page and has_next else "",
        previous_cursor=Place(page[0][0], page[0][1].pk).written if page and has_previous else "",
        facets=facets,
        uncounted=uncounted,
        ignored=asked.query.ignored,
    )


def _hit(document: SearchDocument, marks: frozenset[str]) -> Hit:
    return Hit(
        kind=document.kind,
        object_id=document.object_id,
        title=document.title,
        excerpt=document.excerpt,
        organization_id=document.organization_id,
        tags=document.tag_list,
        marks=marks,
    )


def _counted(
    asked: Asked, page: Sequence[object], place: Place, most: int | None, *, more: bool
) -> tuple[int, bool]:
    if place.key is None and not more:
        return len(page), True
    return counting.count(asked, asked.expression, most=most or counting.EXACT)


def _found_by_title(asked: Asked, query: str, limit: int) -> Hits:
    """While the words are being rebuilt: what bears the typed text in its title."""
    rows = asked.documents
    for part in asked.query.wanted:
        rows = rows.filter(Q(title__icontains=part.shown) | Q(excerpt__icontains=part.shown))
    for group in asked.groups.values():
        condition = Q(pk__in=[])
        for (word,) in group:
            condition |= Q(tags__contains=word.removeprefix(words.TAG))
        rows = rows.filter(condition)
    found = list(rows.order_by("is_sunk", "-pk")[:limit])
    return Hits(
        items=[_hit(document, frozenset()) for document in found],
        count=len(found),
        count_is_exact=len(found) < limit,
        uncounted=frozenset({"*"}),
        is_degraded=True,
    )


__all__ = [
    "Hit",
    "Hits",
    "Missing",
    "Part",
    "counts",
    "missing",
    "rarest",
    "records",
    "search",
    "search_each",
]
