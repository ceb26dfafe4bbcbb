"""Scenarios of envelopes: how a budget could be shared between measures, and which one was chosen, why."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.budgets.enums import Stage
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.models import Kept
from enishi.foundation.sentences import kept_in_words
from enishi.organizations.models import Organization
from enishi.plans.models import PlanNode, PlanVersion

PERSON = settings.AUTH_USER_MODEL
WHOLE = 10_000


class ScenarioState(models.TextChoices):
    DRAFT = "draft", _("検討中")
    CHOSEN = "chosen", _("採用")
    SET_ASIDE = "set_aside", _("見送り")


class EnvelopeScenario(Kept):
    """One way to share: base of a year, growth, and a pool that follows the outcome by a rule in the open.

    ``growth_bp`` and ``pool_bp`` are parts of 10,000. ``points`` gives each status its weight in the pool.
    """

    organization = models.ForeignKey(
        Organization, verbose_name=_("団体"), on_delete=models.PROTECT, related_name="envelope_scenarios"
    )
    fiscal_year = models.PositiveSmallIntegerField(_("予算の年度"))
    title = models.CharField(_("名称"), max_length=120)
    plan_version = models.ForeignKey(
        PlanVersion, verbose_name=_("計画"), on_delete=models.PROTECT, related_name="+"
    )
    depth = models.PositiveSmallIntegerField(_("枠を配る階層"), default=2)
    base_fy = models.PositiveSmallIntegerField(_("もとにする年度"))
    base_stage = models.CharField(
        _("もとにする額"), max_length=10, choices=Stage.choices, default=Stage.INITIAL
    )
    outcome_fy = models.PositiveSmallIntegerField(_("成果を見る年度"))
    growth_bp = models.IntegerField(_("全体の増減(1万分の1)"), default=0)
    pool_bp = models.PositiveSmallIntegerField(_("成果に応じて配り直す割合(1万分の1)"), default=500)
    points = models.JSONField(_("状況ごとの重み"), default=dict)
    state = models.CharField(
        _("状態"), max_length=10, choices=ScenarioState.choices, default=ScenarioState.DRAFT
    )
    chosen_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    chosen_at = models.DateTimeField(_("決めた日時"), null=True, blank=True)
    chosen_reason = models.TextField(_("決めた理由"), max_length=2_000, blank=True)
    computed_at = models.DateTimeField(_("計算した時点"), null=True, blank=True)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    class Meta:
        verbose_name = _("枠配分の案")
        verbose_name_plural = _("枠配分の案")
        ordering = ["-fiscal_year", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "fiscal_year"],
                condition=Q(state="chosen", deleted_at__isnull=True),
                name="envelope_one_chosen_a_year",
            ),
            models.CheckConstraint(
                name="envelope_parts_within_the_whole",
                condition=Q(pool_bp__lte=WHOLE, growth_bp__gte=-WHOLE, growth_bp__lte=WHOLE),
            ),
            models.CheckConstraint(
                name="envelope_looks_back",
                condition=Q(base_fy__lt=F("fiscal_year"), outcome_fy__lt=F("fiscal_year")),
            ),
            models.CheckConstraint(
                name="envelope_choice_has_person_and_reason",
                condition=Q(state="draft")
                | (Q(chosen_by__isnull=False, chosen_at__isnull=False) & ~Q(chosen_reason="")),
            ),
        ]
        indexes = [models.Index(fields=["organization", "-fiscal_year", "-id"], name="envelope_of_house")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("evaluation:envelope_detail", args=[self.pk])

    @property
    def is_draft(self) -> bool:
        return self.state == ScenarioState.DRAFT

    @property
    def year_in_words(self) -> str:
        return fiscal_year_in_words(FiscalYear(self.fiscal_year))


class EnvelopeRow(models.Model):
    """What one measure gets, part by part; ``explanation`` says it as a sentence, ``standings`` on what it rests."""

    scenario = models.ForeignKey(EnvelopeScenario, on_delete=models.CASCADE, related_name="rows")
    node = models.ForeignKey(PlanNode, on_delete=models.PROTECT, related_name="+")
    order = models.PositiveIntegerField()
    base_yen = models.BigIntegerField(_("もとの額(円)"))
    grown_yen = models.BigIntegerField(_("増減のあとの額(円)"))
    kept_yen = models.BigIntegerField(_("枠に残る額(円)"))
    outcome_yen = models.BigIntegerField(_("成果に応じた額(円)"))
    adjust_yen = models.BigIntegerField(_("手で加える額(円)"), default=0)
    adjust_reason = models.CharField(_("手で加える理由"), max_length=300, blank=True)
    total_yen = models.BigIntegerField(_("枠(円)"))
    standings = models.JSONField(default=dict)
    unit_costs = models.JSONField(default=list)
    explanation = models.TextField(max_length=1_000)
    said = models.JSONField(default=dict, editable=False)

    class Meta:
        ordering = ["scenario_id", "order"]
        constraints = [
            models.UniqueConstraint(fields=["scenario", "node"], name="envelope_row_once"),
            models.CheckConstraint(
                name="envelope_total_is_the_sum",
                condition=Q(total_yen=F("kept_yen") + F("outcome_yen") + F("adjust_yen")),
            ),
            models.CheckConstraint(
                name="envelope_adjusting_says_why", condition=Q(adjust_yen=0) | ~Q(adjust_reason="")
            ),
        ]

    @property
    def read_explanation(self) -> str:
        return kept_in_words(self.said, "explanation", self.explanation)

    @property
    def read_unit_costs(self) -> list[dict[str, Any]]:
        """What a unit costs, in the language of the reader."""
        return [
            each | {name: kept_in_words(each.get("said", {}), name, each[name]) for name in ("per", "why")}
            for each in self.unit_costs
        ]

    def __str__(self) -> str:
        return f"{self.node} {self.total_yen:,}円"
