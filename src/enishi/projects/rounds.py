"""What the room does every morning, and the notices it sends: tasks due, values due, decisions due, incidents."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.desk.signals import proposal_moved
from enishi.foundation import erasing, schedule
from enishi.foundation.days import day_in_words
from enishi.foundation.sentences import gettext as _
from enishi.notifications import kinds
from enishi.notifications.enums import MailMode
from enishi.notifications.services import notify
from enishi.organizations.enums import Role
from enishi.projects import selectors
from enishi.projects.access import APPROVING, project_access
from enishi.projects.enums import ProjectStatus, Severity, TrialState
from enishi.projects.models import Incident, Measure, Participant, Project, Task, Trial
from enishi.projects.models_documents import Document
from enishi.projects.services import starting
from enishi.projects.signals import incident_recorded, project_moved, stop_criterion_hit

DAY = dt.timedelta(days=1)
AHEAD = dt.timedelta(days=3)
GATE_AHEAD = dt.timedelta(days=14)
MORNING = dt.time(7, 0)


def register() -> None:
    for key, label in (
        ("project_task", gettext_lazy("受け持つ作業の期限が近づいたとき")),
        ("project_value", gettext_lazy("指標の値を入れる日が近づいたとき")),
        ("project_gate", gettext_lazy("実証の判断の日が近づいたとき")),
        ("project_stop", gettext_lazy("実証が中止の基準に当たったとき")),
        ("project_incident", gettext_lazy("事業で事故や問題が記録されたとき")),
        ("project_moved", gettext_lazy("加わっている事業の状態が変わったとき")),
    ):
        at_once = MailMode.AT_ONCE if key in {"project_incident", "project_stop"} else MailMode.DAILY
        kinds.register(kinds.NoticeKind(key, label, at_once))
    erasing.register(Document, "removed_at")
    schedule.register(schedule.Periodic("project_reminders", DAY, remind, daily_at=MORNING))
    incident_recorded.connect(_tell_incident, dispatch_uid="projects-incident")
    stop_criterion_hit.connect(_tell_stop, dispatch_uid="projects-stop")
    project_moved.connect(_tell_moved, dispatch_uid="projects-moved")
    proposal_moved.connect(_tell_start, dispatch_uid="projects-proposal-start")


def remind(at: dt.datetime) -> int:
    """Tell each person once of what is due in the next days."""
    today = timezone.localdate(at)
    return _remind_tasks(today, at) + _remind_values(today, at) + _remind_gates(today, at)


@transaction.atomic
def _remind_tasks(today: dt.date, at: dt.datetime) -> int:
    open_projects = Project.objects.kept().filter(status=ProjectStatus.RUNNING)
    due = (
        Task.objects.open()
        .filter(project__in=open_projects, due_on__lte=today + AHEAD, reminded_on__isnull=True)
        .select_related("project__officer", "project__organization", "assignee", "participant")
    )
    told = 0
    for task in due:
        people = _readers([task.assignee] if task.assignee else _carriers(task), task.project)
        sentence = _("作業「%(title)s」の期限は%(day)sです") % {
            "title": task.title,
            "day": day_in_words(task.due_on),
        }
        url = reverse("projects:task_detail", args=[task.pk])
        told += len(
            notify(
                kind="project_task", persons=people, title=sentence, url=url, at=at, body=task.project.title
            )
        )
        Task.objects.filter(pk=task.pk).update(reminded_on=today)
    return told


def _carriers(task: Task) -> list[Person]:
    people = list(task.participant.people.all()) if task.participant else []
    return people or selectors.people_to_tell(task.project)


@transaction.atomic
def _remind_values(today: dt.date, at: dt.datetime) -> int:
    due = Measure.objects.filter(
        project__deleted_at__isnull=True,
        project__status__in=[ProjectStatus.RUNNING, ProjectStatus.COMPLETED],
        next_due_on__lte=today + AHEAD,
        retired_at__isnull=True,
        reminded_on__isnull=True,
    ).select_related("project__officer", "project__organization", "participant")
    told = 0
    for measure in due:
        people = list(measure.participant.people.all()) if measure.participant else []
        people = people or selectors.people_to_tell(measure.project)
        sentence = _("指標「%(title)s」の値を入れる日です") % {"title": measure.title}
        url = reverse("projects:value_new", args=[measure.pk])
        readers = _readers(people, measure.project)
        told += len(
            notify(
                kind="project_value",
                persons=readers,
                title=sentence,
                url=url,
                at=at,
                body=measure.project.title,
            )
        )
        Measure.objects.filter(pk=measure.pk).update(reminded_on=today)
    return told


@transaction.atomic
def _remind_gates(today: dt.date, at: dt.datetime) -> int:
    due = Trial.objects.filter(
        state=TrialState.RUNNING,
        judged_on__lte=today + GATE_AHEAD,
        reminded_on__isnull=True,
        project__deleted_at__isnull=True,
    ).select_related("project__officer", "project__organization")
    told = 0
    for trial in due:
        people = [*selectors.people_to_tell(trial.project), *_approvers(trial.project, today)]
        sentence = _("実証「%(title)s」の判断の日は%(day)sです") % {
            "title": trial.project.title,
            "day": day_in_words(trial.judged_on or today),
        }
        url = reverse("projects:trial_detail", args=[trial.pk])
        told += len(
            notify(
                kind="project_gate", persons=_readers(people, trial.project), title=sentence, url=url, at=at
            )
        )
        Trial.objects.filter(pk=trial.pk).update(reminded_on=today)
    return told


def _approvers(project: Project, today: dt.date) -> list[Person]:
    places = project.organization.memberships.current(today).filter(role__in=APPROVING)
    if project.section_id:
        own = places.filter(section_id=project.section_id)
        places = own if own.exists() else places.filter(role=Role.PLANNER)
    return list(Person.objects.filter(pk__in=places.values("person_id"), is_active=True).order_by("pk"))


def _readers(people: Iterable[Person], project: Project) -> list[Person]:
    """Nobody is told of what they may not read."""
    return [person for person in people if project_access.allows(person, "view", project)]


def _tell_incident(incident_id: int, **_named: Any) -> None:
    incident = Incident.objects.select_related("project__officer", "project__organization").get(
        pk=incident_id
    )
    project = incident.project
    others = [each for each in selectors.people_to_tell(project) if each.pk != incident.recorded_by_id]
    sentence = _("「%(project)s」で「%(title)s」が記録されました(%(severity)s)") % {
        "project": project.title,
        "title": incident.title,
        "severity": Severity(incident.severity).label,
    }
    url = reverse("projects:risk_list", args=[project.pk])
    notify(
        kind="project_incident",
        persons=_readers(others, project),
        title=sentence,
        url=url,
        at=incident.recorded_at,
    )


def _tell_stop(trial_id: int, at: dt.datetime, **_named: Any) -> None:
    """Whoever decides, and the people of the project: what was promised before the start has come."""
    trial = Trial.objects.select_related("project__officer", "project__organization").get(pk=trial_id)
    project = trial.project
    people = [*selectors.people_to_tell(project), *_approvers(project, timezone.localdate(at))]
    notify(
        kind="project_stop",
        persons=_readers(people, project),
        title=_("実証「%(title)s」が中止の基準に当たりました。続けるかを判断してください")
        % {"title": project.title},
        url=reverse("projects:trial_detail", args=[trial.pk]),
        at=at,
    )


def _tell_moved(project_id: int, before: str, after: str, **_named: Any) -> None:
    """The named people of those who take part learn that it was approved, began or ended."""
    project = Project.objects.select_related("officer", "organization", "updated_by").get(pk=project_id)
    named = Participant.people.through.objects.filter(participant__project=project).values("person_id")
    people = {person.pk: person for person in Person.objects.filter(pk__in=named, is_active=True)}
    if project.officer is not None:
        people[project.officer.pk] = project.officer
    people.pop(project.updated_by_id or 0, None)
    sentence = _("「%(project)s」が「%(status)s」になりました") % {
        "project": project.title,
        "status": ProjectStatus(after).label,
    }
    notify(
        kind="project_moved",
        persons=_readers(people.values(), project),
        title=sentence,
        url=project.get_absolute_url(),
        at=project.updated_at,
    )


def _tell_start(proposal_id: int, **_named: Any) -> None:
    starting.catch_up(proposal_id=proposal_id, at=timezone.now())
