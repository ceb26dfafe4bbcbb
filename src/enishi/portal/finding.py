"""Search over every room at once, as far as the rooms below let themselves be searched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.utils.functional import Promise

from enishi.foundation.access import Actor
from enishi.knowledge import selectors
from enishi.knowledge.registry import Place, SearchSource, sources

SHOWN = 5


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


def found(query: str, actor: Actor) -> list[Group]:
    """What this person may see and what the words name, the first few of each kind; parts of documents by their meaning too."""
    if not query:
        return []
    groups = [_of_kind(source, query, actor) for source in sources()]
    if (word := selectors.rarest(query)) and word != query:
        groups = [
            group if group.hits or source.places is not None else _by_one_word(source, word, actor)
            for source, group in zip(sources(), groups, strict=True)
        ]
    return [group for group in groups if group.hits]


def without_hits(query: str, actor: Actor) -> list[selectors.Missing]:
    """Which of the words nothing holds, each with what may have been meant."""
    return selectors.missing(actor, query) if query else []


def newest(actor: Actor) -> list[Group]:
    """The latest of each kind that this person may see."""
    return [_of_kind(source, "", actor, order="recent") for source in sources()]


def _of_kind(source: SearchSource, query: str, actor: Actor, order: str = "relevance") -> Group:
    if query and source.places is not None:
        return _by_meaning(source, source.places(actor, query, SHOWN + 1), query)
    hits = selectors.search(actor, query, kinds=[source.kind], limit=SHOWN, order=order, faceted=False)
    return Group(
        label=source.label or source.kind,
        hits=hits.items,
        count=hits.count,
        count_is_exact=hits.count_is_exact,
        more_url=_all_of(source, query) if hits.count > SHOWN else "",
    )


def _by_one_word(source: SearchSource, word: str, actor: Actor) -> Group:
    return replace(_of_kind(source, word, actor), word=word)


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
