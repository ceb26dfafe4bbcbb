"""Who may read and run calls, and whatever else the desk holds for its office."""

from typing import Any, Generic, TypeVar

from django.db.models import Q

from enishi.desk.calls.models import Call
from enishi.exchange.access import WHOLE_ORGANIZATION, PublicBodyAccess
from enishi.foundation.access import Actor
from enishi.organizations.enums import Role
from enishi.organizations.models import Organization, OwnedRecord, Section
from enishi.organizations.visibility import Reach, reach_of

HeldT = TypeVar("HeldT", bound=OwnedRecord)


class OfficeAccess(PublicBodyAccess[HeldT], Generic[HeldT]):
    """Public bodies hold it. Planners, managers and administrators run every one, officers those of their section.

    What names no section belongs to the window itself, not to the officers of every section of the house: who applied,
    who asked and what was said is nobody else's business.
    """

    def _may_write(self, reach: Reach, record: OwnedRecord) -> bool:
        return _runs(reach, record.organization_id, record.section_id)


class CallAccess(OfficeAccess[Call]):
    model = Call

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action in {"answer", "add", "see_askers"}:
            return self._may_write(reach_of(actor), instance)
        return super().allows(actor, action, instance)


call_access = CallAccess()


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
