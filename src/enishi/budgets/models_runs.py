"""How amounts came in: files and typed entries, and the profiles that tell what a file's columns mean."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enishi.budgets.enums import MoneyUnit, RunMode, RunSource, RunState, Stage
from enishi.budgets.transfer.stages import Part, in_time, parts_of, stage_label
from enishi.budgets.year_field import YEARS


def run_path(run: "BudgetImport", filename: str) -> str:
    """A name of our own: what somebody typed never becomes a path."""
    return f"budgets/{run.pk.hex}"


class MappingProfile(models.Model):
    """A named reading of the financial system's file: which column is which, and in what unit it counts.

    ``columns`` maps our names (``kan``, ``amount`` …, see ``transfer.columns``) to the headings of the file.
    """

    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="budget_profiles"
    )
    name = models.CharField(_("名前"), max_length=60)
    columns = models.JSONField(_("列"), default=dict)
    unit = models.PositiveIntegerField(_("単位"), choices=MoneyUnit.choices, default=MoneyUnit.YEN)
    account_code = models.CharField(
        _("会計の列がないときの会計コード"), max_length=10, blank=True, default="01"
    )
    code_layout = models.CharField(_("一つの列の科目の並び"), max_length=60, blank=True, default="")
    stage_words = models.CharField(_("段階の書き方"), max_length=500, blank=True, default="")
    note = models.CharField(_("説明"), max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("読み取りの設定")
        verbose_name_plural = _("読み取りの設定")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="mapping_profile_named_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def parts(self) -> list[Part]:
        """The stages that stand in one file; empty where a person says which stage a file is."""
        return parts_of(self.columns, self.stage_words)


class BudgetImport(models.Model):
    """One file, or one set of typed entries, from the first look to the books: all of it or nothing.

    A file with several stages has a run for each; ``batch`` ties them, and they come in together or not at all.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="budget_imports"
    )
    source = models.CharField(max_length=10, choices=RunSource.choices, default=RunSource.FILE)
    profile = models.ForeignKey(MappingProfile, on_delete=models.PROTECT, null=True, related_name="runs")
    fiscal_year = models.PositiveSmallIntegerField(_("年度"), validators=YEARS)
    stage = models.CharField(_("段階"), max_length=10, choices=Stage.choices)
    round_no = models.PositiveSmallIntegerField(_("回"), default=0)
    dated_on = models.DateField(_("日付"))
    resolution_no = models.CharField(_("議案・決裁番号"), max_length=40, blank=True)
    mode = models.CharField(max_length=10, choices=RunMode.choices, default=RunMode.FIRST)
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    reason = models.CharField(_("わけ"), max_length=300, blank=True)
    file = models.FileField(upload_to=run_path, max_length=200, blank=True)
    filename = models.CharField(_("ファイル名"), max_length=150, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    stated_total_yen = models.BigIntegerField(_("合計額(円)"), null=True, blank=True)
    batch = models.UUIDField(null=True, blank=True, editable=False, db_index=True)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.CHECKING)
    row_count = models.PositiveIntegerField(default=0)
    total_yen = models.BigIntegerField(default=0)
    findings = models.JSONField(default=dict)
    job = models.ForeignKey("foundation.Job", on_delete=models.SET_NULL, null=True, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="budget_imports"
    )
    created_at = models.DateTimeField(_("日時"))
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("予算の取り込み")
        verbose_name_plural = _("予算の取り込み")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "fiscal_year", "stage", "round_no", "sha256"],
                condition=Q(source="file", state__in=["applied", "corrected"]),
                name="budget_import_same_file_once",
            ),
            models.UniqueConstraint(
                fields=["organization", "fiscal_year", "stage", "round_no"],
                condition=Q(source="file", mode="first", state__in=["applied", "corrected"]),
                name="budget_import_first_once",
            ),
            models.CheckConstraint(
                name="budget_import_correction_names_what_it_corrects",
                condition=~Q(mode="correct") | Q(corrects__isnull=False),
            ),
            models.CheckConstraint(
                name="budget_import_applied_at_set_once_applied",
                condition=~Q(state__in=["applied", "corrected"]) | Q(applied_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-created_at", "-id"], name="budget_import_recent"),
            models.Index(
                fields=["organization", "fiscal_year", "stage", "round_no"], name="budget_import_of_stage"
            ),
        ]

    def __str__(self) -> str:
        return self.filename or self.reason or str(self.pk)

    @property
    def stage_name(self) -> str:
        """The stage with its round, where it has one: 補正2."""
        return stage_label(Stage(self.stage), self.round_no)

    @property
    def whole(self) -> "list[BudgetImport]":
        """The runs of the same file, in the order of their stages; the run alone where it is the file."""
        if self.batch is None:
            return [self]
        runs = BudgetImport.objects.filter(batch=self.batch).select_related(
            "profile", "corrects", "organization", "person"
        )
        return sorted(runs, key=lambda run: in_time(Stage(run.stage), run.round_no))
