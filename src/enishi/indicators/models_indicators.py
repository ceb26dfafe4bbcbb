"""Indicators: what is measured, by which definition, against which baseline and targets.

Values are Decimals with up to six places; computing happens in ``calculations`` through ``engines.progress``.
"""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.indicators.enums import (
    AcquisitionMethod,
    Aggregation,
    Direction,
    Frequency,
    IndicatorRole,
    IndicatorStage,
    SimpleRate,
    TargetSource,
    ValueType,
)
from enishi.organizations.models import OwnedQuerySet, OwnedRecord

OWN_FRAME = ""
"""``frame`` of the municipality's own baselines and targets; others carry the uid of a plan version."""


def a_number(verbose_name: object, **kwargs: object) -> "models.DecimalField[Decimal | None, Decimal | None]":
    """A value's column: room for yen of a prefecture and for rates of a small village alike."""
    return models.DecimalField(verbose_name, max_digits=24, decimal_places=6, **kwargs)  # type: ignore[arg-type]


class DataElementQuerySet(OwnedQuerySet["DataElement"]):
    def in_use(self) -> Self:
        return self.filter(deleted_at__isnull=True, retired_at__isnull=True)


class DataElement(OwnedRecord):
    """Something counted: the raw input of formulas. ``metric`` names a number that another room computes."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("コード"), max_length=40)
    name = models.CharField(_("名称"), max_length=150)
    meaning = models.TextField(_("説明"), max_length=2_000, blank=True)
    unit = models.CharField(_("単位"), max_length=20, blank=True)
    dims = models.JSONField(_("区分の名前"), default=list, blank=True)
    aggregation = models.CharField(
        _("年度のまとめ方"), max_length=10, choices=Aggregation.choices, default=Aggregation.LAST
    )
    metric = models.CharField(_("算定する数字"), max_length=80, blank=True)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("担当者"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    retired_at = models.DateTimeField(_("使うのをやめた日時"), null=True, blank=True, editable=False)
    retired_reason = models.CharField(_("使うのをやめた理由"), max_length=300, blank=True, editable=False)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = DataElementQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("データ項目")
        verbose_name_plural = _("データ項目")
        ordering = ["code", "pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.UniqueConstraint(fields=["organization", "code"], name="data_element_code_once"),
            models.UniqueConstraint(
                fields=["organization", "metric"], condition=~Q(metric=""), name="data_element_metric_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("indicators:element_detail", args=[self.pk])


class IndicatorQuerySet(OwnedQuerySet["Indicator"]):
    def kept(self) -> Self:
        return self.filter(deleted_at__isnull=True)

    def in_use(self) -> Self:
        return self.kept().filter(retired_at__isnull=True)

    def overdue(self, today: dt.date) -> Self:
        """In use, and the day of their next value is past."""
        return self.in_use().filter(next_due_on__lt=today)


class Indicator(OwnedRecord):
    """A yardstick whose ``uid`` outlives years, plans and reorganisations. ``section`` looks after it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("指標番号"), max_length=40)
    name = models.CharField(_("指標名"), max_length=150)
    role = models.CharField(_("役割"), max_length=3, choices=IndicatorRole.choices, default=IndicatorRole.KPI)
    stage = models.CharField(
        _("段階"), max_length=12, choices=IndicatorStage.choices, default=IndicatorStage.INTERMEDIATE
    )
    value_type = models.CharField(
        _("値の種類"), max_length=10, choices=ValueType.choices, default=ValueType.COUNT
    )
    unit = models.CharField(_("単位"), max_length=20, blank=True)
    decimals = models.PositiveSmallIntegerField(_("小数の桁"), default=0)
    direction = models.CharField(
        _("めざす向き"), max_length=6, choices=Direction.choices, default=Direction.UP
    )
    tolerance = a_number(_("許容幅"), default=Decimal(0))
    lower = a_number(_("範囲の下限"), null=True, blank=True)
    upper = a_number(_("範囲の上限"), null=True, blank=True)
    aggregation = models.CharField(
        _("年度のまとめ方"), max_length=10, choices=Aggregation.choices, default=Aggregation.LAST
    )
    cumulative = models.BooleanField(_("累計の値"), default=False)
    frequency = models.CharField(
        _("値を入れる間隔"), max_length=10, choices=Frequency.choices, default=Frequency.YEARLY
    )
    publication_lag_days = models.PositiveSmallIntegerField(
        _("期間の終わりから値が出るまでの日数"), default=60
    )
    plausible_min = a_number(_("ありうる最小"), null=True, blank=True)
    plausible_max = a_number(_("ありうる最大"), null=True, blank=True)
    simple_rate = models.CharField(
        _("単純達成率の式(減らす指標)"),
        max_length=6,
        choices=SimpleRate.choices,
        default=SimpleRate.TARGET_BY_VALUE,
    )
    dims = models.JSONField(_("区分の名前"), default=list, blank=True)
    suppress_below = models.PositiveIntegerField(_("この数より小さい区分の値は秘匿する"), default=0)
    parts_tolerance = a_number(_("区分の合計と全体の差の許容"), default=Decimal(0))
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("担当者"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="indicators_led",
    )
    next_due_on = models.DateField(_("次に値を入れる期限"), null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True, editable=False)
    retired_at = models.DateTimeField(_("使うのをやめた日時"), null=True, blank=True, editable=False)
    retired_reason = models.CharField(_("使うのをやめた理由"), max_length=300, blank=True)
    successor = models.ForeignKey(
        "self",
        verbose_name=_("あとを継ぐ指標"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
    )
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = IndicatorQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("指標")
        verbose_name_plural = _("指標")
        ordering = ["code", "pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.UniqueConstraint(fields=["organization", "code"], name="indicator_code_once"),
            models.CheckConstraint(name="indicator_tolerance_not_negative", condition=Q(tolerance__gte=0)),
            models.CheckConstraint(name="indicator_decimals_few", condition=Q(decimals__lte=6)),
            models.CheckConstraint(
                name="indicator_bounds_in_order",
                condition=Q(lower__isnull=True) | Q(upper__isnull=True) | Q(lower__lte=F("upper")),
            ),
            models.CheckConstraint(
                name="indicator_plausible_in_order",
                condition=Q(plausible_min__isnull=True)
                | Q(plausible_max__isnull=True)
                | Q(plausible_min__lte=F("plausible_max")),
            ),
            models.CheckConstraint(
                name="indicator_retired_with_reason",
                condition=Q(retired_at__isnull=True) | ~Q(retired_reason=""),
            ),
            models.CheckConstraint(name="indicator_not_its_own_successor", condition=~Q(successor=F("pk"))),
        ]
        indexes = [
            models.Index(
                fields=["organization", "next_due_on"],
                condition=Q(deleted_at__isnull=True, retired_at__isnull=True),
                name="indicator_due",
            ),
            models.Index(fields=["section", "code"], name="indicator_of_section"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("indicators:indicator_detail", args=[self.pk])

    @property
    def is_in_use(self) -> bool:
        return self.deleted_at is None and self.retired_at is None


class IndicatorDefinition(models.Model):
    """How the indicator is measured from ``valid_from`` on. A formula makes the value from data elements (M3)."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="definitions")
    version = models.PositiveSmallIntegerField(_("版"))
    text = models.TextField(_("定義"), max_length=2_000)
    numerator = models.CharField(_("分子(または値)の式"), max_length=300, blank=True)
    denominator = models.CharField(_("分母の式"), max_length=300, blank=True)
    scale = a_number(_("掛ける数"), default=Decimal(1))
    comparability_break = models.BooleanField(_("これより前の値とは比べられない"), default=False)
    reason = models.CharField(_("変えた理由"), max_length=300, blank=True)
    valid_from = models.DateField(_("いつから"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("指標の定義")
        verbose_name_plural = _("指標の定義")
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "version"], name="definition_version_once"),
            models.CheckConstraint(
                name="definition_denominator_needs_numerator",
                condition=Q(denominator="") | ~Q(numerator=""),
            ),
            models.CheckConstraint(
                name="definition_later_one_has_reason", condition=Q(version=1) | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.version}"


class Acquisition(models.Model):
    """How and when the values come: of an indicator, or of a data element."""

    indicator = models.OneToOneField(
        Indicator, on_delete=models.CASCADE, null=True, blank=True, related_name="acquisition"
    )
    element = models.OneToOneField(
        DataElement, on_delete=models.CASCADE, null=True, blank=True, related_name="acquisition"
    )
    method = models.CharField(
        _("取得方法"), max_length=12, choices=AcquisitionMethod.choices, default=AcquisitionMethod.MANUAL
    )
    source = models.CharField(_("出所(資料・統計の名前)"), max_length=200, blank=True)
    publisher = models.CharField(_("出所の団体・部署"), max_length=120, blank=True)
    endpoint_ref = models.CharField(_("番地・表番号・抽出条件"), max_length=500, blank=True)
    query_hash = models.CharField(max_length=64, blank=True, editable=False)
    schedule = models.CharField(_("いつ取るか"), max_length=200, blank=True)
    field_map = models.JSONField(_("列の対応"), default=dict, blank=True)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("取る人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("取得方法")
        verbose_name_plural = _("取得方法")
        constraints = [
            models.CheckConstraint(
                name="acquisition_of_one_thing",
                condition=Q(indicator__isnull=False, element__isnull=True)
                | Q(indicator__isnull=True, element__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} {self.source}".strip()


class Baseline(models.Model):
    """Where it started. One is in force for each indicator and frame; a new one replaces it with a reason."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="baselines")
    frame = models.CharField(_("計画の版"), max_length=40, blank=True, default=OWN_FRAME)
    fiscal_year = models.PositiveSmallIntegerField(_("年度"))
    value = a_number(_("基準値"))
    basis = models.CharField(_("基準値の根拠"), max_length=300, blank=True)
    definition = models.PositiveSmallIntegerField(_("定義の版"), default=1)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    reason = models.CharField(_("変えた理由"), max_length=300, blank=True)
    is_current = models.BooleanField(default=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("基準値")
        verbose_name_plural = _("基準値")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "frame"], condition=Q(is_current=True), name="baseline_one_in_force"
            ),
            models.CheckConstraint(
                name="baseline_change_has_reason", condition=Q(supersedes__isnull=True) | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.fiscal_year}"


class Target(models.Model):
    """What a fiscal year should reach, and why. A change is a new row that names the old one and its reason."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="targets")
    frame = models.CharField(_("計画の版"), max_length=40, blank=True, default=OWN_FRAME)
    fiscal_year = models.PositiveSmallIntegerField(_("年度"))
    value = a_number(_("目標値"), null=True, blank=True)
    lower = a_number(_("下限"), null=True, blank=True)
    upper = a_number(_("上限"), null=True, blank=True)
    rationale = models.CharField(_("目標の根拠"), max_length=500, blank=True)
    source = models.CharField(
        _("根拠の種類"), max_length=10, choices=TargetSource.choices, default=TargetSource.OTHER
    )
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    reason = models.CharField(_("変えた理由"), max_length=300, blank=True)
    is_current = models.BooleanField(default=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("目標値")
        verbose_name_plural = _("目標値")
        ordering = ["fiscal_year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "frame", "fiscal_year"],
                condition=Q(is_current=True),
                name="target_one_in_force",
            ),
            models.CheckConstraint(
                name="target_is_value_or_bounds",
                condition=Q(value__isnull=False, lower__isnull=True, upper__isnull=True)
                | Q(value__isnull=True, lower__isnull=False, upper__isnull=False),
            ),
            models.CheckConstraint(
                name="target_bounds_in_order", condition=Q(lower__isnull=True) | Q(lower__lte=F("upper"))
            ),
            models.CheckConstraint(
                name="target_change_has_reason", condition=Q(supersedes__isnull=True) | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.fiscal_year}"
