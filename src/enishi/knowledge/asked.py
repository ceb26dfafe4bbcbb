"""A question in the words of the index: what is wanted, of which kinds, and what this person may read of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from enishi.foundation.access import Actor
from enishi.knowledge import highlighting, vocabulary, words
from enishi.knowledge.models import SearchDocument, SearchDocumentQuerySet
from enishi.knowledge.queries import Expression, Group, Query, understand
from enishi.knowledge.registry import barred_from, sources
from enishi.organizations.visibility import reach_of

MANY_DOCUMENTS = 20_000
"""What is expected to have more hits is not counted."""
MOST_PLACES = 60


@dataclass(frozen=True)
class Asked:
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
    ) -> "Asked":
        query = understand(typed) if query is None else query
        groups: dict[str, Group] = {}
        for tag in dict.fromkeys(tags):
            groups[facet_of(tag)] = (*groups.get(facet_of(tag), ()), (words.tag_word(tag),))
        every = tuple(kinds) or tuple(source.kind for source in sources())
        tag_words = {word for group in groups.values() for way in group for word in way}
        spoken = query.lexemes()
        sieve, is_narrow = sieve_of(person)
        lexemes = spoken | tag_words | {words.TITLE + word for word in spoken}
        lexemes |= {words.tag_word(f"in:{source.kind}") for source in sources()}
        lexemes |= {word for way in sieve for word in way}
        known = vocabulary.frequencies(lexemes)
        return cls(
            person, query, every, groups, vocabulary.expression_of(query, known), known, sieve, is_narrow
        )

    def of_kinds(self, *kinds: str) -> "Asked":
        """The same question to some of the kinds."""
        return replace(self, kinds=kinds)

    @property
    def expected(self) -> float:
        """About how many hits there are, as of the last round."""
        return self.expression.expected(self.known, self.total)

    @property
    def is_plain(self) -> bool:
        """Whether neither words nor tags narrow the list."""
        return not self.groups and not self.words.groups and not self.words.without

    @property
    def is_common(self) -> bool:
        """Whether one word or facet alone narrows, and stands in so many documents that nobody needs to count."""
        if len(self.groups) + len(self.words.groups) != 1 or self.words.without:
            return False
        return self.expected > MANY_DOCUMENTS

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
        return self._narrowed(SearchDocument.objects.visible_to(self.person))

    def _narrowed(self, rows: SearchDocumentQuerySet) -> SearchDocumentQuerySet:
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


def sieve_of(person: Actor) -> tuple[Group, bool]:
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
    ), not barred_from(person)


def facet_of(tag: str) -> str:
    """Which facet a tag belongs to: what stands before its first colon."""
    return tag.split(":", 1)[0]
