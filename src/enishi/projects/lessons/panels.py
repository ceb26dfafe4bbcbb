"""Where lessons show up by themselves: beside what resembles them, and as a reminder when one is due."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.foundation.access import Actor
from enishi.foundation.panels import HomePanel, RecordPanel, Todo, home, records
from enishi.notifications import kinds
from enishi.notifications.enums import MailMode
from enishi.organizations.visibility import reach_of
from enishi.projects.access import project_access
from enishi.projects.lessons.access import lesson_access, nameless_access
from enishi.projects.lessons.enums import NamelessState, Occasion
from enishi.projects.lessons.models import NamelessLesson
from enishi.projects.lessons.similar import similar_lessons
from enishi.projects.models import Incident, Project

FEW = 5
NAMES = {
    "exchange.challenge": ("title", "present_state", "desired_state"),
    "desk.proposal": ("title", "summary", "effects"),
    "projects.project": ("title", "purpose", "content"),
}
"""The words by which a record is compared: what everybody who reads it sees anyway."""


def register() -> None:
    kinds.register(
        kinds.NoticeKind("lesson_check", gettext_lazy("名前のない教訓の確認を頼まれたとき"), MailMode.DAILY)
    )
    home.register(HomePanel("", 45, waiting, "today", shown=_works))
    for record, names in NAMES.items():
        title = gettext_lazy("役に立ちそうな教訓")
        records.register(RecordPanel(record, "projects/_similar_lessons.html", 60, _asker(names), title))
    records.register(
        RecordPanel(
            "projects.project", "projects/_lessons.html", 50, of_project, gettext_lazy("この事業の教訓")
        )
    )


def _works(actor: Actor) -> bool:
    return reach_of(actor).is_member


def _asker(names: tuple[str, ...]) -> Any:
    def similar(actor: Actor, record: Any) -> dict[str, Any] | None:
        text = "\n".join(getattr(record, name) for name in names)
        found = similar_lessons(
            actor,
            text,
            fields=list(record.fields.values_list("pk", flat=True)),
            but_project=record.pk if isinstance(record, Project) else None,
        )
        return {"lessons": found} if found else None

    return similar


def of_project(actor: Actor, project: Any) -> dict[str, Any] | None:
    """The project's own lessons, and the incidents that still have none."""
    lessons = list(lesson_access.visible(actor).filter(project=project).order_by("-updated_at", "-pk"))
    inside = project_access.allows(actor, "read_inside", project)
    incidents = _without_lesson([project.pk]) if inside else []
    may_write = inside and lesson_access.allows(actor, "create", None)
    if not lessons and not may_write:
        return None
    return {"lessons": lessons, "incidents": incidents, "may_write": may_write, "project": project}


def _without_lesson(projects: list[int]) -> list[Incident]:
    rows = Incident.objects.filter(project_id__in=projects, lessons__isnull=True)
    return list(rows.select_related("project").order_by("-happened_on", "-pk")[:FEW])


def waiting(actor: Actor, at: dt.datetime) -> dict[str, Any] | None:
    """Closed projects and incidents in one's charge without a lesson, and lessons without names to be checked."""
    items = [*_due(actor), *_to_check(actor)]
    return {"items": items} if items else None


def _due(actor: Actor) -> list[Todo]:
    mine = Project.objects.kept().filter(officer_id=actor.pk)
    closed = mine.filter(status__in=["completed", "stopped"]).exclude(lessons__occasion=Occasion.CLOSE)
    items = [
        Todo(
            project.title,
            f"{reverse('projects:lesson_new')}?project={project.pk}",
            why=_("終わった事業です。三つの問いに答えて教訓を残してください"),
        )
        for project in closed.order_by("-updated_at", "-pk")[:FEW]
    ]
    keys = list(mine.values_list("pk", flat=True)[:500])
    return items + [
        Todo(
            incident.title,
            f"{reverse('projects:lesson_new')}?incident={incident.pk}",
            why=_("事故・問題の記録に、まだ教訓がありません"),
        )
        for incident in _without_lesson(keys)
    ]


def _to_check(actor: Actor) -> list[Todo]:
    rows = NamelessLesson.objects.filter(
        state=NamelessState.WAITING, lesson__organization_id__in=reach_of(actor).organization_ids
    ).select_related("lesson")
    return [
        Todo(row.title, row.get_absolute_url(), why=_("名前が残っていないか確認してください"))
        for row in rows.order_by("prepared_at", "pk")[: FEW * 2]
        if nameless_access.allows(actor, "check", row)
    ][:FEW]
