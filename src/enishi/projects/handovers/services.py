"""Making a packet, and ticking it off."""

import datetime as dt
from collections.abc import Iterable
from itertools import count

from django.db import transaction
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import gettext as _
from enishi.notifications.services import notify
from enishi.organizations.enums import Role
from enishi.organizations.handover import Duties, PacketItem, PacketPart, packet_parts
from enishi.organizations.models import Membership, Organization, Section
from enishi.organizations.visibility import reach_of
from enishi.projects.errors import RefusedError
from enishi.projects.handovers.access import MANAGING, handover_access
from enishi.projects.handovers.models import HandoverItem, HandoverPacket


def duties_of(organization: Organization, person: Person | None, section: Section | None) -> Duties:
    """Whose work it is: a person's with their sections in this house, or a section's with those below it."""
    if person is not None:
        rows = Membership.objects.filter(
            organization=organization, person=person, section__isnull=False
        ).order_by("-valid_from", "-pk")
        current = list(rows.current(timezone.localdate())) or list(rows[:1])
        sections = frozenset(row.section_id for row in current if row.section_id)
        return Duties(organization, person, sections)
    return Duties(organization, None, frozenset({section.pk}) if section else frozenset())


@transaction.atomic
def make_packet(
    *,
    organization: Organization,
    successor: Person,
    actor: Person,
    at: dt.datetime,
    person: Person | None = None,
    section: Section | None = None,
    note: str = "",
    is_demo: bool = False,
) -> HandoverPacket:
    """Put everything the successor has to know into one packet, frozen as of today."""
    if (person is None) == (section is None):
        raise RefusedError(_("前任者か課の、どちらか一つを選んでください。"))
    if person is not None and person.pk == successor.pk:
        raise RefusedError(_("前任者と後任者が同じ人です。後任者を選び直してください。"))
    duties = duties_of(organization, person, section)
    handover_access.require(actor, "make", duties)  # type: ignore[arg-type]
    _require_of_the_house(successor, organization, at)
    packet = HandoverPacket.objects.create(
        organization=organization,
        person=person,
        section=section,
        successor=successor,
        note=clean_text(note, lines=True).strip()[:4_000],
        as_of=timezone.localdate(at),
        made_by=actor,
        made_at=at,
        is_demo=is_demo,
    )
    reader = person if person is not None and reach_of(person).is_member else actor
    places = count(1)
    items = [
        _item(packet, part, item, next(places))
        for part in packet_parts()
        for item in part.items(duties, reader, timezone.localdate(at))
    ]
    HandoverItem.objects.bulk_create(items, batch_size=500)
    _write_down(packet, "create", actor, at, note=_("%(count)d件") % {"count": len(items)})
    notify(
        kind="handover",
        persons=[successor],
        title=_("引継書が届きました: %(packet)s") % {"packet": packet},
        url=packet.get_absolute_url(),
        at=at,
    )
    return packet


def _require_of_the_house(successor: Person, organization: Organization, at: dt.datetime) -> None:
    places = Membership.objects.current(timezone.localdate(at)).filter(
        person=successor, organization=organization
    )
    if not successor.is_active or not places.exclude(role=Role.RESIDENT).exists():
        raise RefusedError(
            _(
                "後任者は、いま%(house)sに所属している人から選んでください。所属がまだのときは、管理者に登録を頼んでください。"
            )
            % {"house": organization.name}
        )


def _item(packet: HandoverPacket, part: PacketPart, item: PacketItem, position: int) -> HandoverItem:
    return HandoverItem(
        packet=packet,
        part_key=part.key,
        part_title=str(part.title)[:100],
        position=position,
        title=clean_text(str(item.title))[:300],
        url=item.url[:300],
        state=str(item.state)[:100],
        due_on=item.due,
        next_step=clean_text(str(item.next_step), lines=True)[:500],
        counterpart=clean_text(item.counterpart)[:500],
        note=clean_text(item.note, lines=True)[:2_000],
        is_open=item.is_open,
        section_id=item.section_id,
    )


@transaction.atomic
def confirm_items(*, packet_id: int, items: Iterable[int], actor: Person, at: dt.datetime) -> int:
    """The successor says that these were read and understood. Returns how many were new."""
    packet = HandoverPacket.objects.select_for_update().get(pk=packet_id)
    handover_access.require(actor, "confirm", packet)
    waiting = packet.items.filter(pk__in=list(items), confirmed_at__isnull=True)
    done = waiting.update(confirmed_at=at, confirmed_by=actor)
    if not done:
        return 0
    _write_down(packet, "confirm_items", actor, at, note=_("%(count)d件") % {"count": done})
    if not packet.items.filter(confirmed_at__isnull=True).exists():
        notify(
            kind="handover",
            persons=[each for each in _concerned(packet, at) if each.pk != actor.pk],
            title=_("引継書がすべて確認されました: %(packet)s") % {"packet": packet},
            url=packet.get_absolute_url(),
            at=at,
        )
    return done


def _concerned(packet: HandoverPacket, at: dt.datetime) -> list[Person]:
    managing = Membership.objects.current(timezone.localdate(at)).filter(
        organization=packet.organization, role__in=[role.value for role in MANAGING]
    )
    keys = {packet.person_id, packet.made_by_id, *managing.values_list("person_id", flat=True)}
    return list(Person.objects.filter(pk__in=[key for key in keys if key], is_active=True).order_by("pk"))


def _write_down(packet: HandoverPacket, action: str, actor: Person, at: dt.datetime, *, note: str) -> None:
    trail.record(trail.Act(actor, action, packet, at, organization_id=packet.organization_id, note=note))
