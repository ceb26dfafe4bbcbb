"""Who holds an award, who enters, who scores. Voting needs no account: it is decided by the proven address."""

from typing import Any

from django.db.models import Q, QuerySet

from enishi.exchange.access import WHOLE_ORGANIZATION
from enishi.foundation.access import Access, Actor
from enishi.organizations.enums import Role
from enishi.organizations.visibility import reach_of
from enishi.projects.access import is_inside, project_access
from enishi.projects.awards.enums import CallStatus
from enishi.projects.awards.models import AwardCall, AwardEntry, AwardJuror
from enishi.projects.models import Project

SHARED = (CallStatus.OPEN, CallStatus.ANNOUNCED)


class AwardAccess(Access[AwardCall]):
    """Everybody reads a call that is out; the organiser's planners, managers and administrators hold it."""

    def visible(self, actor: Actor) -> QuerySet[AwardCall, AwardCall]:
        roles = {role.value for role in WHOLE_ORGANIZATION}
        held = [key for key, role in reach_of(actor).roles if role in roles]
        return AwardCall.objects.filter(
            Q(status__in=SHARED) | Q(organization_id__in=held), deleted_at__isnull=True
        )

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        if action == "create":
            reach = reach_of(actor)
            return instance.is_public_body and reach.has_role(instance.pk, *WHOLE_ORGANIZATION)
        if action == "hold":
            return reach_of(actor).has_role(instance.organization_id, *WHOLE_ORGANIZATION)
        if action == "score":
            return (
                actor.pk is not None and AwardJuror.objects.filter(call=instance, person_id=actor.pk).exists()
            )
        return False


def may_enter(actor: Actor, project: Project) -> bool:
    """Those who write in the project may enter it."""
    return project_access.allows(actor, "take_part", project)


def is_partial(actor: Actor, entry: AwardEntry) -> bool:
    """Whether this juror belongs to those who made what is judged."""
    reach = reach_of(actor)
    staff = any(role != Role.RESIDENT.value for _key, role in reach.roles)
    return staff and is_inside(reach, entry.project)


award_access = AwardAccess()
