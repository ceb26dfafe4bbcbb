"""Parts that models of every room share, and the records that keep the promise that nothing is lost."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SoftDeletedQuerySet(models.QuerySet[Any, Any]):
    def kept(self) -> Self:
        """Everything that was not thrown away."""
        return self.filter(deleted_at__isnull=True)


class Kept(models.Model):
    """A record that two people may edit and one may throw away, and that comes back for 30 days.

    ``version`` grows at every save through a service; a form carries the version it was opened with.
    """

    version = models.PositiveIntegerField(_("版"), default=1, editable=False)
    created_at = models.DateTimeField(_("作成日時"), editable=False)
    updated_at = models.DateTimeField(_("更新日時"), editable=False, db_index=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("更新した人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    deleted_at = models.DateTimeField(_("削除日時"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class FormDraft(models.Model):
    """What somebody typed into a long form and has not submitted yet."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="form_drafts")
    form = models.CharField(max_length=100)
    values = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "form"], name="form_draft_one_per_form")]


class Submission(models.Model):
    """A form's one-time token, used: the second press of the button finds what the first one made."""

    token = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    result = models.CharField(max_length=300)
    at = models.DateTimeField()


class JobStatus(models.TextChoices):
    WAITING = "waiting", _("順番待ち")
    RUNNING = "running", _("処理中")
    DONE = "done", _("完了")
    FAILED = "failed", _("失敗")
    CANCELLED = "cancelled", _("取り消し")


class Job(models.Model):
    """Work of more than half a second: can be left and found again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("種類"), max_length=60)
    title = models.CharField(_("内容"), max_length=200)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="jobs"
    )
    status = models.CharField(_("状態"), max_length=10, choices=JobStatus.choices, default=JobStatus.WAITING)
    done = models.PositiveIntegerField(_("済み"), default=0)
    total = models.PositiveIntegerField(_("全体"), default=0)
    message = models.CharField(_("いま行っていること"), max_length=300, blank=True)
    language = models.CharField(max_length=5, default="ja")
    """In which it speaks: that of the page on which it was begun."""
    arguments = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    result_url = models.CharField(max_length=300, blank=True)
    cancel_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=100, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-created_at"], name="job_person_recent")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_over(self) -> bool:
        return self.status in {JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED}


class Round(models.Model):
    """When the worker last made one of its rounds."""

    name = models.CharField(max_length=60, primary_key=True)
    made_at = models.DateTimeField()


class Heartbeat(models.Model):
    """A worker's sign of life."""

    worker = models.CharField(max_length=100, primary_key=True)
    at = models.DateTimeField()
