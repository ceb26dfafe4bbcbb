"""Milestones and tasks: written, moved, done, and never waiting for each other in a circle."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.projects.access import may_touch, project_access
from enishi.projects.enums import TaskState
from enishi.projects.errors import CycleError, RefusedError
from enishi.projects.models import Milestone, Project, Task
from enishi.projects.planning import circle
from enishi.projects.services.writing import (
    assign,
    changed,
    in_order,
    locked_project,
    own_participant,
    require_open,
    require_version,
    touch,
    write_down,
)

TASK_WRITABLE = ("title", "note", "milestone", "participant", "assignee", "starts_on", "due_on")
OWN_TASK = frozenset({"note", "assignee", "starts_on", "due_on"})
"""What the people of the participant that carries the task may write; whoever leads the project writes all."""
MOST_TASKS = 2_000


@transaction.atomic
def add_milestone(*, project_id: int, values: Mapping[str, Any], actor: Person, at: dt.datetime) -> Milestone:
    project = _for_writing(project_id, actor)
    milestone = Milestone(project=project)
    assign(milestone, values, ("title", "due_on", "done_on", "note"))
    milestone.save()
    touch(project, actor=actor, at=at)
    write_down(project, "add_milestone", actor=actor, at=at, note=milestone.title)
    return milestone


@transaction.atomic
def edit_milestone(
    *, milestone_id: int, values: Mapping[str, Any], version: int, actor: Person, at: dt.datetime
) -> Milestone:
    project = _for_writing(Milestone.objects.get(pk=milestone_id).project_id, actor)
    milestone = project.milestones.select_for_update().get(pk=milestone_id)
    require_version(milestone, version)
    before = trail.values(milestone)
    assign(milestone, values, ("title", "due_on", "done_on", "note"))
    milestone.version += 1
    milestone.save()
    touch(project, actor=actor, at=at)
    write_down(
        project,
        "edit_milestone",
        actor=actor,
        at=at,
        row=milestone,
        changes=changed(before, milestone),
        note=milestone.title,
    )
    return milestone


@transaction.atomic
def remove_milestone(*, milestone_id: int, actor: Person, at: dt.datetime) -> None:
    project = _for_writing(Milestone.objects.get(pk=milestone_id).project_id, actor)
    milestone = project.milestones.get(pk=milestone_id)
    milestone.delete()
    touch(project, actor=actor, at=at)
    write_down(project, "remove_milestone", actor=actor, at=at, note=milestone.title)


def _for_writing(project_id: int, actor: Person) -> Project:
    project = locked_project(project_id)
    project_access.require(actor, "edit", project)
    require_open(project)
    return project


@transaction.atomic
def add_task(
    *,
    project_id: int,
    values: Mapping[str, Any],
    predecessors: Iterable[Task] = (),
    actor: Person,
    at: dt.datetime,
) -> Task:
    project = _for_writing(project_id, actor)
    if project.tasks.count() >= MOST_TASKS:
        raise RefusedError(
            _("一つの事業の作業は%(limit)s件までです。事業を分けてください。") % {"limit": f"{MOST_TASKS:,}"}
        )
    task = Task(project=project, updated_at=at)
    assign(task, values, TASK_WRITABLE)
    _check(task, project, predecessors)
    task.save()
    task.predecessors.set(predecessors)
    touch(project, actor=actor, at=at)
    write_down(project, "add_task", actor=actor, at=at, note=task.title)
    return task


@transaction.atomic
def edit_task(
    *,
    task_id: int,
    values: Mapping[str, Any],
    version: int,
    predecessors: Iterable[Task] | None = None,
    actor: Person,
    at: dt.datetime,
) -> Task:
    """Write a task anew. Its own participant moves its days and names who does it; the rest is for who leads."""
    task = Task.objects.get(pk=task_id)
    project = locked_project(task.project_id)
    task = project.tasks.select_for_update().get(pk=task_id)
    _require_task(actor, project, task)
    if not project_access.allows(actor, "edit", project) and (
        predecessors is not None or set(values) - OWN_TASK
    ):
        raise PermissionDenied("edit")
    require_open(project)
    require_version(task, version)
    before = trail.values(task)
    assign(task, values, TASK_WRITABLE)
    _check(task, project, predecessors)
    if predecessors is not None:
        task.predecessors.set(predecessors)
    _save(task, at)
    touch(project, actor=actor, at=at)
    write_down(
        project, "edit_task", actor=actor, at=at, row=task, changes=changed(before, task), note=task.title
    )
    return task


def _require_task(actor: Person, project: Project, task: Task) -> None:
    if not may_touch(actor, project, task.participant):
        raise PermissionDenied("edit")


def _save(task: Task, at: dt.datetime) -> None:
    task.version += 1
    task.updated_at = at
    task.save()


def _check(task: Task, project: Project, predecessors: Iterable[Task] | None) -> None:
    in_order(task, "starts_on", "due_on", _("期限は、始める日と同じかそれより後にしてください。"))
    own_participant(project, task.participant)
    if task.milestone is not None and task.milestone.project_id != project.pk:
        raise ValidationError({"milestone": _("この事業の節目から選んでください。")})
    if predecessors is not None:
        _refuse_circle(task, project, list(predecessors))


def _refuse_circle(task: Task, project: Project, predecessors: list[Task]) -> None:
    if any(each.project_id != project.pk for each in predecessors):
        raise ValidationError({"predecessors": _("同じ事業の作業から選んでください。")})
    if task.pk is None:
        return
    waits: dict[int, list[int]] = {}
    links = Task.predecessors.through.objects.filter(from_task__project=project)
    for follower, leader in links.values_list("from_task_id", "to_task_id"):
        waits.setdefault(follower, []).append(leader)
    waits[task.pk] = [each.pk for each in predecessors]
    found = circle(waits, task.pk)
    if found:
        titles = dict(project.tasks.filter(pk__in=found).values_list("pk", "title"))
        raise CycleError([titles[key] for key in found])


@transaction.atomic
def move_task(
    *,
    task_id: int,
    state: TaskState,
    on: dt.date | None = None,
    version: int | None = None,
    actor: Person,
    at: dt.datetime,
) -> Task:
    """Say how far a task is. ``on`` is the day it was done, today unless said."""
    task = Task.objects.get(pk=task_id)
    project = locked_project(task.project_id)
    task = project.tasks.select_for_update().get(pk=task_id)
    _require_task(actor, project, task)
    require_open(project)
    if version is not None:
        require_version(task, version)
    day = on or timezone.localdate(at)
    if state == TaskState.DONE and day > timezone.localdate(at):
        raise ValidationError({"on": _("終えた日に、まだ来ていない日は書けません。")})
    before = trail.values(task)
    task.state, task.done_on = state, day if state == TaskState.DONE else None
    changes = changed(before, task)
    if changes:
        _save(task, at)
        touch(project, actor=actor, at=at)
        write_down(project, "move_task", actor=actor, at=at, row=task, changes=changes, note=task.title)
    return task


@transaction.atomic
def remove_task(*, task_id: int, actor: Person, at: dt.datetime) -> None:
    """Take a task off the plan that nobody began; others are 取りやめ, with what was done kept."""
    project = _for_writing(Task.objects.get(pk=task_id).project_id, actor)
    task = project.tasks.get(pk=task_id)
    if task.state != TaskState.TODO:
        raise RefusedError(_("始めた作業は記録として残します。「取りやめ」にしてください。"))
    task.delete()
    touch(project, actor=actor, at=at)
    write_down(project, "remove_task", actor=actor, at=at, note=task.title)
