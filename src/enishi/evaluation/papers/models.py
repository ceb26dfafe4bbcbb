"""A municipality's own form: its workbook or Word document with marks, kept as it was given."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enishi.organizations.models import Organization

WORD = ".docx"


class OwnFormQuerySet(models.QuerySet["OwnForm"]):
    def in_use(self) -> Self:
        return self.filter(retired_at__isnull=True)

    def of_word(self) -> Self:
        return self.filter(filename__endswith=WORD)


class OwnForm(models.Model):
    """The file that stands in for one of the official forms. Another one replaces it; the old one stays."""

    organization = models.ForeignKey(
        Organization, verbose_name=_("団体"), on_delete=models.PROTECT, related_name="own_forms"
    )
    form = models.CharField(_("様式"), max_length=20)
    filename = models.CharField(_("ファイル名"), max_length=150)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    marks = models.PositiveIntegerField(_("印の数"))
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("登録日時"))
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = OwnFormQuerySet.as_manager()

    class Meta:
        verbose_name = _("団体の様式")
        verbose_name_plural = _("団体の様式")
        ordering = ["-added_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "form"],
                condition=Q(retired_at__isnull=True),
                name="own_form_one_in_use",
            ),
            models.CheckConstraint(name="own_form_has_marks", condition=Q(marks__gt=0)),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def kind(self) -> str:
        """「docx」 or 「xlsx」: which of the downloads it stands in for."""
        return "docx" if self.filename.endswith(WORD) else "xlsx"
