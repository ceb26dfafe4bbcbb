"""Files brought in: what was found in them, what was done, and how to undo it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from enishi.exchange.enums import RecordKind
from enishi.organizations.enums import Visibility


def import_path(batch: "ImportBatch", filename: str) -> str:
    """A name of our own: what somebody typed never becomes a path."""
    return f"imports/{batch.pk.hex}"


class ImportState(models.TextChoices):
    CHECKING = "checking", _("調べています")
    FAULTY = "faulty", _("直すところがあります")
    READY = "ready", _("取り込めます")
    SAVING = "saving", _("取り込んでいます")
    DONE = "done", _("取り込みました")
    UNDONE = "undone", _("元に戻しました")


class ImportBatch(models.Model):
    """One file of challenges or resources, from upload to undo. Read by the person who brought it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("取り込むもの"), max_length=12, choices=RecordKind.choices)
    organization = models.ForeignKey(
        "organizations.Organization", verbose_name=_("団体"), on_delete=models.CASCADE, related_name="+"
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="imports")
    file = models.FileField(upload_to=import_path, max_length=200)
    filename = models.CharField(_("ファイル名"), max_length=150)
    sha256 = models.CharField(max_length=64)
    visibility = models.CharField(
        _("公開範囲"), max_length=10, choices=Visibility.choices, default=Visibility.INTERNAL
    )
    status = models.CharField(_("取り込んだあとの状態"), max_length=15, default="open")
    state = models.CharField(
        _("状態"), max_length=10, choices=ImportState.choices, default=ImportState.CHECKING
    )
    job = models.ForeignKey("foundation.Job", on_delete=models.SET_NULL, null=True, related_name="+")
    preview = models.JSONField(default=dict)
    words = models.JSONField(default=dict)
    """What words of the file stand for, by column, as the person chose."""
    result = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("日時"))
    saved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("取り込み")
        verbose_name_plural = _("取り込み")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.filename
