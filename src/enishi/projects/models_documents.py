"""Meetings with their minutes, and the project's files."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from enishi.projects.models_projects import Participant, Project


def document_path(document: "Document", filename: str) -> str:
    """A name of our own: what somebody typed never becomes a path."""
    return f"projects/{uuid.uuid4().hex}"


class Meeting(models.Model):
    """A meeting and what was said and decided there."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="meetings")
    title = models.CharField(_("会議"), max_length=120)
    held_on = models.DateField(_("開いた日"))
    place = models.CharField(_("場所"), max_length=120, blank=True)
    present = models.ManyToManyField(
        Participant, verbose_name=_("出席した団体"), blank=True, related_name="meetings"
    )
    attendees = models.CharField(_("出席した人"), max_length=500, blank=True)
    minutes = models.TextField(_("話したこと"), max_length=20_000, blank=True)
    decisions = models.TextField(_("決めたこと"), max_length=4_000, blank=True)
    promises = models.TextField(_("約束(だれが・何を・いつまでに)"), max_length=4_000, blank=True)
    next_on = models.DateField(_("次の会議"), null=True, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    written_at = models.DateTimeField(_("書いた日時"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("会議")
        verbose_name_plural = _("会議")
        ordering = ["-held_on", "-pk"]
        indexes = [models.Index(fields=["project", "-held_on"], name="meeting_of_project")]

    def __str__(self) -> str:
        return self.title


class DocumentQuerySet(models.QuerySet["Document"]):
    def kept(self) -> Self:
        return self.filter(removed_at__isnull=True)


class Document(models.Model):
    """A file of the project, or of one of its meetings."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="documents")
    meeting = models.ForeignKey(
        Meeting,
        verbose_name=_("会議"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="documents",
    )
    name = models.CharField(_("ファイル名"), max_length=150)
    content_type = models.CharField(_("形式"), max_length=100)
    size = models.PositiveIntegerField(_("大きさ(バイト)"))
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=document_path, max_length=200)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField(_("追加日時"))
    removed_at = models.DateTimeField(_("外した日時"), null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("文書")
        verbose_name_plural = _("文書")
        ordering = ["added_at", "pk"]
        indexes = [models.Index(fields=["project", "added_at"], name="document_of_project")]

    def __str__(self) -> str:
        return self.name
