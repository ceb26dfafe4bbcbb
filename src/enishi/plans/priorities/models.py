"""A round of scoring: its measures, its criteria with weights, its scorers and what they gave."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.organizations.models import OwnedQuerySet, OwnedRecord
from enishi.plans.priorities.enums import HIGHEST, LOWEST, RoundState


class ScoringRoundQuerySet(OwnedQuerySet["ScoringRound"]):
    not_yet_shared = ~Q(state=RoundState.CLOSED)

    def kept(self) -> Self:
        return self.filter(deleted_at__isnull=True)


class ScoringRound(OwnedRecord):
    """Several people score the same measures; what each gave stays hidden from the others until they hand it in."""

    title = models.CharField(_("名称"), max_length=150)
    purpose = models.TextField(_("何を決めるための採点か"), max_length=1_000, blank=True)
    plan = models.ForeignKey(
        "plans.Plan",
        verbose_name=_("計画"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="scoring_rounds",
    )
    state = models.CharField(
        _("状態"), max_length=10, choices=RoundState.choices, default=RoundState.DRAFT, editable=False
    )
    due_on = models.DateField(_("採点の締切"), null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    conclusion = models.TextField(_("結論(順位どおりでないときはその理由)"), max_length=2_000, blank=True)
    result = models.JSONField(_("締め切ったときの結果"), default=dict, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = ScoringRoundQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("施策の採点")
        verbose_name_plural = _("施策の採点")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                name="scoring_round_closed_at_a_time",
                condition=~Q(state="closed") | Q(opened_at__isnull=False, closed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "-updated_at"], name="scoring_round_of_house"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("plans:scoring_detail", args=[self.pk])

    @property
    def tone(self) -> str:
        return {"draft": "neutral", "open": "info", "closed": "positive"}[self.state]


class ScoringCriterion(models.Model):
    """What measures are judged by; only the proportions of the weights count."""

    round = models.ForeignKey(ScoringRound, on_delete=models.CASCADE, related_name="criteria")
    order = models.PositiveSmallIntegerField(_("順"))
    label = models.CharField(_("観点"), max_length=60)
    explanation = models.CharField(_("どう見るか"), max_length=300, blank=True)
    weight = models.PositiveSmallIntegerField(_("重み"), default=20)

    class Meta:
        verbose_name = _("観点")
        verbose_name_plural = _("観点")
        ordering = ["round_id", "order"]
        constraints = [
            models.UniqueConstraint(fields=["round", "order"], name="scoring_criterion_order_once"),
            models.UniqueConstraint(fields=["round", "label"], name="scoring_criterion_label_once"),
            models.CheckConstraint(name="scoring_criterion_weight_in_reach", condition=Q(weight__lte=1000)),
        ]

    def __str__(self) -> str:
        return self.label


class ScoredMeasure(models.Model):
    """A measure to be scored: a branch of a plan, or words alone where it is not in a plan yet."""

    round = models.ForeignKey(ScoringRound, on_delete=models.CASCADE, related_name="measures")
    order = models.PositiveSmallIntegerField(_("順"))
    title = models.CharField(_("施策"), max_length=200)
    note = models.CharField(_("説明"), max_length=500, blank=True)
    identity = models.ForeignKey(
        "plans.NodeIdentity",
        verbose_name=_("計画の枝"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="scored",
    )

    class Meta:
        verbose_name = _("採点する施策")
        verbose_name_plural = _("採点する施策")
        ordering = ["round_id", "order"]
        constraints = [
            models.UniqueConstraint(fields=["round", "order"], name="scored_measure_order_once"),
            models.UniqueConstraint(fields=["round", "title"], name="scored_measure_title_once"),
        ]

    def __str__(self) -> str:
        return self.title


class Scorer(models.Model):
    """Somebody who scores in a round."""

    round = models.ForeignKey(ScoringRound, on_delete=models.CASCADE, related_name="scorers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="scorings")
    submitted_at = models.DateTimeField(_("提出した日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("採点する人")
        verbose_name_plural = _("採点する人")
        ordering = ["round_id", "pk"]
        constraints = [models.UniqueConstraint(fields=["round", "person"], name="scorer_once_per_round")]
        indexes = [models.Index(fields=["person", "submitted_at"], name="scorer_waiting")]

    def __str__(self) -> str:
        return str(self.person)


class MeasureScore(models.Model):
    """What one scorer gave one measure on one criterion."""

    scorer = models.ForeignKey(Scorer, on_delete=models.CASCADE, related_name="scores")
    measure = models.ForeignKey(ScoredMeasure, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(ScoringCriterion, on_delete=models.CASCADE, related_name="scores")
    points = models.PositiveSmallIntegerField(_("点"))
    reason = models.CharField(_("理由"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("点")
        verbose_name_plural = _("点")
        constraints = [
            models.UniqueConstraint(fields=["scorer", "measure", "criterion"], name="measure_score_once"),
            models.CheckConstraint(
                name="measure_score_in_scale", condition=Q(points__gte=LOWEST, points__lte=HIGHEST)
            ),
        ]
