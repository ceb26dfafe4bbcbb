"""Files that belong to a record."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


def attachment_path(attachment: "Attachment", filename: str) -> str:
    """A name of our own: what somebody typed never becomes a path."""
    return f"attachments/{uuid.uuid4().hex}"


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def kept(self) -> Self:
        return self.filter(removed_at__isnull=True)


class Attachment(models.Model):
    """A file of a challenge or of a resource: read by whoever may read the record."""

    challenge = models.ForeignKey(
        "exchange.Challenge", on_delete=models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    resource = models.ForeignKey(
        "exchange.Resource", on_delete=models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    name = models.CharField(_("ファイル名"), max_length=150)
    content_type = models.CharField(_("形式"), max_length=100)
    size = models.PositiveIntegerField(_("大きさ(バイト)"))
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=attachment_path, max_length=200)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField(_("追加日時"))
    removed_at = models.DateTimeField(_("外した日時"), null=True, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("添付ファイル")
        verbose_name_plural = _("添付ファイル")
        ordering = ["added_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="attachment_belongs_to_one_record",
                condition=Q(challenge__isnull=False, resource__isnull=True)
                | Q(challenge__isnull=True, resource__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name
