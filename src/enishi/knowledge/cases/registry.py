"""What the rooms above let become a case. A room describes what came to an end; a person turns it into a case."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from enishi.foundation.access import Actor


@dataclass(frozen=True)
class Contribution:
    """Something that ended, told as far as its own record tells it. Nobody guesses the rest: a person writes it."""

    kind: str
    key: int
    organization_id: int
    title: str
    url: str
    outcome: str = ""
    situation: str = ""
    action: str = ""
    result: str = ""
    cause: str = ""
    lesson: str = ""
    place: str = ""
    prefecture_code: str = ""
    partner: str = ""
    fields: Sequence[str] = ()
    section_id: int | None = None
    started_on: dt.date | None = None
    ended_on: dt.date | None = None


@dataclass(frozen=True)
class Contributor:
    """One kind of record that comes to an end.

    ``ended(actor, organization_ids, limit)``: the latest that this person may read and whose case the organisations may
    write; ``one(actor, key)``: a single one, or ``None`` where there is none for this person.
    """

    kind: str
    label: str | Promise
    ended: Callable[[Actor, frozenset[int], int], Sequence[Contribution]]
    one: Callable[[Actor, int], Contribution | None]


_contributors: dict[str, Contributor] = {}


def register(contributor: Contributor) -> None:
    """Let records of this kind become cases. To be called in ``apps.ready``."""
    _contributors[contributor.kind] = contributor


def contributors() -> list[Contributor]:
    return [_contributors[kind] for kind in sorted(_contributors)]


def contributor_of(kind: str) -> Contributor | None:
    return _contributors.get(kind)
