"""Questions to the search index."""

import base64
import binascii
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils.safestring import SafeString

from enishi.foundation.access import Actor
from enishi.knowledge import highlighting, services, vocabulary, words
from enishi.knowledge.adapters import word_index
from enishi.knowledge.models import FacetCount, SearchDocument, SearchDocumentQuerySet
from enishi.knowledge.queries import Expression, Group, Part, Query, understand
from enishi.knowledge.registry import source_of, sources
from enishi.organizations.visibility import reach_of

EXACT = 10_000
"""Counts are exact up to here."""
COMMON = 2
"""What is expected to have so many times more hits is not counted."""
_LOOKED_AT = 12_000
FACETED = 1_000
"""Choices of a facet are counted exactly up to so many hits."""
MOST_PLACES = 60
REMEMBERED_SECONDS = 600
MANY = 200
"""From so many hits on, a number a minute old tells a reader the same; the hits themselves are always of now."""
MOMENT_SECONDS = 60


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
        name = _name(tag)
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
    asked = _Asked.of(person, query, kinds, tags)
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            return _found(asked, _Place.read(after, before), limit, order, counted=counted, faceted=faceted)
    except DatabaseError as error:
        if not word_index().is_damage(error):
            raise
        services.report_broken(error)
        return _found_by_title(asked, query, limit)


def missing(person: Actor, query: str, kinds: Sequence[str] = ()) -> list[Missing]:
    """Which of the typed words have no hit at all, each with its likely spellings."""
    found = []
    for part in understand(query).wanted[:6]:
        alone = _Asked.of(person, "", kinds, (), Query(wanted=(part,)))
        if not _count(alone, alone.expression, most=1)[0]:
            found.append(Missing(part.shown, vocabulary.suggestions(part)))
    return found


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


@dataclass(frozen=True)
class _Asked:
    """The question in the words of the index."""

    person: Actor
    query: Query
    kinds: tuple[str, ...]
    groups: Mapping[str, Group]
    words: Expression
    known: Mapping[str, int]
    sieve: Group
    is_narrow: bool

    @classmethod
    def of(
        cls, person: Actor, typed: str, kinds: Sequence[str], tags: Sequence[str], query: Query | None = None
    ) -> "_Asked":
        query = understand(typed) if query is None else query
        groups: dict[str, Group] = {}
        for tag in dict.fromkeys(tags):
            groups[_name(tag)] = (*groups.get(_name(tag), ()), (words.tag_word(tag),))
        every = tuple(kinds) or tuple(source.kind for source in sources())
        tag_words = {word for group in groups.values() for way in group for word in way}
        spoken = query.lexemes()
        sieve, is_narrow = _sieve(person)
        lexemes = spoken | tag_words | {words.TITLE + word for word in spoken}
        lexemes |= {words.tag_word(f"in:{source.kind}") for source in sources()}
        lexemes |= {word for way in sieve for word in way}
        known = vocabulary.frequencies(lexemes)
        return cls(
            person, query, every, groups, vocabulary.expression_of(query, known), known, sieve, is_narrow
        )

    @property
    def is_plain(self) -> bool:
        """Whether neither words nor tags narrow the list."""
        return not self.groups and not self.words.groups and not self.words.without

    @property
    def is_common(self) -> bool:
        """Whether one word or facet alone narrows, and stands in so many documents that nobody needs to count."""
        if len(self.groups) + len(self.words.groups) != 1 or self.words.without:
            return False
        return self.expression.expected(self.known, self.total) > COMMON * EXACT

    @property
    def expression(self) -> Expression:
        return self.without_facet("")

    @property
    def around(self) -> Expression:
        """Everything asked for but the words themselves."""
        return Expression((), self.words.without).also(*self.groups.values(), self._of_kinds, self.sieve)

    def without_facet(self, name: str) -> Expression:
        chosen = [group for other, group in self.groups.items() if other != name]
        return self.words.also(*chosen, self._of_kinds, self.sieve)

    @property
    def _of_kinds(self) -> Group:
        return tuple((words.tag_word(f"in:{kind}"),) for kind in self.kinds)

    @property
    def documents(self) -> SearchDocumentQuerySet:
        return self._of_these_kinds(SearchDocument.objects.visible_to(self.person))

    def _of_these_kinds(self, rows: SearchDocumentQuerySet) -> SearchDocumentQuerySet:
        if len(self.kinds) != 1:
            return rows.filter(kind__in=self.kinds)
        # Not "equals": the planner would then walk down all keys, through a million of the other kind.
        return rows.filter(kind__gte=self.kinds[0], kind__lte=self.kinds[0])

    @property
    def total(self) -> int:
        """About how many documents of every kind there are."""
        return sum(self.known.get(words.tag_word(f"in:{source.kind}"), 0) for source in sources())

    @cached_property
    def start(self) -> int | None:
        """Where walking down begins: after a rebuild the kinds lie one above the other."""
        if len(self.kinds) == len(sources()):
            return None
        keys = [
            SearchDocument.objects.filter(kind=kind, is_sunk=is_sunk)
            .order_by("-pk")
            .values_list("pk", flat=True)
            .first()
            for kind in self.kinds
            for is_sunk in (False, True)
        ]
        return max((key for key in keys if key is not None), default=-1) + 1 or None

    @property
    def marks(self) -> frozenset[str]:
        return highlighting.words_to_mark(self.words.groups)


def _sieve(person: Actor) -> tuple[Group, bool]:
    """``visible_to`` in the words of the index, and whether it is as narrow: it is never narrower.

    Every record shown is asked for with ``visible_to``; counts rest on this where it is as narrow (a test proves it).
    """
    reach = reach_of(person)
    public, members = (words.tag_word("see:public"),), (words.tag_word("see:members"),)
    owner, section = words.tag_word("see:owner"), words.tag_word("see:section")
    if not reach.is_member:
        return (public,), True
    if len(reach.organization_ids) + len(reach.section_ids) > MOST_PLACES:
        parties = ((words.tag_word(f"party:{pk}"),) for pk in sorted(reach.organization_ids))
        return (public, members, (owner,), (section,), *parties), False
    return (
        public,
        members,
        *((owner, words.tag_word(f"org:{pk}")) for pk in sorted(reach.organization_ids)),
        *((words.tag_word(f"party:{pk}"),) for pk in sorted(reach.organization_ids)),
        *((section, words.tag_word(f"sec:{pk}")) for pk in sorted(reach.section_ids)),
        *((section, words.tag_word(f"org:{pk}")) for pk in sorted(reach.audited_ids)),
    ), True


class _Tier(Protocol):
    """Documents of equal standing, newest first."""

    def documents(
        self, asked: _Asked, limit: int, beyond: int | None, *, ascending: bool
    ) -> list[SearchDocument]: ...


@dataclass(frozen=True)
class _PlainTier:
    is_sunk: bool

    def documents(
        self, asked: _Asked, limit: int, beyond: int | None, *, ascending: bool
    ) -> list[SearchDocument]:
        rows = asked.documents.filter(is_sunk=self.is_sunk)
        if beyond is not None:
            rows = rows.filter(pk__gt=beyond) if ascending else rows.filter(pk__lt=beyond)
        order: tuple[str, ...]
        if len(asked.kinds) == 1:
            order = ("-kind", "-is_sunk", "pk") if ascending else ("kind", "is_sunk", "-pk")
        else:
            order = ("pk",) if ascending else ("-pk",)
        return list(rows.order_by(*order)[:limit])


@dataclass(frozen=True)
class _WordTier:
    expression: Expression

    def documents(
        self, asked: _Asked, limit: int, beyond: int | None, *, ascending: bool
    ) -> list[SearchDocument]:
        found: list[SearchDocument] = []
        expected = self.expression.expected(asked.known, asked.total)
        size = limit
        if beyond is None and not ascending:
            beyond = asked.start
        # The sieve lets few through that the person may not read, so one turn is nearly always enough.
        while len(found) < limit:
            keys = word_index().keys(
                self.expression, limit=size, beyond=beyond, ascending=ascending, expected=expected
            )
            rows = {row.pk: row for row in asked.documents.filter(pk__in=keys)} if keys else {}
            found += [rows[key] for key in keys if key in rows]
            if len(keys) < size:
                break
            beyond, size = keys[-1], min(size * 4, 2_000)
        return found[:limit]


@dataclass(frozen=True)
class _Place:
    """Where a page begins: after (or before) which document of which tier."""

    tier: int = 0
    key: int | None = None
    backward: bool = False

    @classmethod
    def read(cls, after: str, before: str) -> "_Place":
        try:
            tier, key = json.loads(base64.urlsafe_b64decode((before or after) + "==="))
        except (ValueError, TypeError, binascii.Error, RecursionError):
            return cls()
        if (
            not isinstance(tier, int)
            or not isinstance(key, int)
            or not 0 <= tier < 10
            or not 0 <= key < 2**62
        ):
            return cls()
        return cls(tier, key, backward=bool(before))

    @property
    def written(self) -> str:
        return base64.urlsafe_b64encode(json.dumps([self.tier, self.key]).encode()).decode().rstrip("=")


def _found(asked: _Asked, place: _Place, limit: int, order: str, *, counted: bool, faceted: bool) -> Hits:
    tiers = _tiers(asked, order)
    page = _walk(asked, tiers, place, limit + 1)
    more, page = len(page) > limit, page[:limit]
    if place.backward:
        page.reverse()
    has_next, has_previous = (True, more) if place.backward else (more, place.key is not None)
    count, exact = _counted(asked, page, place, more=more) if counted else (0, False)
    facets, uncounted = _facets(asked, count, exact=exact) if faceted else ({}, frozenset({"*"}))
    return Hits(
        items=[_hit(document, asked.marks) for _tier, document in page],
        count=count,
        count_is_exact=exact,
        next_cursor=_Place(page[-1][0], page[-1][1].pk).written if page and has_next else "",
        previous_cursor=_Place(page[0][0], page[0][1].pk).written if page and has_previous else "",
        facets=facets,
        uncounted=uncounted,
        ignored=asked.query.ignored,
    )


def _tiers(asked: _Asked, order: str) -> list[_Tier]:
    if asked.is_plain:
        return [_PlainTier(False), _PlainTier(True)]
    sunk: Group = ((words.tag_word("sunk"),),)
    whole = asked.expression
    fresh = whole.but_not(sunk)
    if order == "recent" or not asked.words.groups:
        return [_WordTier(fresh), _WordTier(whole.also(sunk))]
    titled = [_in_title(group) for group in asked.words.groups]
    some = tuple(way for group in titled for way in group)
    # What stands in the title stands in the record: asking for both would only cost.
    tiers = [asked.around.but_not(sunk).also(*titled)]
    if len(titled) > 1:
        tiers.append(fresh.also(some).but_not(*titled))
    return [_WordTier(one) for one in (*tiers, fresh.but_not(some), whole.also(sunk))]


def _in_title(group: Group) -> Group:
    return tuple(tuple(word if word[1:2] == "=" else words.TITLE + word for word in way) for way in group)


def _walk(
    asked: _Asked, tiers: Sequence[_Tier], place: _Place, limit: int
) -> list[tuple[int, SearchDocument]]:
    numbers = (
        range(min(place.tier, len(tiers) - 1), -1, -1) if place.backward else range(place.tier, len(tiers))
    )
    found: list[tuple[int, SearchDocument]] = []
    for number in numbers:
        beyond = place.key if number == place.tier else None
        rows = tiers[number].documents(asked, limit - len(found), beyond, ascending=place.backward)
        found += [(number, row) for row in rows]
        if len(found) >= limit:
            break
    return found


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


def _counted(asked: _Asked, page: Sequence[Any], place: _Place, *, more: bool) -> tuple[int, bool]:
    if place.key is None and not more:
        return len(page), True
    return _count(asked, asked.expression)


def _count(asked: _Asked, expression: Expression, *, most: int = EXACT) -> tuple[int, bool]:
    """How many hits, exact up to ``most``. What is too many is remembered for ten minutes, what is many for one."""
    key = (expression, asked.kinds, reach_of(asked.person), most)
    known: tuple[int, bool] | None = _recall(key)
    if known is not None:
        return known
    if asked.is_common and most == EXACT:
        return most, False
    if asked.is_plain:
        found = asked.documents[: most + 1].count()
        exact = found <= most
    elif asked.is_narrow:
        found = word_index().count(expression, limit=most + 1)
        exact = found <= most
    else:
        looked_at = most + _LOOKED_AT - EXACT
        rows = asked.documents.filter(pk__in=word_index().subquery(expression, limit=looked_at))
        found = rows[: most + 1].count()
        # The sieve lets a few more through, so half of what was looked at cannot all be hidden.
        exact = found <= most // 2 or (found <= most and _is_all(expression, looked_at))
    counted = min(found, most), exact
    if found >= MANY:
        _remember(key, counted, MOMENT_SECONDS if exact else REMEMBERED_SECONDS)
    return counted


def _is_all(expression: Expression, limit: int) -> bool:
    """Whether fewer than ``limit`` documents were there to be looked at."""
    return (
        SearchDocument.objects.filter(pk__in=word_index().subquery(expression, limit=limit)).count() < limit
    )


_remembered: dict[object, tuple[float, Any]] = {}


def _recall(key: object) -> Any:
    until, value = _remembered.get(key, (0.0, None))
    return value if until > time.monotonic() else None


def _remember(key: object, value: object, seconds: int) -> None:
    if len(_remembered) > 1_000:
        _remembered.clear()
    _remembered[key] = time.monotonic() + seconds, value


def _facets(asked: _Asked, count: int, *, exact: bool) -> tuple[dict[str, int], frozenset[str]]:
    """Counts by tag. A facet in which something is chosen is counted as if nothing were: its choices add up."""
    chosen = [name for name in asked.groups if name]
    if asked.is_plain and (count > FACETED or not exact):
        return _kept_counts(asked), frozenset()
    found: dict[str, int] = {}
    uncounted = set()
    counted = _tag_counts(asked, asked.expression) if exact and count <= FACETED else None
    if counted is None:
        uncounted.add("*")
    else:
        found.update({tag: n for tag, n in counted.items() if _name(tag) not in chosen})
    for name in chosen:
        of_facet = _tag_counts(asked, asked.without_facet(name)) if "*" not in uncounted else None
        if of_facet is None:
            uncounted.add(name)
        else:
            found.update({tag: n for tag, n in of_facet.items() if _name(tag) == name})
    return found, frozenset(uncounted)


def _tag_counts(asked: _Asked, expression: Expression) -> dict[str, int] | None:
    """How many hits bear each tag; ``None`` when there are far too many to look at."""
    key = ("tags", expression, asked.kinds, reach_of(asked.person))
    known: dict[str, int] | None = _recall(key)
    if known is not None:
        return known or None
    if not asked.is_plain and expression.expected(asked.known, asked.total) > 4 * FACETED:
        # Far too many: not even asked.
        return None
    rows = asked.documents
    if not asked.is_plain:
        rows = rows.filter(pk__in=word_index().subquery(expression, limit=FACETED + 1))
    texts = list(rows.values_list("kind", "tags")[: FACETED + 1])
    counts: Counter[str] = Counter()
    if len(texts) <= FACETED:
        for kind, tags in texts:
            counts.update(tags.split())
            counts[f"in:{kind}"] += 1
    if len(texts) >= MANY:
        _remember(key, dict(counts), MOMENT_SECONDS)
    return dict(counts) if len(texts) <= FACETED else None


def _kept_counts(asked: _Asked) -> dict[str, int]:
    """Counts of everything public, as of the last round: for lists that nothing narrows."""
    counts: Counter[str] = Counter()
    for tag, documents in FacetCount.objects.filter(kind__in=asked.kinds).values_list("tag", "documents"):
        counts[tag] += documents
    return dict(counts)


def _found_by_title(asked: _Asked, query: str, limit: int) -> Hits:
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


def _name(tag: str) -> str:
    return tag.split(":", 1)[0]


__all__ = ["Hit", "Hits", "Missing", "Part", "missing", "rarest", "search"]
