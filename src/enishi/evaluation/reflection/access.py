"""Who reads and writes reflections: read with the decision, recorded by 財政, approved by another of 財政."""

from typing import Any

from django.db import models

from enishi.evaluation.access import decision_access, staffed_ids
from enishi.evaluation.reflection.models import Reflection
from enishi.foundation.access import Access, Actor
from enishi.indicators.offices import Office, acts_as


class ReflectionAccess(Access[Reflection]):
    """``instance`` is a row, or the number of the house for ``record`` and ``approve`` in general."""

    def visible(self, actor: Actor) -> models.QuerySet[Reflection, Reflection]:
        return Reflection.objects.filter(decision__in=decision_access.visible(actor).values("pk"))

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        house = getattr(instance, "organization_id", instance)
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        if action == "list":
            return house in staffed_ids(actor)
        if house is None or not acts_as(actor, house, Office.FINANCE):
            return False
        if action == "approve" and isinstance(instance, Reflection):
            return instance.recorded_by_id != actor.pk
        return action in ("record", "approve")


reflection_access = ReflectionAccess()
