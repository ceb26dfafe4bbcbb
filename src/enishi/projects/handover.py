"""What of the projects goes to the successor when somebody moves, or to the next section when one closes."""

import datetime as dt
from typing import Any

from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.organizations import handover
from enishi.organizations.models import Organization, Section
from enishi.projects.enums import ProjectStatus
from enishi.projects.models import Participant, Project, Task
from enishi.projects.signals import projects_changed

OPEN = (ProjectStatus.DRAFT, ProjectStatus.APPROVED, ProjectStatus.RUNNING)


def register() -> None:
    """Called once, in ``apps.ready``."""
    handover.register(handover.Handover(_("担当する事業"), count_projects, give_projects))
    handover.register(handover.Handover(_("事業の作業"), count_tasks, give_tasks))
    handover.register(handover.Handover(_("団体の担当として加わる事業"), count_places, give_places))
    handover.register_for_sections(
        handover.SectionHandover(_("担当する事業"), count_of_section, give_section)
    )


def _led(person: Person, organization: Organization) -> models.QuerySet[Project, Project]:
    return Project.objects.kept().filter(organization=organization, officer=person, status__in=OPEN)


def count_projects(person: Person, organization: Organization) -> int:
    return _led(person, organization).count()


def give_projects(
    giver: Person, taker: Person, organization: Organization, actor: Person, at: dt.datetime
) -> int:
    return _give(_led(giver, organization), actor, at, officer=taker)


def _tasks(person: Person, organization: Organization) -> models.QuerySet[Task, Task]:
    of_house = models.Q(participant__organization=organization) | models.Q(
        participant__isnull=True, project__organization=organization
    )
    return Task.objects.open().filter(of_house, assignee=person, project__deleted_at__isnull=True)


def count_tasks(person: Person, organization: Organization) -> int:
    return _tasks(person, organization).count()


def give_tasks(
    giver: Person, taker: Person, organization: Organization, actor: Person, at: dt.datetime
) -> int:
    tasks = list(_tasks(giver, organization).select_related("project"))
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(
        assignee=taker, version=F("version") + 1, updated_at=at
    )
    change = {"projects.task.assignee_id": (giver.pk, taker.pk)}
    trail.record(
        *(
            trail.Act(
                actor,
                "hand_over",
                task.project,
                at,
                organization_id=task.project.organization_id,
                changes=change,
                note=task.title,
            )
            for task in tasks
        )
    )
    return len(tasks)


def _places(person: Person, organization: Organization) -> models.QuerySet[Participant, Participant]:
    return Participant.objects.filter(
        organization=organization, people=person, project__status__in=OPEN, project__deleted_at__isnull=True
    )


def count_places(person: Person, organization: Organization) -> int:
    return _places(person, organization).count()


def give_places(
    giver: Person, taker: Person, organization: Organization, actor: Person, at: dt.datetime
) -> int:
    rows = list(_places(giver, organization).select_related("project"))
    for row in rows:
        row.people.remove(giver)
        row.people.add(taker)
    trail.record(
        *(
            trail.Act(
                actor,
                "hand_over",
                row.project,
                at,
                organization_id=row.project.organization_id,
                note=f"{giver} → {taker}",
            )
            for row in rows
        )
    )
    return len(rows)


def count_of_section(section: Section) -> int:
    return Project.objects.kept().filter(section=section).count()


def give_section(section: Section, successor: Section, actor: Person | None, at: dt.datetime) -> int:
    """Everything the section ran, what lies in the trash too: it may come back."""
    for row in Participant.objects.filter(sections=section):
        row.sections.remove(section)
        row.sections.add(successor)
    return _give(Project.objects.filter(section=section), actor, at, section=successor)


def _give(
    rows: models.QuerySet[Project, Project], actor: Person | None, at: dt.datetime, **values: Any
) -> int:
    """Write the new values, one act for each project, and tell who keeps an index once it is stored."""
    projects = list(rows.select_for_update().order_by("pk"))
    acts = []
    for project in projects:
        before = trail.values(project, values)
        for name, value in values.items():
            setattr(project, name, value)
        changes = trail.differences(before, trail.values(project, values))
        acts.append(
            trail.Act(
                actor, "hand_over", project, at, organization_id=project.organization_id, changes=changes
            )
        )
    ids = [project.pk for project in projects]
    Project.objects.filter(pk__in=ids).update(version=F("version") + 1, updated_at=at, **values)
    trail.record(*acts)
    if ids:
        transaction.on_commit(lambda: projects_changed.send_robust(Project, ids=ids))
    return len(ids)
