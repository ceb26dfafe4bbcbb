"""What the projects tell of a case: the work itself."""

from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enishi.audit.steps import steps_of
from enishi.foundation.access import Actor
from enishi.foundation.thread import CaseRecord, CaseSource, Key, Stage, register_source
from enishi.projects.enums import ProjectStatus
from enishi.projects.models import Project

OVER = frozenset({"completed", "stopped"})
CAUSES = ("challenge", "contact", "proposal", "agreement")


def register() -> None:
    """Called once, in ``apps.ready``."""
    register_source(
        CaseSource("project", Stage.PROJECT, read_projects, causes_of_projects, projects_that_came_of)
    )


def read_projects(actor: Actor, ids: Sequence[int]) -> list[CaseRecord]:
    rows = list(
        Project.objects.visible_to(actor)
        .filter(pk__in=ids)
        .select_related("organization", "section")
        .prefetch_related("parties")
    )
    steps = steps_of(
        rows, "status", dict(ProjectStatus.choices), actor=actor, today=timezone.localdate(), over=OVER
    )
    return [
        CaseRecord(
            key=("project", row.pk),
            stage=Stage.PROJECT,
            label=_("実証") if row.is_trial else _("事業"),
            title=row.title,
            url=row.get_absolute_url(),
            on=row.starts_on or timezone.localdate(row.created_at),
            until=row.ends_on if row.status in OVER else None,
            state=row.get_status_display(),
            parties=[row.organization.name, *(party.name for party in row.parties.all())],
            steps=steps.get(row.pk, []),
        )
        for row in rows
    ]


def causes_of_projects(ids: Sequence[int]) -> Iterable[Key]:
    rows = Project.objects.filter(pk__in=ids).values_list(*(f"{kind}_id" for kind in CAUSES))
    return [(kind, pk) for row in rows for kind, pk in zip(CAUSES, row, strict=True) if pk]


def projects_that_came_of(kind: str, ids: Sequence[int]) -> Iterable[int]:
    if kind not in CAUSES:
        return []
    return Project.objects.filter(**{f"{kind}_id__in": ids}).values_list("pk", flat=True)
