"""The record of who did what. Rows are added and never changed; each carries the hash of the one before."""

import datetime as dt
import hashlib
import json
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from enishi.foundation.sentences import kept_in_words


class AppendOnlyError(Exception):
    """The record of acts cannot be changed."""


class AuditEvent(models.Model):
    """One act. ``hash`` covers every other column and ``previous_hash``, so a changed row breaks the chain."""

    sequence = models.PositiveBigIntegerField(_("通し番号"), unique=True)
    at = models.DateTimeField(_("日時"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(_("行った人"), max_length=100)
    organization_id = models.BigIntegerField(_("団体"), null=True, db_index=True)
    action = models.CharField(_("操作"), max_length=60)
    subject_type = models.CharField(_("対象の種類"), max_length=60)
    subject_id = models.CharField(_("対象の番号"), max_length=40)
    subject_label = models.CharField(_("対象"), max_length=200)
    changes = models.JSONField(_("変更(前と後)"), default=dict)
    note = models.CharField(_("補足"), max_length=1_000, blank=True)
    said = models.JSONField(null=True)
    """The note in other languages, as far as it is a sentence of ours."""
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-sequence"]
        verbose_name = _("操作の記録")
        verbose_name_plural = _("操作の記録")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-sequence"], name="audit_event_subject"),
            models.Index(fields=["organization_id", "-sequence"], name="audit_event_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.subject_label}"

    @property
    def note_in_words(self) -> str:
        return kept_in_words(self.said or {}, "note", self.note)

    def computed_hash(self) -> str:
        content = [
            self.sequence,
            self.at.astimezone(dt.UTC).isoformat(),
            self.actor_id,
            self.actor_name,
            self.organization_id,
            self.action,
            self.subject_type,
            self.subject_id,
            self.subject_label,
            self.changes,
            self.note,
            self.previous_hash,
            *([self.said] if self.said else []),
        ]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise AppendOnlyError(self.sequence)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(self.sequence)


class ChainHead(models.Model):
    """The last link, one row: whoever adds the next one locks it first."""

    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
