"""Who runs what the desk holds for its office, and who hears of what comes in."""

import datetime as dt
from typing import Generic, TypeVar

from django.db.models import Q

from enishi.accounts.models import Person
from enishi.exchange.access import WHOLE_ORGANIZATION, PublicBodyAccess
from enishi.foundation.access import Actor
from enishi.organizations.enums import PUBLIC_BODY_ROLES, Role
from enishi.organizations.models import Membership, Organization, OwnedRecord, Section
from enishi.organizations.visibility import Reach, reach_of

HeldT = TypeVar("HeldT", bound=OwnedRecord)


class OfficeAccess(PublicBodyAccess[HeldT], Generic[HeldT]):
    """Public bodies hold it. Planners, managers and administrators run every one, officers those of their section.

    What names no section belongs to the window itself, not to the officers of every section of the house: who applied,
    who asked and what was said is nobody else's business.
    """

    def _may_write(self, reach: Reach, record: OwnedRecord) -> bool:
        return _runs(reach, record.organization_id, record.section_id)


def runs(actor: Actor, organization_id: int, section_id: int | None) -> bool:
    """Whether this person runs a piece of the desk's work that belongs to this section of this office."""
    return _runs(reach_of(actor), organization_id, section_id)


def _runs(reach: Reach, organization_id: int, section_id: int | None) -> bool:
    if reach.has_role(organization_id, *WHOLE_ORGANIZATION):
        return True
    return reach.has_role(organization_id, Role.OFFICER) and section_id in reach.section_ids


def run_by(actor: Actor, path: str = "") -> Q:
    """``runs`` as a condition on rows, whose office and section are found along ``path``."""
    reach = reach_of(actor)
    whole = {key for key, role in reach.roles if role in {each.value for each in WHOLE_ORGANIZATION}}
    officer = {key for key, role in reach.roles if role == Role.OFFICER}
    organization, section = f"{path}organization_id__in", f"{path}section_id__in"
    return Q((organization, whole)) | Q((organization, officer), (section, reach.section_ids))


def section_for(actor: Actor, organization: Organization, chosen: Section | None) -> Section | None:
    """The section something new belongs to: as chosen, else the officer's own, so that its maker can go on with it."""
    reach = reach_of(actor)
    if chosen is not None or reach.has_role(organization.pk, *WHOLE_ORGANIZATION):
        return chosen
    return Section.objects.filter(organization=organization, pk__in=reach.section_ids).order_by("pk").first()


def staff_of(organization_id: int, section_id: int | None, on: dt.date) -> list[Person]:
    """Who hears of things that come in: the section's officers, or the planners when no section is named."""
    places = Membership.objects.current(on).filter(organization_id=organization_id, person__is_active=True)
    in_section = places.filter(section_id=section_id) if section_id else places.filter(role=Role.PLANNER)
    chosen = (
        in_section.exclude(role=Role.RESIDENT).filter(role__in=PUBLIC_BODY_ROLES).exclude(role=Role.AUDITOR)
    )
    return list(Person.objects.filter(pk__in=chosen.values("person_id")).order_by("pk"))
