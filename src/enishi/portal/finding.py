"""Search over every room at once, as far as the rooms below let themselves be searched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.utils.functional import Promise

from enishi.foundation.access import Actor
from enishi.knowledge import selectors
from enishi.knowledge.queries import understand
from enishi.knowledge.registry import Place, SearchSource, sources

SHOWN = 5
LONGEST = 300
"""Characters that are looked for; nobody reads all rooms for a whole letter."""


@dataclass(frozen=True)
class Group:
    """What was found of one kind, and where the rest of it is; ``count`` is ``None`` where nearness has no end."""

    label: str | Promise
    hits: Sequence[selectors.Hit | Place]
    count: int | None
    count_is_exact: bool
    more_url: str = ""
    word: str = ""
    """Where nothing holds all the words: the one that was looked for instead."""
    near: Sequence[selectors.Hit] = ()
    """What means the same in other words, behind the hits where these are few."""

    @property
    def is_empty(self) -> bool:
        return not self.hits and not self.near


def found(query: str, actor: Actor) -> list[Group]:
    """What this person may see and what the words name, the first few of each kind; some kinds by their meaning too."""
    query = query[:LONGEST]
    asked = understand(query)
    if not asked.wanted and not asked.unwanted:
        return []
    groups = _groups(sources(), query, actor)
    # What was ruled out in words must not come back by another way.
    if not asked.unwanted:
        groups |= _in_other_words(groups, query, actor)
    return [group for group in groups.values() if not group.is_empty]


def _in_other_words(groups: dict[str, Group], query: str, actor: Actor) -> dict[str, Group]:
    """Kinds that hold little of what was typed, filled with what means the same; where nothing does, by one of the words."""
    near = {source.kind: _with_near(groups[source.kind], source, query, actor) for source in sources()}
    word = selectors.rarest(query)
    if word and word != query:
        empty = [source for source in sources() if source.places is None and near[source.kind].is_empty]
        by_word = _groups(empty, word, actor)
        near |= {kind: replace(group, word=word) for kind, group in by_word.items()}
    return near


def _with_near(group: Group, source: SearchSource, query: str, actor: Actor) -> Group:
    """Filled up to as many as are shown, unless the words found enough."""
    wanted = SHOWN - len(group.hits)
    if source.near is None or wanted <= 0:
        return group
    named = {hit.object_id for hit in group.hits if isinstance(hit, selectors.Hit)}
    keys = [key for key in source.near(actor, query, SHOWN) if key not in named]
    near = selectors.records(actor, source.kind, keys)[:wanted]
    return replace(group, near=near, count=group.count if group.hits or not near else None)


def without_hits(query: str, actor: Actor) -> list[selectors.Missing]:
    """Which of the words nothing holds, each with what may have been meant."""
    return selectors.missing(actor, query) if query else []


def newest(actor: Actor) -> list[Group]:
    """The latest of the kinds that greet visitors, as far as this person may see any."""
    groups = [_newest_of(source, actor, SHOWN) for source in sources() if source.is_front]
    return [group for group in groups if group.hits]


def besides(actor: Actor) -> list[Group]:
    """The other kinds with a list of their own: where it is and how much this person would find there."""
    kinds: dict[str, SearchSource] = {}
    for source in sources():
        if not source.is_front and source.list_url is not None:
            kinds.setdefault(source.list_url(), source)
    counts = selectors.counts(actor, [source.kind for source in kinds.values()])
    return [
        Group(source.label or source.kind, (), counts[source.kind], count_is_exact=True, more_url=address)
        for address, source in kinds.items()
        if counts.get(source.kind)
    ]


def _newest_of(source: SearchSource, actor: Actor, limit: int) -> Group:
    hits = selectors.search(actor, kinds=[source.kind], limit=limit, order="recent", faceted=False)
    return _group(source, hits, "")


def _groups(among: Sequence[SearchSource], query: str, actor: Actor) -> dict[str, Group]:
    worded = [source.kind for source in among if source.places is None]
    hits = selectors.search_each(actor, query, worded, limit=SHOWN) if worded else {}
    return {
        source.kind: _group(source, hits[source.kind], query)
        if source.places is None
        else _by_meaning(source, source.places(actor, query, SHOWN + 1), query)
        for source in among
    }


def _group(source: SearchSource, hits: selectors.Hits, query: str) -> Group:
    return Group(
        label=source.label or source.kind,
        hits=hits.items,
        count=hits.count,
        count_is_exact=hits.count_is_exact,
        more_url=_all_of(source, query) if hits.count > SHOWN else "",
    )


def _by_meaning(source: SearchSource, places: Sequence[Place], query: str) -> Group:
    more = len(places) > SHOWN
    return Group(
        label=source.label or source.kind,
        hits=places[:SHOWN],
        count=None if more else len(places),
        count_is_exact=not more,
        more_url=_all_of(source, query) if more else "",
    )


def _all_of(source: SearchSource, query: str) -> str:
    if source.list_url is None:
        return ""
    return f"{source.list_url()}?{urlencode({'q': query})}" if query else source.list_url()
