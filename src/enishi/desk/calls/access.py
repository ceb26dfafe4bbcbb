"""Who may read and run calls."""

from typing import Any

from enishi.desk.calls.models import Call
from enishi.exchange.access import WHOLE_ORGANIZATION, RecordAccess
from enishi.foundation.access import Actor
from enishi.organizations.enums import Role
from enishi.organizations.models import Organization
from enishi.organizations.visibility import Reach, reach_of


class CallAccess(RecordAccess[Call]):
    """Public bodies call; planners, managers and administrators run every call, officers those of their section."""

    model = Call

    def owners(self, actor: Actor) -> Any:
        return super().owners(actor).filter(kind__in=["municipality", "prefecture", "government"])

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action in {"answer", "add", "see_askers"}:
            return self._may_write(reach_of(actor), instance)
        return super().allows(actor, action, instance)

    def _may_create(self, reach: Reach, organization: Organization | None) -> bool:
        if organization is not None and not organization.is_public_body:
            return False
        return super()._may_create(reach, organization)


call_access = CallAccess()


def runs(actor: Actor, organization_id: int, section_id: int | None) -> bool:
    """Whether this person runs a piece of the desk's work that belongs to this section of this office."""
    reach = reach_of(actor)
    if reach.has_role(organization_id, *WHOLE_ORGANIZATION):
        return True
    return reach.has_role(organization_id, Role.OFFICER) and (
        section_id is None or section_id in reach.section_ids
    )
