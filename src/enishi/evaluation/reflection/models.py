"""Reflections of decisions in the budget, each with the codes and entries that show it."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.budgets.models import BudgetCode, BudgetEntry
from enishi.evaluation.enums import Direction
from enishi.evaluation.models_decisions import ImprovementDecision
from enishi.evaluation.reflection.enums import NEED_REASON, ReflectionStage, ReflectionStatus, Side
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.organizations.models import Organization

PERSON = settings.AUTH_USER_MODEL


def signs_agree() -> Q:
    """R1: what is called 反映 went where the decision pointed; an abolished programme that still costs says why."""
    return ~Q(status=ReflectionStatus.FULL) | (
        ~Q(direction__in=[Direction.EXPAND, Direction.SHRINK, Direction.ABOLISH])
        | Q(direction=Direction.EXPAND, delta_yen__isnull=False, delta_yen__gt=0)
        | Q(direction=Direction.SHRINK, delta_yen__isnull=False, delta_yen__lt=0)
        | Q(direction=Direction.ABOLISH, after_yen__isnull=False, after_yen=0)
        | (Q(direction=Direction.ABOLISH) & ~Q(reason=""))
    )


class ReflectionQuerySet(models.QuerySet["Reflection"]):
    def approved(self) -> Self:
        return self.filter(approved_at__isnull=False)

    def waiting(self) -> Self:
        return self.filter(approved_at__isnull=True)


class Reflection(models.Model):
    """A decision at one stage of one year's budget. Counted once somebody else has approved it.

    ``before_yen`` is the year before at the same stage, ``after_yen`` the year itself, both over the same codes (R2); for a
    supplementary budget, what the year had before and after it. Amounts are ``None`` while no budget was brought in.
    """

    decision = models.ForeignKey(ImprovementDecision, on_delete=models.PROTECT, related_name="reflections")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    direction = models.CharField(_("方向"), max_length=10, choices=Direction.choices, editable=False)
    fiscal_year = models.PositiveSmallIntegerField(_("年度"))
    stage = models.CharField(_("段階"), max_length=10, choices=ReflectionStage.choices)
    round_no = models.PositiveSmallIntegerField(_("回"), default=0)
    before_yen = models.BigIntegerField(_("反映前(円)"), null=True, blank=True)
    after_yen = models.BigIntegerField(_("反映後(円)"), null=True, blank=True)
    delta_yen = models.BigIntegerField(_("増減(円)"), null=True, blank=True)
    status = models.CharField(_("反映の状況"), max_length=10, choices=ReflectionStatus.choices)
    reason = models.TextField(_("理由"), max_length=1_000, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    recorded_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("記録した日時"))
    approved_by = models.ForeignKey(
        PERSON,
        verbose_name=_("承認した人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    approved_at = models.DateTimeField(_("承認日時"), null=True, blank=True)

    objects = ReflectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("予算への反映")
        verbose_name_plural = _("予算への反映")
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "fiscal_year", "stage", "round_no"], name="reflection_once_a_stage"
            ),
            models.CheckConstraint(name="reflection_r1_sign_agrees", condition=signs_agree()),
            models.CheckConstraint(
                name="reflection_r2_difference_of_both",
                condition=Q(before_yen__isnull=True, after_yen__isnull=True, delta_yen__isnull=True)
                | Q(
                    before_yen__isnull=False,
                    after_yen__isnull=False,
                    delta_yen=F("after_yen") - F("before_yen"),
                ),
            ),
            models.CheckConstraint(
                name="reflection_r3_says_why",
                condition=~Q(status__in=[status.value for status in NEED_REASON]) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="reflection_r3_approved_by_another",
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | (
                    Q(approved_by__isnull=False, approved_at__isnull=False) & ~Q(approved_by=F("recorded_by"))
                ),
            ),
            models.CheckConstraint(
                name="reflection_rounds_of_supplements",
                condition=Q(stage=ReflectionStage.SUPPLEMENT, round_no__gte=1)
                | (~Q(stage=ReflectionStage.SUPPLEMENT) & Q(round_no=0)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "fiscal_year", "stage", "status"], name="reflection_of_year"
            ),
            models.Index(
                fields=["organization", "fiscal_year"],
                condition=Q(approved_at__isnull=True),
                name="reflection_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision} {self.stage_in_words}"

    def get_absolute_url(self) -> str:
        return reverse("evaluation:reflection_detail", args=[self.decision_id])

    @property
    def stage_in_words(self) -> str:
        return f"{self.get_stage_display()}{self.round_no or ''}"

    @property
    def year_in_words(self) -> str:
        return fiscal_year_in_words(FiscalYear(self.fiscal_year))

    @property
    def tone(self) -> str:
        return ReflectionStatus(self.status).tone

    @property
    def is_approved(self) -> bool:
        return self.approved_at is not None


class ReflectionEvidence(models.Model):
    """One code on one side: what of it belongs to the decision's programmes, and the entries it is the sum of."""

    reflection = models.ForeignKey(Reflection, on_delete=models.CASCADE, related_name="evidence")
    side = models.CharField(_("前後"), max_length=6, choices=Side.choices)
    code = models.ForeignKey(BudgetCode, on_delete=models.PROTECT, related_name="reflection_evidence")
    share_yen = models.BigIntegerField(_("配賦された額(円)"))
    code_yen = models.BigIntegerField(_("科目全体の額(円)"))
    note = models.CharField(_("注記"), max_length=200, blank=True)
    entries = models.ManyToManyField(BudgetEntry, verbose_name=_("予算の記録"), related_name="+", blank=True)

    class Meta:
        verbose_name = _("反映の裏付け")
        verbose_name_plural = _("反映の裏付け")
        ordering = ["reflection_id", "-side", "code__path"]
        constraints = [
            models.UniqueConstraint(fields=["reflection", "side", "code"], name="reflection_evidence_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.share_yen:,}円"


class ReflectionUpload(models.Model):
    """A filled-in workbook that waits for somebody to say yes."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="+")
    fiscal_year = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=10, choices=ReflectionStage.choices)
    round_no = models.PositiveSmallIntegerField(default=0)
    filename = models.CharField(max_length=150)
    changes = models.JSONField(default=list)
    faults = models.JSONField(default=list)
    unchanged = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="reflection_upload_with_faults_is_never_applied",
                condition=Q(applied_at__isnull=True) | Q(faults=[]),
            )
        ]

    def __str__(self) -> str:
        return self.filename

    def get_absolute_url(self) -> str:
        return reverse("evaluation:reflection_upload", args=[self.pk])
