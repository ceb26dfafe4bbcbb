"""Envelopes: read in the house, written by 財政 and 企画, decided by 首長・庁議."""

from typing import Any

from django.db import models

from enishi.evaluation.access import staffed_ids
from enishi.evaluation.envelopes.models import EnvelopeScenario
from enishi.foundation.access import Access, Actor
from enishi.indicators.offices import Office, acts_as
from enishi.plans.models import Plan


class EnvelopeAccess(Access[EnvelopeScenario]):
    def visible(self, actor: Actor) -> models.QuerySet[EnvelopeScenario, EnvelopeScenario]:
        # A scenario names the branches of its plan: it is no more open than the plan.
        plans = Plan.objects.visible_to(actor).values("pk")
        return EnvelopeScenario.objects.filter(
            organization_id__in=staffed_ids(actor), deleted_at__isnull=True, plan_version__plan__in=plans
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
