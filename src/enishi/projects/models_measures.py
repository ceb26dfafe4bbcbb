"""What a project wants to reach, and what was measured. Values are only ever added; a correction names what it replaces.

A measure may be one of the municipality's indicators: then its words and values come from there (docs/adr/0007).
"""

from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enishi.projects.enums import Direction, Frequency, MeasureKind, MeasureTier
from enishi.projects.models_projects import Participant, Project


def a_number(name: Any, **kwargs: Any) -> "models.DecimalField[Decimal | None, Decimal | None]":
    """As wide as an indicator's values, so that none is rounded on its way here."""
    return models.DecimalField(name, max_digits=24, decimal_places=6, null=True, blank=True, **kwargs)


class Measure(models.Model):
    """One number by which the project is judged."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="measures")
    indicator = models.ForeignKey(
        "indicators.Indicator",
        verbose_name=_("指標の台帳の指標"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="project_measures",
    )
    title = models.CharField(_("指標"), max_length=120)
    definition = models.TextField(_("数え方"), max_length=1_000, blank=True)
    kind = models.CharField(_("種類"), max_length=8, choices=MeasureKind.choices, default=MeasureKind.OUTCOME)
    tier = models.CharField(_("段"), max_length=8, choices=MeasureTier.choices, default=MeasureTier.EVENT)
    unit = models.CharField(_("単位"), max_length=20)
    direction = models.CharField(_("めざす向き"), max_length=4, choices=Direction.choices)
    baseline_value = a_number(_("基準値"))
    baseline_on = models.DateField(_("基準値の日"), null=True, blank=True)
    baseline_missing = models.CharField(_("基準値がない理由"), max_length=200, blank=True)
    target_value = a_number(_("目標値"))
    target_on = models.DateField(_("目標の日"), null=True, blank=True)
    tolerance = a_number(_("保つときの許容幅"))
    source = models.CharField(_("データの出所"), max_length=200, blank=True)
    frequency = models.CharField(
        _("測る間隔"), max_length=12, choices=Frequency.choices, default=Frequency.ONCE
    )
    next_due_on = models.DateField(_("次に値を入れる日"), null=True, blank=True)
    participant = models.ForeignKey(
        Participant,
        verbose_name=_("値を入れる団体"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="measures",
    )
    reminded_on = models.DateField(null=True, blank=True, editable=False)
    retired_at = models.DateTimeField(_("使うのをやめた日時"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("指標")
        verbose_name_plural = _("指標")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="measure_baseline_or_reason",
                condition=Q(baseline_value__isnull=True) | Q(baseline_missing=""),
            ),
            models.CheckConstraint(
                name="measure_tolerance_not_negative",
                condition=Q(tolerance__isnull=True) | Q(tolerance__gte=0),
            ),
            models.UniqueConstraint(
                fields=["project", "indicator"],
                condition=Q(indicator__isnull=False),
                name="measure_of_indicator_once",
            ),
        ]
        indexes = [
            models.Index(fields=["project"], name="measure_of_project"),
            models.Index(fields=["next_due_on"], name="measure_due"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_outcome(self) -> bool:
        return self.kind == MeasureKind.OUTCOME

    @property
    def is_complete(self) -> bool:
        """Baseline with its day, target with its day and a data source: what approval asks of an outcome measure."""
        has_baseline = self.baseline_value is not None and self.baseline_on is not None
        has_target = self.target_value is not None and self.target_on is not None
        return has_baseline and has_target and bool(self.source.strip())


class MeasureValueQuerySet(models.QuerySet["MeasureValue"]):
    def current(self) -> Self:
        """Those nobody corrected since."""
        return self.filter(corrected_by__isnull=True)


class MeasureValue(models.Model):
    """A measured value, or the reason why there is none. Never changed: a correction is a new row."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="values")
    on = models.DateField(_("いつの値か"))
    value = a_number(_("値"))
    missing_reason = models.CharField(_("値がない理由"), max_length=200, blank=True)
    source = models.CharField(_("出所"), max_length=200, blank=True)
    note = models.CharField(_("補足"), max_length=500, blank=True)
    indicator_year = models.PositiveSmallIntegerField(_("台帳の年度"), null=True, blank=True, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField(_("入力日時"))
    replaces = models.OneToOneField(
        "self",
        verbose_name=_("訂正した値"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrected_by",
    )
    correction_reason = models.CharField(_("訂正の理由"), max_length=300, blank=True)

    objects = MeasureValueQuerySet.as_manager()

    class Meta:
        verbose_name = _("実績値")
        verbose_name_plural = _("実績値")
        ordering = ["on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="measure_value_or_reason",
                condition=Q(value__isnull=False, missing_reason="")
                | (Q(value__isnull=True) & ~Q(missing_reason="")),
            ),
            models.CheckConstraint(
                name="measure_value_correction_has_reason",
                condition=Q(replaces__isnull=True) | ~Q(correction_reason=""),
            ),
            models.CheckConstraint(
                name="measure_value_not_its_own_correction",
                condition=Q(replaces__isnull=True) | ~Q(replaces=F("pk")),
            ),
        ]
        indexes = [models.Index(fields=["measure", "on"], name="value_of_measure")]

    def __str__(self) -> str:
        return f"{self.measure} {self.on}"
