"""Files around agreements: signed copies, templates, what an import brought, and calendar feeds."""

import hashlib
import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enishi.agreements.enums import DocumentKind
from enishi.organizations.models import Organization


def signed_copy_path(copy: "SignedCopy", filename: str) -> str:
    """A name of our own: what somebody typed never becomes a path."""
    return f"agreements/{uuid.uuid4().hex}"


def template_path(template: "DocumentTemplate", filename: str) -> str:
    return f"agreement-templates/{uuid.uuid4().hex}"


class SignedCopy(models.Model):
    """The signed paper as a file. ``sha256`` was taken when it came in and can be taken again."""

    agreement = models.ForeignKey("agreements.Agreement", on_delete=models.CASCADE, related_name="copies")
    version = models.ForeignKey("agreements.Version", on_delete=models.PROTECT, related_name="copies")
    name = models.CharField(_("ファイル名"), max_length=150)
    content_type = models.CharField(_("形式"), max_length=100)
    size = models.PositiveIntegerField(_("大きさ(バイト)"))
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=signed_copy_path, max_length=200)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("追加日時"))
    verified_at = models.DateTimeField(_("確かめた日時"), null=True, blank=True)
    is_intact = models.BooleanField(_("中身は変わっていない"), null=True, blank=True)

    class Meta:
        verbose_name = _("締結した協定書の写し")
        verbose_name_plural = _("締結した協定書の写し")
        ordering = ["added_at", "pk"]

    def __str__(self) -> str:
        return self.name

    def digest_now(self) -> str:
        """The file's sha256 as it lies there now; empty when it is gone."""
        digest = hashlib.sha256()
        try:
            with self.file.open("rb") as file:
                for chunk in iter(lambda: file.read(65_536), b""):
                    digest.update(chunk)
        except FileNotFoundError:
            return ""
        return digest.hexdigest()


class DocumentTemplate(models.Model):
    """An organisation's own wording of one kind of document: the newest is used."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("種類"), max_length=15, choices=DocumentKind.choices)
    name = models.CharField(_("ファイル名"), max_length=150)
    file = models.FileField(upload_to=template_path, max_length=200)
    sha256 = models.CharField(max_length=64)
    used = models.JSONField(_("使っている項目"), default=list)
    unused = models.JSONField(_("使っていない項目"), default=list)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("登録日時"))
    retired_at = models.DateTimeField(_("外した日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("ひな形")
        verbose_name_plural = _("ひな形")
        ordering = ["kind", "-added_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind"],
                condition=Q(retired_at__isnull=True),
                name="template_one_in_use_per_kind",
            )
        ]

    def __str__(self) -> str:
        return self.name


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def usable(self) -> Self:
        return self.filter(revoked_at__isnull=True, person__is_active=True)


class CalendarFeed(models.Model):
    """A secret address under which a person's calendar program reads the deadlines. Only its digest is kept."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("作った日時"))
    read_at = models.DateTimeField(_("最後に読まれた日時"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("止めた日時"), null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("カレンダーの購読")
        verbose_name_plural = _("カレンダーの購読")
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.person} {self.made_at:%Y-%m-%d}"


class AgreementImport(models.Model):
    """A file of existing agreements, read and waiting for the go-ahead."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("ファイル名"), max_length=150)
    rows = models.JSONField(default=list)
    faults = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    made_at = models.DateTimeField(_("読み込んだ日時"))
    applied_at = models.DateTimeField(_("取り込んだ日時"), null=True, blank=True)
    undone_at = models.DateTimeField(_("取り消した日時"), null=True, blank=True)
    made = models.JSONField(_("新しくできた協定"), default=list)

    class Meta:
        verbose_name = _("協定の取り込み")
        verbose_name_plural = _("協定の取り込み")
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.name
