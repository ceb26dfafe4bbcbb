"""Search over every room at once, as far as the rooms below let themselves be searched."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from enishi.foundation.access import Actor


@dataclass(frozen=True)
class Hit:
    title: str
    url: str
    excerpt: str = ""
    kind: str | Promise = ""


@dataclass(frozen=True)
class Group:
    """Hits of one kind, and where the rest of them are."""

    label: str | Promise
    hits: Sequence[Hit]
    total: int
    more_url: str = ""


def found(query: str, actor: Actor) -> list[Group]:
    """What this person may see and what the words name, grouped by kind."""
    return []
