"""Values and where they come from: append-only, each with a run or a file behind it, and where each indicator stands."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.indicators.enums import (
    PENDING_STATES,
    AcquisitionMethod,
    Certainty,
    RunKind,
    RunState,
    StandingStatus,
    ValueState,
)
from enishi.indicators.models_indicators import DataElement, Indicator, a_number
from enishi.organizations.models import Organization

TOTAL = ""
"""``dims`` of the undisaggregated value; a part reads 「地区=北;性別=女」 with its names in order."""


def run_path(run: "AcquisitionRun", filename: str) -> str:
    """A name of our own: what somebody typed never becomes a path."""
    return f"indicators/{uuid.uuid4().hex}"


class AcquisitionRun(models.Model):
    """One time values came in: a file, a computation, or a page filled in. Every confirmed value names one (M9)."""

    organization = models.ForeignKey(
        Organization, verbose_name=_("団体"), on_delete=models.PROTECT, related_name="acquisition_runs"
    )
    kind = models.CharField(_("取り込んだもの"), max_length=10, choices=RunKind.choices)
    method = models.CharField(
        _("取得方法"), max_length=12, choices=AcquisitionMethod.choices, default=AcquisitionMethod.MANUAL
    )
    state = models.CharField(_("状態"), max_length=8, choices=RunState.choices, default=RunState.SAVED)
    source = models.CharField(_("出所(資料名・頁・番地)"), max_length=300, blank=True)
    file = models.FileField(upload_to=run_path, max_length=200, blank=True)
    file_name = models.CharField(_("ファイル名"), max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    options = models.JSONField(_("読み方"), default=dict, blank=True)
    outcome = models.JSONField(_("結果"), default=dict, blank=True)
    rows_added = models.PositiveIntegerField(_("入れた値の数"), default=0)
    job = models.ForeignKey(
        "foundation.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField(_("日時"))
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("取り込み")
        verbose_name_plural = _("取り込み")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["organization", "-at", "-id"], name="acquisition_run_of_house")]

    def __str__(self) -> str:
        return self.file_name or self.source or str(self.get_kind_display())

    def get_absolute_url(self) -> str:
        return reverse("indicators:run_detail", args=[self.pk])


class IsPending(models.Func):
    """The state waits to be in force, in words and not as parameters.

    Only so does SQLite see that the index of what waits answers: with parameters it read the whole table.
    """

    template = "%(expressions)s IN ({})".format(", ".join(f"'{state.value}'" for state in PENDING_STATES))
    arity = 1
    output_field = models.BooleanField()


class MeasurementQuerySet(models.QuerySet["Measurement"]):
    def current(self) -> Self:
        return self.filter(state=ValueState.APPROVED)

    def pending(self) -> Self:
        return self.filter(IsPending("state"))

    def totals(self) -> Self:
        return self.filter(dims=TOTAL)


class Measurement(models.Model):
    """One value of one period, or the reason why there is none.

    Few columns are indexed: a million rows come in at once. People are found through the run and the trail.
    """

    indicator = models.ForeignKey(
        Indicator,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="measurements",
        db_index=False,
    )
    element = models.ForeignKey(
        DataElement,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="measurements",
        db_index=False,
    )
    fiscal_year = models.PositiveSmallIntegerField(_("年度"))
    period_start = models.DateField(_("期間の始まり"))
    period_end = models.DateField(_("期間の終わり"))
    dims = models.CharField(_("区分"), max_length=200, blank=True, default=TOTAL)
    value = a_number(_("値"), null=True, blank=True)
    numerator = a_number(_("分子"), null=True, blank=True)
    denominator = a_number(_("分母"), null=True, blank=True)
    no_denominator_reason = models.CharField(_("分母がない理由"), max_length=200, blank=True)
    weight = a_number(_("重み"), null=True, blank=True)
    missing_reason = models.CharField(_("値がない理由"), max_length=200, blank=True)
    status = models.CharField(
        _("確かさ"), max_length=11, choices=Certainty.choices, default=Certainty.CONFIRMED
    )
    state = models.CharField(_("状態"), max_length=10, choices=ValueState.choices, default=ValueState.DRAFT)
    definition = models.PositiveSmallIntegerField(_("定義の版"), default=1)
    run = models.ForeignKey(
        AcquisitionRun, on_delete=models.PROTECT, null=True, blank=True, related_name="measurements"
    )
    source_locator = models.CharField(_("出所の中の位置"), max_length=120, blank=True)
    note = models.CharField(_("注記"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    returned_reason = models.CharField(_("差し戻しの理由"), max_length=300, blank=True)
    supersedes = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="superseded_by",
        db_index=False,
    )
    change_reason = models.CharField(_("直した理由"), max_length=300, blank=True)

    objects = MeasurementQuerySet.as_manager()

    class Meta:
        verbose_name = _("値")
        verbose_name_plural = _("値")
        constraints = [
            # M1, for what is in force and for what waits to be; each is also the index that pages read by.
            models.UniqueConstraint(
                fields=["indicator", "period_end", "period_start", "dims"],
                condition=Q(state="approved", indicator__isnull=False),
                name="measurement_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["element", "period_end", "period_start", "dims"],
                condition=Q(state="approved", element__isnull=False),
                name="measurement_of_element_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["indicator", "period_end", "period_start", "dims"],
                condition=Q(state__in=["draft", "submitted", "returned"], indicator__isnull=False),
                name="measurement_one_waiting",
            ),
            models.UniqueConstraint(
                fields=["element", "period_end", "period_start", "dims"],
                condition=Q(state__in=["draft", "submitted", "returned"], element__isnull=False),
                name="measurement_of_element_one_waiting",
            ),
            models.CheckConstraint(
                name="measurement_of_one_thing",
                condition=Q(indicator__isnull=False, element__isnull=True)
                | Q(indicator__isnull=True, element__isnull=False),
            ),
            # M2
            models.CheckConstraint(
                name="measurement_value_or_reason",
                condition=Q(value__isnull=False, missing_reason="")
                | (Q(value__isnull=True) & ~Q(missing_reason="")),
            ),
            # M4
            models.CheckConstraint(
                name="measurement_approved_by_another",
                condition=Q(approved_by__isnull=True)
                | Q(recorded_by__isnull=True)
                | ~Q(approved_by=F("recorded_by")),
            ),
            models.CheckConstraint(
                name="measurement_approved_by_somebody",
                condition=~Q(state="approved") | Q(approved_by__isnull=False) | Q(recorded_by__isnull=True),
            ),
            models.CheckConstraint(
                name="measurement_change_has_reason",
                condition=Q(supersedes__isnull=True) | ~Q(change_reason=""),
            ),
            # M9
            models.CheckConstraint(
                name="measurement_confirmed_has_run",
                condition=Q(status="provisional") | Q(run__isnull=False),
            ),
            models.CheckConstraint(
                name="measurement_period_in_order", condition=Q(period_end__gte=F("period_start"))
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "indicator"],
                condition=Q(state__in=["submitted", "returned"]),
                name="measurement_waiting",
            ),
            # What was in force before: a few rows among a million, which the page of each owner asks for.
            models.Index(
                fields=["indicator"], condition=Q(state="superseded"), name="measurement_superseded"
            ),
            models.Index(
                fields=["element"], condition=Q(state="superseded"), name="measurement_of_element_former"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator or self.element} {self.fiscal_year} {self.dims}".strip()

    @property
    def is_pending(self) -> bool:
        return self.state in PENDING_STATES


class Standing(models.Model):
    """Where an indicator stood in a fiscal year: precomputed, never edited, made anew from the values at any time.

    ``progress`` is the way to the final target, ``attainment`` that to the target of the year (KEEP and RANGE: the
    distance in tolerances). Rates are stored unrounded as far as the column reaches; pages compute the exact one.
    """

    indicator = models.ForeignKey(
        Indicator, on_delete=models.CASCADE, related_name="standings", db_index=False
    )
    fiscal_year = models.PositiveSmallIntegerField(_("年度"))
    frame = models.CharField(_("計画の版"), max_length=40, blank=True, default="")
    status = models.CharField(_("状況"), max_length=13, choices=StandingStatus.choices)
    value = a_number(_("実績値"), null=True, blank=True)
    value_year = models.PositiveSmallIntegerField(_("最新値の年度"), null=True, blank=True)
    latest = a_number(_("最新値"), null=True, blank=True)
    target = a_number(_("年度の目標値"), null=True, blank=True)
    progress = models.DecimalField(_("進捗率"), max_digits=24, decimal_places=8, null=True, blank=True)
    progress_n = models.DecimalField(max_digits=30, decimal_places=8, null=True, blank=True)
    progress_d = models.DecimalField(max_digits=30, decimal_places=8, null=True, blank=True)
    attainment = models.DecimalField(_("年度達成率"), max_digits=24, decimal_places=8, null=True, blank=True)
    attainment_n = models.DecimalField(max_digits=30, decimal_places=8, null=True, blank=True)
    attainment_d = models.DecimalField(max_digits=30, decimal_places=8, null=True, blank=True)
    trend = models.DecimalField(_("傾向(1年あたり)"), max_digits=24, decimal_places=8, null=True, blank=True)
    trend_points = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(_("判定できない理由"), max_length=120, blank=True)
    marks = models.CharField(_("添え書き"), max_length=60, blank=True)
    as_of = models.DateTimeField(_("計算した時点"))

    class Meta:
        verbose_name = _("状況")
        verbose_name_plural = _("状況")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "fiscal_year", "frame"], name="standing_one_per_year_and_frame"
            ),
            models.CheckConstraint(
                name="standing_undecidable_says_why",
                condition=~Q(status="undecidable") | ~Q(reason=""),
            ),
        ]
        indexes = [models.Index(fields=["fiscal_year", "frame", "status"], name="standing_of_year")]

    def __str__(self) -> str:
        return f"{self.indicator} {self.fiscal_year}"
