"""Who may read which acts."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import models

from enishi.audit import wording
from enishi.audit.models import AuditEvent
from enishi.foundation.access import Access, Actor
from enishi.organizations.access import is_system_administrator
from enishi.organizations.enums import ADMINISTRATOR_ROLES, Role
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of


class ActAccess(Access[AuditEvent]):
    """Administrators and auditors read the acts of their organisation; those who run the installation read all."""

    def visible(self, actor: Actor) -> models.QuerySet[AuditEvent, AuditEvent]:
        if is_system_administrator(actor):
            return AuditEvent.objects.all()
        return AuditEvent.objects.filter(organization_id__in=self.houses(actor))

    def allows(self, actor: Actor, action: str, instance: object) -> bool:
        return is_system_administrator(actor) or bool(self.houses(actor))

    def houses(self, actor: Actor) -> frozenset[int]:
        readers = {role.value for role in (*ADMINISTRATOR_ROLES, Role.AUDITOR)}
        return frozenset(key for key, role in reach_of(actor).roles if role in readers)

    def hidden_from(self, actor: Actor, events: Iterable[AuditEvent]) -> frozenset[int]:
        """The acts whose subject this person may not see: they happened, but what they were about is not told.

        An auditor reads everything of the audited organisation.
        """
        audited = reach_of(actor).audited_ids
        asked: dict[str, list[AuditEvent]] = defaultdict(list)
        for event in events:
            if event.organization_id not in audited:
                asked[event.subject_type].append(event)
        return frozenset(
            event.sequence for label, rows in asked.items() for event in _unseen(actor, label, rows)
        )


def _unseen(actor: Actor, label: str, events: list[AuditEvent]) -> list[AuditEvent]:
    subject = wording.subject_of(label)
    if subject is None:
        return [] if is_system_administrator(actor) else events
    keys = {event.subject_id for event in events}
    seen = {str(pk) for pk in subject.visible(actor).filter(pk__in=keys).values_list("pk", flat=True)}
    return [event for event in events if event.subject_id not in seen]


act_access = ActAccess()


def may_read_history(actor: Actor, instance: models.Model) -> bool:
    """The people of the house: what they wrote and when is not for the public, even where the result is."""
    if is_system_administrator(actor):
        return True
    houses = reach_of(actor).organization_ids
    if isinstance(instance, Organization):
        return instance.pk in houses
    return getattr(instance, "organization_id", None) in houses
