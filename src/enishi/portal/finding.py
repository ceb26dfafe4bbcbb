"""Search over every room at once, as far as the rooms below let themselves be searched."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.functional import Promise

from enishi.foundation.access import Actor
from enishi.knowledge import selectors
from enishi.knowledge.registry import SearchSource, sources

SHOWN = 5


@dataclass(frozen=True)
class Group:
    """What was found of one kind, and where the rest of it is."""

    label: str | Promise
    hits: Sequence[selectors.Hit]
    count: int
    count_is_exact: bool
    more_url: str = ""


def found(query: str, actor: Actor) -> list[Group]:
    """What this person may see and what the words name, the first few of each kind."""
    if not query:
        return []
    groups = (_of_kind(source, query, actor) for source in sources())
    return [group for group in groups if group.hits]


def without_hits(query: str, actor: Actor) -> list[selectors.Missing]:
    """Which of the words nothing holds, each with what may have been meant."""
    return selectors.missing(actor, query) if query else []


def _of_kind(source: SearchSource, query: str, actor: Actor) -> Group:
    hits = selectors.search(actor, query, kinds=[source.kind], limit=SHOWN, faceted=False)
    more = source.list_url is not None and hits.count > SHOWN
    return Group(
        label=source.label or source.kind,
        hits=hits.items,
        count=hits.count,
        count_is_exact=hits.count_is_exact,
        more_url=f"{source.list_url()}?{urlencode({'q': query})}" if more and source.list_url else "",
    )
