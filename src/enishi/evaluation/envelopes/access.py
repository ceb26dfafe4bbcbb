"""Envelopes: read in the house, written by 財政 and 企画, decided by 首長・庁議."""

from typing import Any

from django.db import models

from enishi.evaluation.access import staffed_ids
from enishi.evaluation.envelopes.models import EnvelopeScenario
from enishi.foundation.access import Access, Actor
from enishi.indicators.offices import Office, acts_as


class EnvelopeAccess(Access[EnvelopeScenario]):
    def visible(self, actor: Actor) -> models.QuerySet[EnvelopeScenario, EnvelopeScenario]:
        return EnvelopeScenario.objects.filter(
            organization_id__in=staffed_ids(actor), deleted_at__isnull=True
        )

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        """``instance`` is a scenario, or the number of the house for ``create``."""
        house = getattr(instance, "organization_id", instance)
        if house is None or house not in staffed_ids(actor):
            return False
        if action == "view":
            return True
        if action == "choose":
            return acts_as(actor, house, Office.COUNCIL)
        return acts_as(actor, house, Office.FINANCE) or acts_as(actor, house, Office.PLANNING)


envelope_access = EnvelopeAccess()
