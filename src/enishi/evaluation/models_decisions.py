"""What is decided after a review, by whom, and whether it was done."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.budgets.models import Programme
from enishi.evaluation.enums import (
    CONTINUED,
    DATED,
    REDUCING,
    DecisionState,
    Direction,
    FollowUpState,
)
from enishi.evaluation.models_cycles import Subject
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.organizations.models import Organization, Section
from enishi.plans.models import PlanNode

PERSON = settings.AUTH_USER_MODEL
OPEN_STATES = (DecisionState.PROPOSED, DecisionState.CONFIRMED)


class ImprovementDecisionQuerySet(models.QuerySet["ImprovementDecision"]):
    def current(self) -> Self:
        """Those that stand, and drafts: of a decision that is being replaced both, the one that stands first."""
        return self.exclude(state=DecisionState.SUPERSEDED).order_by("subject", "pk")

    def drafted(self) -> Self:
        return self.filter(state__in=OPEN_STATES)

    def decided(self) -> Self:
        return self.filter(state=DecisionState.DECIDED)

    def for_budget(self, fiscal_year: int) -> Self:
        """Decided ones that must end with a row of reflection by the vote on that year's initial budget (E4)."""
        return self.decided().filter(budget_relevant=True, target_fy=fiscal_year)


class ImprovementDecision(models.Model):
    """拡充 … 廃止, with amount, year and owner. What was decided is never rewritten: another decision replaces it."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="decisions")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="improvement_decisions"
    )
    node = models.ForeignKey(
        PlanNode, on_delete=models.PROTECT, null=True, blank=True, related_name="improvement_decisions"
    )
    direction = models.CharField(_("方向"), max_length=10, choices=Direction.choices)
    content = models.TextField(_("改善の内容"), max_length=2_000)
    budget_relevant = models.BooleanField(_("予算に関わる"), default=True)
    budget_reason = models.CharField(_("予算に関わる・関わらない理由"), max_length=500, blank=True)
    expected_delta_yen = models.BigIntegerField(_("予算の増減の見込み(円)"), null=True, blank=True)
    target_fy = models.PositiveSmallIntegerField(_("反映する年度"), null=True, blank=True)
    merges_into = models.ForeignKey(
        Programme,
        verbose_name=_("統合先の事務事業"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    owner_section = models.ForeignKey(
        Section, verbose_name=_("進める課"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    owner = models.ForeignKey(
        PERSON, verbose_name=_("進める人"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(
        _("状態"), max_length=10, choices=DecisionState.choices, default=DecisionState.PROPOSED
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    proposed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("案の日時"))
    confirmed_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("確認の日時"), null=True, blank=True)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("決定の日時"), null=True, blank=True)
    supersedes = models.OneToOneField(
        "self",
        verbose_name=_("改めた決定"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="superseded_by",
    )
    superseding_reason = models.CharField(_("改めた理由"), max_length=500, blank=True)

    objects = ImprovementDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("改善の決定")
        verbose_name_plural = _("改善の決定")
        constraints = [
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(state=DecisionState.DECIDED),
                name="improvement_decision_one_decided",
            ),
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(state__in=OPEN_STATES),
                name="improvement_decision_one_drafted",
            ),
            models.CheckConstraint(
                name="improvement_merging_names_another_programme",
                condition=(
                    Q(direction=Direction.MERGE, merges_into__isnull=False) | ~Q(direction=Direction.MERGE)
                )
                & (
                    Q(merges_into__isnull=True)
                    | (
                        Q(direction=Direction.MERGE)
                        & (Q(programme__isnull=True) | ~Q(merges_into=F("programme")))
                    )
                ),
            ),
            models.CheckConstraint(
                name="improvement_ending_names_its_year",
                condition=~Q(direction__in=DATED) | Q(target_fy__isnull=False),
            ),
            models.CheckConstraint(
                name="improvement_for_the_budget_names_its_year",
                condition=Q(budget_relevant=False) | Q(target_fy__isnull=False),
            ),
            models.CheckConstraint(
                name="improvement_money_goes_where_it_is_said_to_go",
                condition=Q(expected_delta_yen__isnull=True)
                | ~Q(direction__in=[Direction.EXPAND, *REDUCING])
                | Q(direction=Direction.EXPAND, expected_delta_yen__gte=0)
                | Q(direction__in=REDUCING, expected_delta_yen__lte=0),
            ),
            models.CheckConstraint(
                name="improvement_decision_has_person_and_moment",
                condition=~Q(state=DecisionState.DECIDED)
                | Q(decided_by__isnull=False, decided_at__isnull=False, confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="improvement_decided_by_another",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("confirmed_by")),
            ),
            models.CheckConstraint(
                name="improvement_superseding_says_why",
                condition=Q(supersedes__isnull=True) | ~Q(superseding_reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "target_fy", "id"], name="improvement_by_year"),
            models.Index(fields=["organization", "-decided_at", "-id"], name="improvement_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.get_direction_display()}"

    def get_absolute_url(self) -> str:
        return reverse("evaluation:decision_detail", args=[self.pk])

    @property
    def is_continued(self) -> bool:
        return self.direction in CONTINUED

    @property
    def target_year(self) -> str:
        return fiscal_year_in_words(FiscalYear(self.target_fy)) if self.target_fy else ""


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def open(self) -> Self:
        return self.filter(state=FollowUpState.OPEN)


class FollowUp(models.Model):
    """One thing to be done because of a decision, until a day; done when somebody says what shows it."""

    decision = models.ForeignKey(ImprovementDecision, on_delete=models.CASCADE, related_name="follow_ups")
    what = models.CharField(_("すること"), max_length=300)
    due_on = models.DateField(_("期限"))
    owner = models.ForeignKey(
        PERSON, verbose_name=_("担当"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(
        _("状態"), max_length=8, choices=FollowUpState.choices, default=FollowUpState.OPEN
    )
    evidence = models.TextField(_("したこと・その証拠"), max_length=1_000, blank=True)
    ended_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_on = models.DateField(_("終えた日"), null=True, blank=True)
    made_at = models.DateTimeField()
    told_on = models.DateField(null=True, blank=True, editable=False)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("決定のフォロー")
        verbose_name_plural = _("決定のフォロー")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="follow_up_ends_with_what_shows_it",
                condition=Q(state=FollowUpState.OPEN) | (Q(ended_on__isnull=False) & ~Q(evidence="")),
            )
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="follow_up_due")]

    def __str__(self) -> str:
        return self.what
