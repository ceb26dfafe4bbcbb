"""What of a record is matched: its text, its labels, and the circle that may see it."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from enishi.engines import matching
from enishi.exchange.enums import RecordKind
from enishi.exchange.models import Challenge, Field, Resource
from enishi.foundation.access import Actor
from enishi.language.ports import Side
from enishi.organizations.enums import OrganizationKind, OrganizationSize, Visibility
from enishi.organizations.models import Organization, Section
from enishi.organizations.visibility import reach_of

PUBLIC_AUDIENCE, MEMBERS_AUDIENCE = 0, 1
_ORGANIZATION, _SECTION, _PLACE = 100_000_000, 500_000_000, 900_000_000
"""Labels of nine digits never meet the codes of towns, and the engine keeps them as numbers."""

TEXT_SIDES: dict[RecordKind, Side] = {RecordKind.CHALLENGE: "query", RecordKind.RESOURCE: "passage"}
TEXT_NAMES: dict[RecordKind, tuple[str, ...]] = {
    RecordKind.CHALLENGE: ("present_state", "desired_state", "means_considered"),
    RecordKind.RESOURCE: ("offer", "track_record"),
}


def body_of(record: Challenge | Resource) -> str:
    """The record's text below its title, as it is matched and as its phrases are quoted."""
    parts = [getattr(record, name) for name in TEXT_NAMES[kind_of(record)]]
    return "\n".join(part for part in parts if part)


def whole_text(record: Challenge | Resource) -> str:
    body = body_of(record)
    return f"{record.title}\n{body}" if record.title else body


def content_hash(record: Challenge | Resource) -> str:
    """The same for the same text on the same side, whoever owns it."""
    text = f"{TEXT_SIDES[kind_of(record)]}\0{record.title}\0{body_of(record)}"
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def kind_of(record: Challenge | Resource) -> RecordKind:
    return RecordKind.CHALLENGE if isinstance(record, Challenge) else RecordKind.RESOURCE


def organization_label(organization_id: int) -> str:
    return str(_ORGANIZATION + organization_id)


def owner_label(organization_id: int, section_id: int | None) -> str:
    """A section stands for itself: what another section offers may be proposed within the same house."""
    if section_id is None:
        return organization_label(organization_id)
    return str(_SECTION + section_id)


def region_label(kind: str, code: str | None, pk: int) -> str:
    """A prefecture by two digits, a town by its code, an imaginary place by a number of its own."""
    if not code:
        return str(_PLACE + pk)
    return code[:2] if kind == OrganizationKind.PREFECTURE else code


def field_labels() -> dict[int, str]:
    """Each field's label for the engine: ``upper`` or ``upper/lower``."""
    rows = Field.objects.order_by().values_list("pk", "code", "parent__code")
    return {pk: f"{upper}/{code}" if upper else code for pk, code, upper in rows}


def audience_of(visibility: str, organization_id: int, section_id: int | None, record_id: int) -> int:
    """The number of the circle that may see a record; the five visibilities as the engine knows them."""
    if visibility == Visibility.PUBLIC:
        return PUBLIC_AUDIENCE
    if visibility == Visibility.MEMBERS:
        return MEMBERS_AUDIENCE
    if visibility == Visibility.PARTIES:
        return -record_id
    if visibility == Visibility.SECTION and section_id is not None:
        return 4 * section_id + 3
    return 4 * organization_id + 2


def audiences_of(actor: Actor, model: type[Challenge] | type[Resource]) -> set[int]:
    """The circles this person is in. Pages ask ``visible_to`` again before anything is shown."""
    reach = reach_of(actor)
    if not reach.is_member:
        return {PUBLIC_AUDIENCE}
    invited = _shared_with(actor, model, reach.organization_ids)
    audited = Section.objects.filter(organization_id__in=reach.audited_ids).values_list("pk", flat=True)
    sections = set(reach.section_ids) | (set(audited) if reach.audited_ids else set())
    return (
        {PUBLIC_AUDIENCE, MEMBERS_AUDIENCE}
        | {4 * key + 2 for key in reach.organization_ids}
        | {4 * key + 3 for key in sections}
        | {-key for key in invited}
    )


def _shared_with(actor: Actor, model: type[Challenge] | type[Resource], houses: frozenset[int]) -> set[int]:
    """The records of the circle 当事者 the person reads, found from the houses: the table itself may hold a million."""
    rows: Any = model._default_manager
    column = f"{model._meta.model_name}_id"
    guests: Any = model.parties.through._default_manager.filter(organization_id__in=houses)
    invited = list(guests.values_list(column, flat=True))
    own = rows.filter(organization_id__in=houses, visibility=Visibility.PARTIES)
    shared = rows.filter(pk__in=invited, visibility=Visibility.PARTIES).visible_to(actor)
    return {*own.visible_to(actor).values_list("pk", flat=True), *shared.values_list("pk", flat=True)}


def house_audiences(organization_id: int) -> set[int]:
    """The circles every member of an organisation's staff is in: for lists made for all of them."""
    return {PUBLIC_AUDIENCE, MEMBERS_AUDIENCE, 4 * organization_id + 2}


def is_underserved(kind: str, size: str, seat_name: str) -> bool:
    """Small firms, NPOs, residents' groups, and whoever sits in a 町 or 村: those nobody finds by chance."""
    if kind in {OrganizationKind.NPO, OrganizationKind.COMMUNITY} or size == OrganizationSize.SMALL:
        return True
    return size != OrganizationSize.LARGE and seat_name.endswith(("町", "村"))


def excluded_owners(
    challenge: Challenge, partner_ids: Iterable[int], sections: Mapping[int, Iterable[int]]
) -> tuple[str, frozenset[str]]:
    """Whose cans are not proposed to a challenge: the owner's label, and those of conflicts.

    Another section's resource may be; the own section's and the whole house's may not, and a challenge of the whole house
    is not sent to any of its sections. ``sections``: keys of sections by organisation.
    """
    partners = list(partner_ids)
    own = owner_label(challenge.organization_id, challenge.section_id)
    others = {organization_label(key) for key in [challenge.organization_id, *partners]}
    houses = partners if challenge.section_id is not None else [challenge.organization_id, *partners]
    others |= {owner_label(house, key) for house in houses for key in sections.get(house, ())}
    return own, frozenset(others - {own})


def regions_of_owner(organization: Organization) -> frozenset[str]:
    """Where a challenge without places must work: at its owner's."""
    if not organization.is_public_body:
        return frozenset()
    return frozenset({region_label(organization.kind, organization.code, organization.pk)})


NATIONWIDE = matching.NATIONWIDE
