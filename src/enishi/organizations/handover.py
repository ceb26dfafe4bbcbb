"""What is handed on when somebody moves (異動) or a section closes (機構改革). Rooms register theirs in ``apps.ready``."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from enishi.accounts.models import Person
from enishi.organizations.models import Membership, Organization, Section


@dataclass(frozen=True)
class Handover:
    """One kind of thing a person holds within an organisation.

    ``count(person, organization)`` says how many they hold; ``hand_over(giver, taker, organization, actor, at)``
    gives them to the successor, inside the caller's transaction, and returns how many went.
    """

    label: str | Promise
    count: Callable[[Person, Organization], int]
    hand_over: Callable[[Person, Person, Organization, Person, dt.datetime], int]


@dataclass(frozen=True)
class SectionHandover:
    """One kind of thing a section is responsible for; ``hand_over(section, successor, actor, at)``.

    ``actor`` is ``None`` when a prepared reorganisation is carried out on its day.
    """

    label: str | Promise
    count: Callable[[Section], int]
    hand_over: Callable[[Section, Section, Person | None, dt.datetime], int]


@dataclass(frozen=True)
class Pile:
    """How much of one kind there is to hand on."""

    label: str | Promise
    count: int


_of_persons: list[Handover] = []
_of_sections: list[SectionHandover] = []


def register(handover: Handover) -> None:
    _of_persons.append(handover)


def register_for_sections(handover: SectionHandover) -> None:
    _of_sections.append(handover)


def held_by(membership: Membership) -> list[Pile]:
    """What this person holds in this organisation, kind by kind; kinds with nothing left out."""
    person, organization = membership.person, membership.organization
    piles = [Pile(each.label, each.count(person, organization)) for each in _of_persons]
    return [pile for pile in piles if pile.count]


def hand_over(
    *, giver: Person, taker: Person, organization: Organization, actor: Person, at: dt.datetime
) -> list[Pile]:
    """Give everything to the successor; returns what went."""
    piles = [Pile(each.label, each.hand_over(giver, taker, organization, actor, at)) for each in _of_persons]
    return [pile for pile in piles if pile.count]


def responsibilities_of(section: Section) -> list[Pile]:
    """What a section is responsible for."""
    piles = [Pile(each.label, each.count(section)) for each in _of_sections]
    return [pile for pile in piles if pile.count]


def hand_over_section(
    *, section: Section, successor: Section, actor: Person | None, at: dt.datetime
) -> list[Pile]:
    """Give everything a closed section was responsible for to its first successor."""
    piles = [Pile(each.label, each.hand_over(section, successor, actor, at)) for each in _of_sections]
    return [pile for pile in piles if pile.count]


# --- The packet (引継書): what a successor must read, over all rooms ---------------------------------------------------


@dataclass(frozen=True)
class Duties:
    """Whose work is handed over: a person's in one organisation, or a whole section's.

    ``section_ids`` are the person's sections, or the section itself.
    """

    organization: Organization
    person: Person | None
    section_ids: frozenset[int]


@dataclass(frozen=True)
class PacketItem:
    """One thing in a packet.

    ``is_open`` marks what still has to be done; ``due`` its next date and ``next_step`` what has to be done then.
    ``section_id`` is set when the record is kept within that section (課内): others do not see it in the packet either.
    """

    title: str
    url: str
    state: str | Promise = ""
    due: dt.date | None = None
    next_step: str | Promise = ""
    counterpart: str = ""
    note: str = ""
    is_open: bool = True
    section_id: int | None = None


@dataclass(frozen=True)
class PacketPart:
    """One chapter of a packet. ``items(duties, actor, today)`` tells only what ``actor`` may read."""

    key: str
    title: str | Promise
    order: int
    items: Callable[[Duties, Person, dt.date], Sequence[PacketItem]]


_packet_parts: dict[str, PacketPart] = {}


def register_packet_part(part: PacketPart) -> None:
    """Put a chapter into every packet. To be called in ``apps.ready``."""
    _packet_parts[part.key] = part


def packet_parts() -> list[PacketPart]:
    return sorted(_packet_parts.values(), key=lambda part: (part.order, part.key))
