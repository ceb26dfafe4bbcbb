"""Who sees and moves data sets: everybody what is published, the house also what is frozen; two persons publish."""

from typing import Any

from django.db import models
from django.db.models import Q

from enishi.evaluation.access import staffed_ids
from enishi.evaluation.published.models import DataSetState, PublishedDataSet
from enishi.foundation.access import Access, Actor
from enishi.indicators.offices import Office, acts_as

_OFFICES = (Office.REVIEW, Office.FINANCE)


class DataSetAccess(Access[PublishedDataSet]):
    def visible(self, actor: Actor) -> models.QuerySet[PublishedDataSet, PublishedDataSet]:
        mine = Q(organization_id__in=staffed_ids(actor))
        return PublishedDataSet.objects.filter(Q(state=DataSetState.PUBLISHED) | mine)

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        """``instance`` is a set, or the number of the house for ``freeze``."""
        house = getattr(instance, "organization_id", instance)
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        if house is None or house not in staffed_ids(actor):
            return False
        entitled = any(acts_as(actor, house, office) for office in _OFFICES)
        if action == "publish":
            second = instance.frozen_by_id != actor.pk
            return second and (entitled or acts_as(actor, house, Office.COUNCIL))
        return entitled and action in ("freeze", "withdraw")


data_set_access = DataSetAccess()
