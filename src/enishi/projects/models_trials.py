"""From trial to implementation (実証 → 社会実装): what was to be shown, to whom, and what was decided."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enishi.projects.enums import (
    Comparator,
    ConsentMethod,
    EndReason,
    GateDecision,
    LabRole,
    Suggestion,
    TrialState,
)
from enishi.projects.models_measures import Measure, MeasureValue, a_number
from enishi.projects.models_projects import Project

PERSON = settings.AUTH_USER_MODEL


class Trial(models.Model):
    """One round of trying. Hypothesis and criteria are written before the start and frozen with it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="trials")
    round = models.PositiveSmallIntegerField(_("回"), default=1)
    hypothesis = models.TextField(_("仮説(何をすれば、だれに、何が起きるか)"), max_length=2_000, blank=True)
    place = models.CharField(_("場所"), max_length=200, blank=True)
    starts_on = models.DateField(_("始まり"), null=True, blank=True)
    ends_on = models.DateField(_("終わり"), null=True, blank=True)
    measure = models.ForeignKey(
        Measure,
        verbose_name=_("成功を測る指標"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="trials",
    )
    success_comparator = models.CharField(
        _("成功の基準"), max_length=3, choices=Comparator.choices, blank=True
    )
    success_value = a_number(_("成功の基準の値"))
    judged_on = models.DateField(_("判断する日"), null=True, blank=True)
    stop_measure = models.ForeignKey(
        Measure,
        verbose_name=_("中止を測る指標"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="trials_stopped_by",
    )
    stop_comparator = models.CharField(_("中止の基準"), max_length=3, choices=Comparator.choices, blank=True)
    stop_value = a_number(_("中止の基準の値"))
    stop_on = models.DateField(_("中止の基準を確かめる日"), null=True, blank=True)
    state = models.CharField(_("状態"), max_length=8, choices=TrialState.choices, default=TrialState.PLANNED)
    frozen_at = models.DateTimeField(_("基準を固定した日時"), null=True, blank=True, editable=False)
    result = models.TextField(_("結果(わかったこと・わからなかったこと)"), max_length=4_000, blank=True)
    suggestion = models.CharField(
        _("基準から計算した結果"), max_length=8, choices=Suggestion.choices, blank=True, editable=False
    )
    decided_value = models.ForeignKey(
        MeasureValue,
        verbose_name=_("判断に使った値"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    decision = models.CharField(_("判断"), max_length=10, choices=GateDecision.choices, blank=True)
    decision_reason = models.CharField(
        _("先へ進まない理由"), max_length=12, choices=EndReason.choices, blank=True
    )
    decision_note = models.TextField(_("判断の理由"), max_length=2_000, blank=True)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("判断日時"), null=True, blank=True)
    implemented_on = models.DateField(_("実装を始めた日"), null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("実証")
        verbose_name_plural = _("実証")
        ordering = ["project", "round"]
        constraints = [
            models.UniqueConstraint(fields=["project", "round"], name="trial_round_once_per_project"),
            models.CheckConstraint(
                name="trial_ends_after_it_begins",
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="trial_criteria_frozen_once_running",
                condition=Q(state="planned")
                | (
                    Q(frozen_at__isnull=False)
                    & Q(measure__isnull=False)
                    & Q(success_value__isnull=False)
                    & Q(stop_value__isnull=False)
                    & ~Q(hypothesis="")
                ),
            ),
            models.CheckConstraint(
                name="trial_decision_has_value",
                condition=Q(decision="") | (Q(decided_value__isnull=False) & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="trial_not_going_on_has_reason",
                condition=Q(decision__in=["", "implement"]) | ~Q(decision_reason=""),
            ),
        ]
        indexes = [models.Index(fields=["state", "judged_on"], name="trial_due")]

    def __str__(self) -> str:
        return str(_("%(title)s 第%(round)d回") % {"title": self.project, "round": self.round})


class ConsentText(models.Model):
    """What living-lab participants agree to. A new wording is a new version; nobody's consent changes with it."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="consent_texts")
    number = models.PositiveSmallIntegerField(_("版"))
    text = models.TextField(_("同意文"), max_length=4_000)
    made_at = models.DateTimeField(_("作成日時"))

    class Meta:
        verbose_name = _("同意文")
        verbose_name_plural = _("同意文")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["trial", "number"], name="consent_text_once_per_trial")
        ]

    def __str__(self) -> str:
        return str(_("第%(number)d版") % {"number": self.number})


class LabParticipantQuerySet(models.QuerySet["LabParticipant"]):
    def taking_part(self) -> Self:
        return self.filter(withdrawn_on__isnull=True)


class LabParticipant(models.Model):
    """A person of the living lab. As little as possible is kept, and nothing but the count once they withdraw."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="lab_participants")
    name = models.CharField(_("氏名または呼び名"), max_length=60, blank=True)
    contact = models.CharField(_("連絡先"), max_length=120, blank=True)
    role = models.CharField(_("立場"), max_length=8, choices=LabRole.choices)
    consent = models.ForeignKey(
        ConsentText, verbose_name=_("同意した文"), on_delete=models.PROTECT, related_name="consents"
    )
    consented_on = models.DateField(_("同意した日"))
    method = models.CharField(_("同意のしかた"), max_length=8, choices=ConsentMethod.choices)
    withdrawn_on = models.DateField(_("撤回した日"), null=True, blank=True)
    recorded_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(_("記録した日時"))

    objects = LabParticipantQuerySet.as_manager()

    class Meta:
        verbose_name = _("実証の参加者")
        verbose_name_plural = _("実証の参加者")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="lab_participant_withdrawn_after_consent",
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("consented_on")),
            ),
            models.CheckConstraint(
                name="lab_participant_forgotten_once_withdrawn",
                condition=Q(withdrawn_on__isnull=True) | Q(name="", contact=""),
            ),
        ]
        indexes = [models.Index(fields=["trial", "withdrawn_on"], name="lab_participant_of_trial")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.pk}"
