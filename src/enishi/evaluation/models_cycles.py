"""Reviews: the cycle of a year, what it looks at and why, and what each stage judged on which frozen facts."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enishi.budgets.models import Programme
from enishi.evaluation.enums import (
    CycleState,
    Direction,
    EvaluationState,
    Judgement,
    Place,
    Scale,
    Stage,
    Unit,
)
from enishi.evaluation.selection import reason_in_words
from enishi.foundation import sentences
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.models import Kept, SoftDeletedQuerySet
from enishi.organizations.models import Organization, Section
from enishi.plans.models import PlanNode

PERSON = settings.AUTH_USER_MODEL


def standard_criteria() -> list[str]:
    """Five criteria, of which two are computed: three are left for people to judge."""
    return ["necessity", "effectiveness", "efficiency", "alternative", "fairness"]


def standard_triggers() -> list[str]:
    return ["new", "long_ago", "off_track", "cost_up", "proposed"]


class EvaluationCycle(Kept):
    """One year's review of programmes or measures: what is judged, how, and by when."""

    organization = models.ForeignKey(
        Organization, verbose_name=_("団体"), on_delete=models.PROTECT, related_name="evaluation_cycles"
    )
    title = models.CharField(_("名称"), max_length=120)
    unit = models.CharField(_("評価の単位"), max_length=10, choices=Unit.choices, default=Unit.PROGRAMME)
    evaluated_fy = models.PositiveSmallIntegerField(_("評価する年度"))
    decision_fy = models.PositiveSmallIntegerField(_("決定を反映する年度"))
    state = models.CharField(
        _("状態"), max_length=10, choices=CycleState.choices, default=CycleState.PREPARING
    )
    criteria = models.JSONField(_("評価の視点"), default=standard_criteria)
    scale = models.CharField(_("評点の書き方"), max_length=8, choices=Scale.choices, default=Scale.LETTERS)
    judgement_words = models.JSONField(_("判定の言葉"), default=dict, blank=True)
    triggers = models.JSONField(_("選ぶきっかけ"), default=standard_triggers, blank=True)
    new_after_years = models.PositiveSmallIntegerField(_("新しい事業を見る年数"), default=3)
    review_after_years = models.PositiveSmallIntegerField(_("前の評価からの年数"), default=10)
    cost_up_percent = models.PositiveSmallIntegerField(_("費用が増えたとみる割合(%)"), default=20)
    cost_up_yen = models.PositiveBigIntegerField(_("費用が増えたとみる額(円)"), default=1_000_000)
    has_second = models.BooleanField(_("二次評価をする"), default=True)
    has_external = models.BooleanField(_("外部評価をする"), default=False)
    first_due_on = models.DateField(_("一次評価の期限"))
    approval_due_on = models.DateField(_("課長の承認の期限"))
    second_due_on = models.DateField(_("二次評価の期限"), null=True, blank=True)
    external_due_on = models.DateField(_("外部評価の期限"), null=True, blank=True)
    decision_due_on = models.DateField(_("改善の決定の期限"))
    opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = SoftDeletedQuerySet.as_manager()

    class Meta:
        verbose_name = _("評価の周期")
        verbose_name_plural = _("評価の周期")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "evaluated_fy", "unit"],
                condition=Q(deleted_at__isnull=True),
                name="evaluation_cycle_once_a_year_and_unit",
            ),
            models.CheckConstraint(
                name="evaluation_cycle_decides_for_a_later_year",
                condition=Q(decision_fy__gt=F("evaluated_fy")),
            ),
            models.CheckConstraint(
                name="evaluation_cycle_days_in_order",
                condition=Q(approval_due_on__gte=F("first_due_on"))
                & Q(decision_due_on__gte=F("approval_due_on"))
                & (Q(second_due_on__isnull=True) | Q(second_due_on__gte=F("approval_due_on"))),
            ),
            models.CheckConstraint(
                name="evaluation_cycle_names_the_day_of_each_stage",
                condition=(Q(has_second=False) | Q(second_due_on__isnull=False))
                & (Q(has_external=False) | Q(external_due_on__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-evaluated_fy", "-id"], name="evaluation_cycle_list")
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("evaluation:cycle_detail", args=[self.pk])

    @property
    def evaluated_year(self) -> str:
        return fiscal_year_in_words(FiscalYear(self.evaluated_fy))

    @property
    def decision_year(self) -> str:
        return fiscal_year_in_words(FiscalYear(self.decision_fy))

    @property
    def is_running(self) -> bool:
        return self.state == CycleState.RUNNING

    @property
    def stages(self) -> list[Stage]:
        found = [Stage.FIRST]
        if self.has_second:
            found.append(Stage.SECOND)
        if self.has_external:
            found.append(Stage.EXTERNAL)
        return found

    @property
    def places(self) -> list[Place]:
        """The stations of a sheet in this cycle, in order."""
        left_out = {Place.SECOND: not self.has_second, Place.EXTERNAL: not self.has_external}
        return [place for place in Place if not left_out.get(place, False)]

    def due_on(self, place: str) -> dt.date | None:
        days = {
            Place.FIRST: self.first_due_on,
            Place.APPROVAL: self.approval_due_on,
            Place.SECOND: self.second_due_on,
            Place.EXTERNAL: self.external_due_on,
            Place.DECISION: self.decision_due_on,
        }
        return days.get(Place(place))

    def place_after(self, place: str) -> Place:
        stations = self.places
        return stations[min(stations.index(Place(place)) + 1, len(stations) - 1)]


class Panelist(models.Model):
    """Somebody from outside who judges in one cycle and sees the frozen facts of its sheets, and nothing else."""

    cycle = models.ForeignKey(EvaluationCycle, on_delete=models.CASCADE, related_name="panelists")
    person = models.ForeignKey(PERSON, verbose_name=_("委員"), on_delete=models.PROTECT, related_name="+")
    added_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("外部評価委員")
        verbose_name_plural = _("外部評価委員")
        constraints = [
            models.UniqueConstraint(fields=["cycle", "person"], name="evaluation_panelist_once_a_cycle")
        ]

    def __str__(self) -> str:
        return str(self.person)


class SubjectQuerySet(models.QuerySet["Subject"]):
    def chosen(self) -> Self:
        return self.filter(included=True, cycle__deleted_at__isnull=True)

    def open(self) -> Self:
        """Sheets on their way in a running cycle."""
        return self.chosen().filter(cycle__state=CycleState.RUNNING).exclude(place=Place.DECIDED)


class Subject(models.Model):
    """A programme or measure in a cycle: chosen, or left out, and why. A chosen one is a sheet."""

    cycle = models.ForeignKey(EvaluationCycle, on_delete=models.CASCADE, related_name="subjects")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    programme = models.ForeignKey(
        Programme,
        verbose_name=_("事務事業"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="evaluation_subjects",
    )
    node = models.ForeignKey(
        PlanNode,
        verbose_name=_("施策"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="evaluation_subjects",
    )
    code = models.CharField(_("コード"), max_length=60)
    title = models.CharField(_("名称"), max_length=200)
    section = models.ForeignKey(
        Section,
        verbose_name=_("担当課"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="evaluation_subjects",
    )
    officer = models.ForeignKey(
        PERSON,
        verbose_name=_("記入する人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    included = models.BooleanField(_("対象"), default=False)
    why = models.JSONField(_("選んだ理由"), default=list)
    why_by_hand = models.CharField(_("手で変えた理由"), max_length=500, blank=True)
    chosen_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    place = models.CharField(_("いまの段階"), max_length=12, choices=Place.choices, default=Place.FIRST)
    placed_at = models.DateTimeField(_("この段階に来た日時"))
    told_on = models.DateField(null=True, blank=True, editable=False)
    published_at = models.DateTimeField(_("公表した日時"), null=True, blank=True)
    updated_at = models.DateTimeField(_("更新日時"), default=timezone.now, editable=False)

    objects = SubjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("評価シート")
        verbose_name_plural = _("評価シート")
        constraints = [
            models.CheckConstraint(
                name="evaluation_subject_is_programme_or_measure",
                condition=Q(programme__isnull=False, node__isnull=True)
                | Q(programme__isnull=True, node__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["cycle", "programme"],
                condition=Q(programme__isnull=False),
                name="evaluation_programme_once_a_cycle",
            ),
            models.UniqueConstraint(
                fields=["cycle", "node"], condition=Q(node__isnull=False), name="evaluation_node_once_a_cycle"
            ),
            models.CheckConstraint(
                name="evaluation_only_what_was_chosen_moves",
                condition=Q(included=True) | Q(place=Place.FIRST, published_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["cycle", "included", "place", "code", "id"], name="evaluation_subject_board"
            ),
            models.Index(fields=["cycle", "included", "code", "id"], name="evaluation_subject_list"),
            models.Index(fields=["organization", "section", "place"], name="evaluation_subject_section"),
            models.Index(fields=["organization", "-published_at", "-id"], name="evaluation_subject_public"),
        ]

    @property
    def reasons(self) -> list[str]:
        """Why it was chosen or left out, in the language of the reader."""
        return [reason_in_words(each) for each in self.why]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("evaluation:sheet_detail", args=[self.pk])

    @property
    def due_on(self) -> dt.date | None:
        return self.cycle.due_on(self.place)

    def is_late(self, today: dt.date) -> bool:
        due = self.due_on
        return self.cycle.is_running and due is not None and due < today

    @property
    def was_submitted(self) -> bool:
        return self.place != Place.FIRST


class FactSheet(models.Model):
    """What the records said when a sheet was handed in. Never changed: a sheet handed in again gets another."""

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="fact_sheets")
    no = models.PositiveSmallIntegerField()
    facts = models.JSONField()
    said = models.JSONField(default=dict)
    """The same facts in the other languages of the site, by language. The hash is that of ``facts``, the official ones."""
    sha256 = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "no"], name="evaluation_fact_sheet_numbered"),
            models.CheckConstraint(name="evaluation_fact_sheet_has_its_hash", condition=~Q(sha256="")),
        ]

    def __str__(self) -> str:
        return f"{self.subject} #{self.no}"

    @property
    def read_facts(self) -> Mapping[str, Any]:
        """The facts in the language of the reader, as far as they were kept in it."""
        return sentences.made_for_reader(self.said, self.facts)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("frozen facts are never changed")
        super().save(*args, **kwargs)


_HANDED_IN = [EvaluationState.SUBMITTED, EvaluationState.APPROVED]


class Evaluation(Kept):
    """What one stage judged: the few fields people type."""

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="evaluations")
    stage = models.CharField(_("段階"), max_length=10, choices=Stage.choices)
    state = models.CharField(
        _("状態"), max_length=10, choices=EvaluationState.choices, default=EvaluationState.DRAFT
    )
    scores = models.JSONField(_("評点"), default=dict)
    judgement = models.CharField(_("判定"), max_length=1, choices=Judgement.choices, blank=True)
    comment = models.TextField(_("成果と課題"), max_length=2_000, blank=True)
    direction = models.CharField(_("今後の方向"), max_length=10, choices=Direction.choices, blank=True)
    improvement = models.TextField(_("改善の内容"), max_length=2_000, blank=True)
    expected_delta_yen = models.BigIntegerField(_("予算の増減の見込み(円)"), null=True, blank=True)
    departure_reason = models.TextField(_("計算と判定が離れる理由"), max_length=1_000, blank=True)
    merges_into = models.ForeignKey(
        Programme,
        verbose_name=_("統合先の事務事業"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    evaluator = models.ForeignKey(
        PERSON,
        verbose_name=_("評価した人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    facts = models.ForeignKey(
        FactSheet, on_delete=models.PROTECT, null=True, blank=True, related_name="evaluations"
    )
    submitted_at = models.DateTimeField(_("提出日時"), null=True, blank=True)
    approved_by = models.ForeignKey(
        PERSON,
        verbose_name=_("承認した人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    approved_at = models.DateTimeField(_("承認日時"), null=True, blank=True)
    returned_reason = models.TextField(_("差し戻しの理由"), max_length=1_000, blank=True)
    repeated = models.JSONField(_("前回と同じ文"), default=list, editable=False)

    class Meta:
        verbose_name = _("評価")
        verbose_name_plural = _("評価")
        constraints = [
            models.UniqueConstraint(fields=["subject", "stage"], name="evaluation_once_a_stage"),
            models.CheckConstraint(
                name="evaluation_stands_on_frozen_facts_once_handed_in",
                condition=~Q(state__in=_HANDED_IN)
                | Q(facts__isnull=False, submitted_at__isnull=False, evaluator__isnull=False),
            ),
            models.CheckConstraint(
                name="evaluation_complete_once_handed_in",
                condition=~Q(state__in=_HANDED_IN) | (~Q(judgement="") & ~Q(direction="")),
            ),
            models.CheckConstraint(
                name="evaluation_approved_by_another",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("evaluator")),
            ),
            models.CheckConstraint(
                name="evaluation_approval_has_person_and_moment",
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.get_stage_display()}"

    @property
    def is_handed_in(self) -> bool:
        return self.state in _HANDED_IN
