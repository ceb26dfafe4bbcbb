"""What is to be done by when: milestones, tasks, and which task waits for which."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enishi.projects.enums import TaskState
from enishi.projects.models_projects import Participant, Project


class Milestone(models.Model):
    """A day on which something has to stand."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="milestones")
    title = models.CharField(_("節目"), max_length=120)
    due_on = models.DateField(_("期日"))
    done_on = models.DateField(_("達した日"), null=True, blank=True)
    note = models.CharField(_("補足"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("節目")
        verbose_name_plural = _("節目")
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["project", "due_on"], name="milestone_of_project")]

    def __str__(self) -> str:
        return self.title


class TaskQuerySet(models.QuerySet["Task"]):
    def open(self) -> Self:
        return self.filter(state__in=[TaskState.TODO, TaskState.DOING])

    def late(self, today: dt.date) -> Self:
        return self.open().filter(due_on__lt=today)


class Task(models.Model):
    """A piece of work between two days. ``predecessors`` have to be done before it begins."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tasks")
    milestone = models.ForeignKey(
        Milestone,
        verbose_name=_("節目"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="tasks",
    )
    title = models.CharField(_("作業"), max_length=120)
    note = models.TextField(_("内容"), max_length=2_000, blank=True)
    participant = models.ForeignKey(
        Participant,
        verbose_name=_("受け持つ団体"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="tasks",
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("担当者"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="project_tasks",
    )
    starts_on = models.DateField(_("始める日"))
    due_on = models.DateField(_("期限"))
    done_on = models.DateField(_("終えた日"), null=True, blank=True)
    state = models.CharField(_("状態"), max_length=8, choices=TaskState.choices, default=TaskState.TODO)
    predecessors = models.ManyToManyField(
        "self", verbose_name=_("先に終える作業"), symmetrical=False, blank=True, related_name="followers"
    )
    reminded_on = models.DateField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("作業")
        verbose_name_plural = _("作業")
        ordering = ["starts_on", "due_on", "pk"]
        constraints = [
            models.CheckConstraint(name="task_due_after_it_begins", condition=Q(due_on__gte=F("starts_on"))),
            models.CheckConstraint(
                name="task_done_on_set_once_done", condition=~Q(state="done") | Q(done_on__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["project", "starts_on"], name="task_of_project"),
            models.Index(fields=["assignee", "state", "due_on"], name="task_of_assignee"),
            models.Index(fields=["state", "due_on"], name="task_due"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in {TaskState.TODO, TaskState.DOING}

    def is_late(self, today: dt.date) -> bool:
        return self.is_open and self.due_on < today
