"""Who makes, reads and ticks off handover packets."""

from typing import Any

from django.db.models import Q, QuerySet

from enishi.accounts.models import Person
from enishi.exchange.access import PARTNER, WHOLE_ORGANIZATION
from enishi.foundation.access import Access, Actor
from enishi.organizations.enums import Role
from enishi.organizations.handover import Duties
from enishi.organizations.visibility import reach_of
from enishi.projects.handovers.models import HandoverItem, HandoverPacket

LEADING = (*WHOLE_ORGANIZATION, Role.PARTNER_ADMINISTRATOR)
MANAGING = (Role.MANAGER, Role.ADMINISTRATOR, Role.PARTNER_ADMINISTRATOR)
WORKING = (Role.OFFICER, *WHOLE_ORGANIZATION, *PARTNER)


class HandoverAccess(Access[HandoverPacket]):
    """The one who leaves, the one who follows, who made it, and the managers of the house."""

    def visible(self, actor: Actor) -> QuerySet[HandoverPacket, HandoverPacket]:
        reach = reach_of(actor)
        if not reach.is_member:
            return HandoverPacket.objects.none()
        managing = {role.value for role in MANAGING}
        managed = [key for key, role in reach.roles if role in managing]
        part = Q(person_id=actor.pk) | Q(successor_id=actor.pk) | Q(made_by_id=actor.pk)
        return HandoverPacket.objects.filter(
            Q(organization_id__in=managed) | (part & Q(organization_id__in=reach.organization_ids))
        )

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        if action == "confirm":
            return instance.successor_id == actor.pk and self.allows(actor, "view", instance)
        if action == "make" and isinstance(instance, Duties):
            return self._may_make(actor, instance)
        return False

    def _may_make(self, actor: Actor, duties: Duties) -> bool:
        reach = reach_of(actor)
        if reach.has_role(duties.organization.pk, *LEADING):
            return True
        if not reach.has_role(duties.organization.pk, *WORKING):
            return False
        if duties.person is not None:
            return duties.person.pk == actor.pk
        return bool(duties.section_ids) and duties.section_ids <= reach.section_ids

    def items(self, actor: Actor, packet: HandoverPacket) -> QuerySet[HandoverItem, HandoverItem]:
        """The items of a packet; what is kept within a section, only for its people, the one who leaves and the one who follows."""
        rows = packet.items.select_related("confirmed_by")
        if isinstance(actor, Person) and actor.pk in {packet.person_id, packet.successor_id}:
            return rows
        reach = reach_of(actor)
        if packet.organization_id in reach.audited_ids:
            return rows
        return rows.filter(Q(section__isnull=True) | Q(section_id__in=reach.section_ids))


handover_access = HandoverAccess()
