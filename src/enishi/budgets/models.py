"""Programmes (事務事業) and the codes of the budget (款項目節), year by year."""

from typing import Any, NoReturn, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.budgets.enums import AccountKind, Delivery, LegalKind, Level, Origin, YearStatus
from enishi.budgets.errors import ImmutableUidError
from enishi.budgets.year_field import YEARS, year_exists
from enishi.foundation.fiscal_year import FiscalYear
from enishi.organizations.models import OwnedQuerySet, OwnedRecord


class ProgrammeQuerySet(OwnedQuerySet["Programme"]):
    def kept(self) -> Self:
        return self.filter(deleted_at__isnull=True)

    def active_in(self, fiscal_year: int) -> Self:
        """Those that run in this year: begun, not ended, not merged into another."""
        return self.filter(
            Q(end_fy__isnull=True) | Q(end_fy__gte=fiscal_year),
            start_fy__lte=fiscal_year,
            merged_into__isnull=True,
        )


class Programme(OwnedRecord):
    """A line of the plan and of the budget. Its ``uid`` outlives every year, section and name."""

    uid = models.CharField(
        _("事業番号"),
        max_length=6,
        validators=[RegexValidator(r"^\d{6}$", _("事業番号は6桁の数字です。"))],
        help_text=_("6桁の数字。一度付けたら変わらず、ほかの事業に使い回しません"),
    )
    title = models.CharField(_("事務事業名"), max_length=120)
    summary = models.TextField(_("概要"), max_length=2_000, blank=True)
    legal_basis = models.CharField(_("根拠法令・条例"), max_length=300, blank=True)
    legal_kind = models.CharField(
        _("事務の種類"), max_length=10, choices=LegalKind.choices, default=LegalKind.OWN
    )
    delivery = models.CharField(_("実施方法"), max_length=10, choices=Delivery.choices, blank=True)
    origin = models.CharField(_("発案"), max_length=10, choices=Origin.choices, default=Origin.STAFF)
    start_fy = models.PositiveSmallIntegerField(_("開始年度"), validators=YEARS)
    end_fy = models.PositiveSmallIntegerField(
        _("終了年度(サンセット)"), null=True, blank=True, validators=YEARS
    )
    end_reason = models.CharField(_("終える理由"), max_length=500, blank=True)
    zero_budget = models.BooleanField(
        _("ゼロ予算事業"), default=False, help_text=_("予算を使わず、職員の仕事だけで行う事業")
    )
    output_indicator = models.ForeignKey(
        "indicators.Indicator",
        verbose_name=_("活動量の指標"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("何をどれだけ行ったか。単位コスト(1件あたりの費用)の分母になります"),
    )
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("統合した先"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged_from",
    )
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    _stored_uid: str | None = None

    objects = ProgrammeQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("事務事業")
        verbose_name_plural = _("事務事業")
        ordering = ["uid"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.UniqueConstraint(fields=["organization", "uid"], name="programme_uid_never_reused"),
            models.CheckConstraint(name="programme_uid_has_six_places", condition=Exact(Length("uid"), 6)),
            models.CheckConstraint(
                name="programme_ends_after_it_begins",
                condition=Q(end_fy__isnull=True) | Q(end_fy__gte=F("start_fy")),
            ),
            models.CheckConstraint(name="programme_start_is_a_year", condition=year_exists("start_fy")),
            models.CheckConstraint(
                name="programme_not_merged_into_itself", condition=~Q(merged_into=F("pk"))
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "section", "uid"], name="programme_of_section"),
            models.Index(fields=["organization", "end_fy"], name="programme_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("budgets:programme_detail", args=[self.pk])

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any, **kwargs: Any) -> Self:
        instance = super().from_db(db, field_names, values, **kwargs)
        instance._stored_uid = instance.__dict__.get("uid")
        return instance

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._stored_uid is not None and self._stored_uid != self.uid:
            raise ImmutableUidError(self._stored_uid)
        super().save(*args, **kwargs)
        self._stored_uid = self.uid

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        # A number that was given once stays taken: programmes end or are merged, they do not vanish.
        raise ImmutableUidError(self.uid)

    @property
    def is_internal(self) -> bool:
        return self.legal_kind == LegalKind.INTERNAL

    def runs_in(self, fiscal_year: int) -> bool:
        return (
            self.merged_into_id is None
            and self.start_fy <= fiscal_year
            and (self.end_fy is None or fiscal_year <= self.end_fy)
        )


class ProgrammeYear(models.Model):
    """A programme in one fiscal year: the facet that budget, indicators and evaluation hang from."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="years")
    fiscal_year = models.PositiveSmallIntegerField(_("年度"), validators=YEARS)
    status = models.CharField(
        _("状態"), max_length=10, choices=YearStatus.choices, default=YearStatus.PLANNED
    )
    fte = models.DecimalField(
        _("人工"),
        max_digits=7,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("職員の人数に直した仕事の量。分からないときは空けておく(0とは別です)"),
    )
    staff_hours = models.DecimalField(_("従事時間"), max_digits=9, decimal_places=1, null=True, blank=True)
    narrative = models.TextField(_("この年度の取り組み"), max_length=4_000, blank=True)
    updated_at = models.DateTimeField(_("更新日時"), editable=False)

    class Meta:
        verbose_name = _("事務事業の年度")
        verbose_name_plural = _("事務事業の年度")
        ordering = ["programme", "fiscal_year"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "fiscal_year"], name="programme_year_once"),
            models.CheckConstraint(name="programme_year_is_a_year", condition=year_exists("fiscal_year")),
            models.CheckConstraint(
                name="programme_year_work_not_negative",
                condition=(Q(fte__isnull=True) | Q(fte__gte=0))
                & (Q(staff_hours__isnull=True) | Q(staff_hours__gte=0)),
            ),
        ]
        indexes = [models.Index(fields=["fiscal_year", "programme"], name="programme_year_of_year")]

    def __str__(self) -> str:
        return f"{self.programme} {FiscalYear(self.fiscal_year)}"

    def get_absolute_url(self) -> str:
        return f"{self.programme.get_absolute_url()}?year={self.fiscal_year}"


class Account(models.Model):
    """一般会計, a special account, or a public enterprise."""

    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="budget_accounts"
    )
    code = models.CharField(_("会計コード"), max_length=10)
    name = models.CharField(_("会計名"), max_length=80)
    kind = models.CharField(
        _("種類"), max_length=10, choices=AccountKind.choices, default=AccountKind.GENERAL
    )

    class Meta:
        verbose_name = _("会計")
        verbose_name_plural = _("会計")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "code"], name="budget_account_once"),
        ]

    def __str__(self) -> str:
        return self.name


class BudgetCodeQuerySet(models.QuerySet["BudgetCode"]):
    def listed(self) -> Self:
        """Not those that only a file taken back ever used: they stay for its entries and have no sums (``totals``)."""
        return self.filter(total__isnull=False)


class BudgetCode(models.Model):
    """One place of the budget in one fiscal year. ``path`` is the account's code and the codes from 款 down.

    ``path`` sorts the tree (01-03-02-01-0123-12) and finds whatever lies below by its beginning.
    """

    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="budget_codes"
    )
    fiscal_year = models.PositiveSmallIntegerField(_("年度"), validators=YEARS)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="codes", db_index=False)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", db_index=False
    )
    level = models.PositiveSmallIntegerField(_("区分"), choices=Level.choices)
    code = models.CharField(_("コード"), max_length=20)
    path = models.CharField(_("予算科目コード"), max_length=160)
    name = models.CharField(_("名称"), max_length=120)

    objects = BudgetCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("予算科目")
        verbose_name_plural = _("予算科目")
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "fiscal_year", "path"], name="budget_code_once_a_year"
            ),
            models.CheckConstraint(name="budget_code_is_in_a_year", condition=year_exists("fiscal_year")),
            models.CheckConstraint(
                name="budget_code_only_kan_has_no_parent",
                condition=Q(level=Level.KAN, parent__isnull=True)
                | (~Q(level=Level.KAN) & Q(parent__isnull=False)),
            ),
            models.CheckConstraint(name="budget_code_is_not_its_own_parent", condition=~Q(parent=F("pk"))),
        ]
        indexes = [
            models.Index(fields=["parent", "path"], name="budget_code_below"),
            models.Index(fields=["account", "fiscal_year", "level", "path"], name="budget_code_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("budgets:code_detail", args=[self.pk])

    @property
    def label(self) -> str:
        """款3 民生費."""
        return f"{self.get_level_display()}{self.code} {self.name}"


class CodeEquivalence(models.Model):
    """The same purpose under another code in another year. Several on one side: split or joined."""

    old = models.ForeignKey(BudgetCode, on_delete=models.PROTECT, related_name="became")
    new = models.ForeignKey(BudgetCode, on_delete=models.PROTECT, related_name="came_from")
    note = models.CharField(_("わけ"), max_length=300, blank=True)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("科目の対応")
        verbose_name_plural = _("科目の対応")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["old", "new"], name="code_equivalence_once"),
            models.CheckConstraint(name="code_equivalence_of_two", condition=~Q(old=F("new"))),
        ]

    def __str__(self) -> str:
        return f"{self.old.path} → {self.new.path}"


# Further models of the room, by subject.
from enishi.budgets.models_allocations import Allocation, ProgrammeMoney, Unallocated  # noqa: E402
from enishi.budgets.models_entries import BudgetEntry, CodeTotal, FundSource  # noqa: E402
from enishi.budgets.models_runs import BudgetImport, MappingProfile  # noqa: E402
from enishi.budgets.models_years import BudgetYear, YearClosure  # noqa: E402

__all__ = [
    "Account",
    "Allocation",
    "BudgetCode",
    "BudgetEntry",
    "BudgetImport",
    "BudgetYear",
    "CodeEquivalence",
    "CodeTotal",
    "FundSource",
    "MappingProfile",
    "Programme",
    "ProgrammeMoney",
    "ProgrammeYear",
    "Unallocated",
    "YearClosure",
]
