"""Projects that are over, and lessons, handed to the case library."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from enishi.foundation.access import Actor
from enishi.knowledge.cases import registry
from enishi.knowledge.cases.enums import CaseOutcome
from enishi.knowledge.cases.registry import Contribution, Contributor
from enishi.projects.access import project_access
from enishi.projects.enums import ProjectStatus
from enishi.projects.lessons.access import lesson_access
from enishi.projects.lessons.enums import LessonStatus
from enishi.projects.lessons.models import Lesson
from enishi.projects.models import Project

_OVER = [ProjectStatus.COMPLETED, ProjectStatus.STOPPED]


def register() -> None:
    """Called once, in ``apps.ready``."""
    registry.register(Contributor("projects.project", _("終わった事業"), ended_projects, one_project))
    registry.register(Contributor("projects.lesson", _("事業の教訓"), recorded_lessons, one_lesson))


def ended_projects(actor: Actor, organization_ids: frozenset[int], limit: int) -> Sequence[Contribution]:
    rows = project_access.visible(actor).filter(status__in=_OVER, organization_id__in=organization_ids)
    rows = rows.select_related("challenge", "organization").prefetch_related("fields", "parties")
    return [_of_project(row) for row in rows.order_by("-ended_on", "-pk")[:limit]]


def one_project(actor: Actor, key: int) -> Contribution | None:
    rows = (
        project_access.visible(actor)
        .filter(status__in=_OVER, pk=key)
        .select_related("organization", "challenge")
    )
    row = rows.first()
    return _of_project(row) if row is not None else None


def _of_project(project: Project) -> Contribution:
    """The outcome is left to a person: a finished project need not have worked."""
    partners = [party.name for party in project.parties.all() if party.pk != project.organization_id]
    return Contribution(
        kind="projects.project",
        key=project.pk,
        organization_id=project.organization_id,
        section_id=project.section_id,
        title=project.title[:120],
        url=project.get_absolute_url(),
        outcome=CaseOutcome.STOPPED.value if project.status == ProjectStatus.STOPPED else "",
        situation=project.challenge.present_state if project.challenge else project.purpose,
        action=project.content[:4_000] or project.purpose,
        cause=project.status_reason,
        place=project.organization.name,
        partner="、".join(partners)[:200],
        fields=tuple(field.name[:30] for field in project.fields.all()),
        started_on=project.started_on,
        ended_on=project.ended_on,
    )


def recorded_lessons(actor: Actor, organization_ids: frozenset[int], limit: int) -> Sequence[Contribution]:
    rows = lesson_access.visible(actor).filter(organization_id__in=organization_ids)
    rows = (
        rows.exclude(status=LessonStatus.DRAFT)
        .select_related("project", "organization")
        .prefetch_related("fields")
    )
    return [_of_lesson(row) for row in rows.order_by("-recorded_at", "-pk")[:limit]]


def one_lesson(actor: Actor, key: int) -> Contribution | None:
    rows = lesson_access.visible(actor).exclude(status=LessonStatus.DRAFT).filter(pk=key)
    row = rows.select_related("project", "organization").first()
    return _of_lesson(row) if row is not None else None


def _of_lesson(lesson: Lesson) -> Contribution:
    return Contribution(
        kind="projects.lesson",
        key=lesson.pk,
        organization_id=lesson.organization_id,
        section_id=lesson.section_id,
        title=lesson.title,
        url=lesson.get_absolute_url(),
        situation=lesson.project.purpose if lesson.project else "",
        result=lesson.what_happened,
        cause=lesson.cause,
        lesson=lesson.next_time,
        place=lesson.organization.name,
        fields=tuple(field.name[:30] for field in lesson.fields.all()),
        ended_on=lesson.happened_on,
    )
