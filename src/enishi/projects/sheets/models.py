"""PDCA sheets (計画・実行・評価・改善) of a fiscal year: an organisation's, and that of the person in charge."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.models import Kept
from enishi.foundation.sentences import kept_in_words
from enishi.organizations.models import Organization
from enishi.projects.sheets.enums import Rating, SheetKind, SheetStatus

PERSON = settings.AUTH_USER_MODEL
# What people write in a line that the records began, and in one of their own.
WRITTEN = ("plan", "action", "rating", "reflection", "next_action")
OWN = ("subject", "target", "result", *WRITTEN)


class PdcaSheet(Kept):
    """One sheet: a line for each number and each project, filled from the records as far as they know."""

    kind = models.CharField(_("種類"), max_length=12, choices=SheetKind.choices)
    organization = models.ForeignKey(
        Organization, verbose_name=_("団体"), on_delete=models.PROTECT, related_name="pdca_sheets"
    )
    person = models.ForeignKey(
        PERSON,
        verbose_name=_("担当者"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="pdca_sheets",
    )
    fiscal_year = models.PositiveSmallIntegerField(_("年度"))
    status = models.CharField(_("状態"), max_length=6, choices=SheetStatus.choices, default=SheetStatus.DRAFT)
    reflection = models.TextField(_("一年をふりかえって"), max_length=4_000, blank=True)
    next_year = models.TextField(_("来年度に向けて"), max_length=4_000, blank=True)
    filled_on = models.DateField(_("記録から写した日"), null=True, blank=True)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    class Meta:
        verbose_name = _("年次シート")
        verbose_name_plural = _("年次シート")
        ordering = ["-fiscal_year", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "fiscal_year"],
                condition=Q(kind=SheetKind.ORGANIZATION),
                name="pdca_sheet_one_per_organization_and_year",
            ),
            models.UniqueConstraint(
                fields=["organization", "person", "fiscal_year"],
                condition=Q(kind=SheetKind.PERSON),
                name="pdca_sheet_one_per_person_and_year",
            ),
            models.CheckConstraint(
                name="pdca_sheet_of_a_person_names_them",
                condition=Q(kind=SheetKind.ORGANIZATION, person__isnull=True)
                | Q(kind=SheetKind.PERSON, person__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["organization", "-fiscal_year", "-id"], name="pdca_sheet_of_owner")]

    def __str__(self) -> str:
        whose = self.person.name if self.person else self.organization.name
        return f"{whose} {self.year_in_words}"

    def get_absolute_url(self) -> str:
        return reverse("projects:sheet_detail", args=[self.pk])

    @property
    def year(self) -> FiscalYear:
        return FiscalYear(self.fiscal_year)

    @property
    def year_in_words(self) -> str:
        return fiscal_year_in_words(self.year)


class PdcaLine(models.Model):
    """One matter. ``target`` and ``result`` come from the records where ``source`` names them; the rest people write."""

    sheet = models.ForeignKey(PdcaSheet, on_delete=models.CASCADE, related_name="lines")
    code = models.CharField(_("行の符号"), max_length=80)
    position = models.PositiveSmallIntegerField()
    subject = models.CharField(_("取り組むこと"), max_length=200)
    plan = models.TextField(_("計画"), max_length=1_000, blank=True)
    target = models.CharField(_("目標の数字"), max_length=100, blank=True)
    action = models.TextField(_("実行"), max_length=1_000, blank=True)
    result = models.CharField(_("結果の数字"), max_length=200, blank=True)
    rating = models.CharField(_("評価"), max_length=8, choices=Rating.choices, blank=True)
    reflection = models.TextField(_("ふりかえり"), max_length=1_000, blank=True)
    next_action = models.TextField(_("次の一手"), max_length=1_000, blank=True)
    source = models.CharField(_("出所"), max_length=200, blank=True)
    source_url = models.CharField(max_length=300, blank=True)
    said = models.JSONField(default=dict, editable=False)
    """What the records said in the other languages of the site, by language and name."""

    class Meta:
        verbose_name = _("年次シートの行")
        verbose_name_plural = _("年次シートの行")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["sheet", "code"], name="pdca_line_once_per_sheet")]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_prefilled(self) -> bool:
        return bool(self.source)

    @property
    def is_only_a_number(self) -> bool:
        """A figure of the register without a target, of which nobody has written anything."""
        is_figure = self.code.startswith("metric:") and not self.target
        return is_figure and not any(getattr(self, name) for name in WRITTEN)

    @property
    def words(self) -> dict[str, str]:
        """What the records told, in the language of the reader; what people wrote, as they wrote it."""
        names = ("subject", "target", "result", "source")
        return {name: kept_in_words(self.said, name, getattr(self, name)) for name in names}


class PdcaUpload(models.Model):
    """A filled-in workbook that waits for somebody to say yes: what it would change, or why it cannot."""

    sheet = models.ForeignKey(PdcaSheet, on_delete=models.CASCADE, related_name="uploads")
    person = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+")
    filename = models.CharField(max_length=150)
    sheet_version = models.PositiveIntegerField()
    changes = models.JSONField(default=list)
    faults = models.JSONField(default=list)
    made_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="pdca_upload_with_faults_is_never_applied",
                condition=Q(applied_at__isnull=True) | Q(faults=[]),
            )
        ]

    def __str__(self) -> str:
        return self.filename
