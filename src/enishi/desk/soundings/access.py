"""Who runs soundings, and who sees which applicant: the office all of them, an applicant itself alone."""

from typing import Any

from django.db import models
from django.db.models import Q

from enishi.desk.calls.access import OfficeAccess, runs
from enishi.desk.soundings.models import Sounding, SoundingApplication
from enishi.exchange.access import WHOLE_ORGANIZATION
from enishi.foundation.access import Access, Actor
from enishi.organizations.enums import Role
from enishi.organizations.visibility import reach_of


class SoundingAccess(OfficeAccess[Sounding]):
    model = Sounding


class ApplicationAccess(Access[SoundingApplication]):
    """Those who run the sounding, and the applicant's own people. Not other applicants, not other sections."""

    def visible(self, actor: Actor) -> models.QuerySet[SoundingApplication, SoundingApplication]:
        if not actor.is_authenticated:
            return SoundingApplication.objects.none()
        reach = reach_of(actor)
        whole = {key for key, role in reach.roles if role in {each.value for each in WHOLE_ORGANIZATION}}
        officer = {key for key, role in reach.roles if role == Role.OFFICER}
        return SoundingApplication.objects.filter(
            Q(person_id=actor.pk)
            | Q(organization_id__in=reach.organization_ids)
            | Q(sounding__organization_id__in=whole)
            | Q(sounding__organization_id__in=officer, sounding__section_id__in=reach.section_ids)
        )

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        """``hear``: keep minutes and everything of the office. ``attend``: what the applicant does."""
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        sounding = instance.sounding
        if action == "hear":
            return actor.is_authenticated and runs(actor, sounding.organization_id, sounding.section_id)
        mine = actor.is_authenticated and instance.person_id == actor.pk
        return action == "attend" and (mine or instance.organization_id in reach_of(actor).organization_ids)


sounding_access = SoundingAccess()
application_access = ApplicationAccess()
