"""Who runs soundings, and who sees which applicant: the office all of them, an applicant itself alone."""

from typing import Any

from django.db import models
from django.db.models import Q

from enishi.desk.office.access import OfficeAccess, run_by, runs
from enishi.desk.soundings.models import Sounding, SoundingApplication
from enishi.foundation.access import Access, Actor
from enishi.organizations.visibility import reach_of


class SoundingAccess(OfficeAccess[Sounding]):
    model = Sounding


class ApplicationAccess(Access[SoundingApplication]):
    """Those who run the sounding, and the applicant's own people. Not other applicants, not other sections."""

    def visible(self, actor: Actor) -> models.QuerySet[SoundingApplication, SoundingApplication]:
        if not actor.is_authenticated:
            return SoundingApplication.objects.none()
        return SoundingApplication.objects.filter(
            Q(person_id=actor.pk)
            | Q(organization_id__in=reach_of(actor).organization_ids)
            | run_by(actor, "sounding__")
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
