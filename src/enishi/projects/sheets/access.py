"""Who reads and fills the sheets of a year."""

from typing import Any

from django.db.models import Q, QuerySet

from enishi.exchange.access import PARTNER, WHOLE_ORGANIZATION
from enishi.foundation.access import Access, Actor
from enishi.organizations.enums import Role
from enishi.organizations.visibility import reach_of
from enishi.projects.sheets.enums import SheetKind
from enishi.projects.sheets.models import PdcaSheet

LEADING = (*WHOLE_ORGANIZATION, Role.PARTNER_ADMINISTRATOR)
MANAGING = (Role.MANAGER, Role.ADMINISTRATOR, Role.PARTNER_ADMINISTRATOR)
WORKING = (Role.OFFICER, *WHOLE_ORGANIZATION, *PARTNER)


class SheetAccess(Access[PdcaSheet]):
    """The organisation's sheet is read by its people and filled by those who lead; a person's own by that person and the managers."""

    def visible(self, actor: Actor) -> QuerySet[PdcaSheet, PdcaSheet]:
        reach = reach_of(actor)
        managing = {role.value for role in MANAGING}
        managed = [key for key, role in reach.roles if role in managing]
        kept = PdcaSheet.objects.filter(deleted_at__isnull=True, organization_id__in=reach.organization_ids)
        return kept.filter(
            Q(kind=SheetKind.ORGANIZATION)
            | Q(person_id=actor.pk, person__isnull=False)
            | Q(organization_id__in=managed)
        )

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        reach = reach_of(actor)
        if instance.kind == SheetKind.PERSON:
            mine = instance.person_id is not None and instance.person_id == actor.pk
            return mine and reach.has_role(instance.organization_id, *WORKING)
        return reach.has_role(instance.organization_id, *LEADING)


sheet_access = SheetAccess()
