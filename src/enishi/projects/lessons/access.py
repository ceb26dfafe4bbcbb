"""Who reads and writes lessons, and who lets one out without names."""

from typing import Any

from django.db import models

from enishi.exchange.access import PARTNER, WHOLE_ORGANIZATION, RecordAccess
from enishi.foundation.access import Access, Actor
from enishi.organizations.enums import Role
from enishi.organizations.visibility import reach_of
from enishi.projects.lessons.enums import NamelessState
from enishi.projects.lessons.models import Lesson, NamelessLesson


class LessonAccess(RecordAccess[Lesson]):
    """Any organisation that takes part keeps its own lessons."""

    model = Lesson
    authors = (Role.OFFICER, *WHOLE_ORGANIZATION, *PARTNER)

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if (
            action in ("edit", "delete", "prepare")
            and not self.visible(actor).filter(pk=instance.pk).exists()
        ):
            return False
        return super().allows(actor, "edit" if action == "prepare" else action, instance)


class NamelessAccess(Access[NamelessLesson]):
    """Once it is out everybody reads it. Before that, those who may write the lesson; another of the house checks it."""

    def visible(self, actor: Actor) -> models.QuerySet[NamelessLesson, NamelessLesson]:
        public = models.Q(state=NamelessState.PUBLISHED)
        mine = models.Q(lesson__in=lesson_access.visible(actor)) & models.Q(
            lesson__organization_id__in=reach_of(actor).organization_ids
        )
        return NamelessLesson.objects.filter(public | mine)

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        house = instance.lesson.organization_id
        may_read = lesson_access.visible(actor).filter(pk=instance.lesson_id).exists()
        if action == "check":
            is_another = instance.prepared_by_id != actor.pk
            leads = reach_of(actor).has_role(house, *WHOLE_ORGANIZATION, Role.PARTNER_ADMINISTRATOR)
            return is_another and leads and may_read
        if action == "withdraw":
            return (
                reach_of(actor).has_role(house, *WHOLE_ORGANIZATION, Role.PARTNER_ADMINISTRATOR) and may_read
            )
        return False


lesson_access = LessonAccess()
nameless_access = NamelessAccess()
