"""The way of a proposal through the town hall: stages, consultations, time, and the calendar of the budget."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enishi.desk.enums import ConsultationAnswer, ProposalStatus
from enishi.organizations.models import Organization, Section


class StageEntry(models.Model):
    """A stretch a proposal spends in a stage. With a consultation: the stretch it lay with one section.

    ``business_days`` is counted when it is left, so that lists need no calendar.
    """

    proposal = models.ForeignKey("desk.Proposal", on_delete=models.CASCADE, related_name="stages")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(_("段階"), max_length=12, choices=ProposalStatus.choices)
    section = models.ForeignKey(Section, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    consultation = models.ForeignKey(
        "desk.Consultation", on_delete=models.CASCADE, null=True, blank=True, related_name="stretches"
    )
    entered_at = models.DateTimeField(_("始まり"))
    left_at = models.DateTimeField(_("終わり"), null=True, blank=True)
    due_on = models.DateField(_("目安の日"), null=True, blank=True)
    business_days = models.PositiveIntegerField(_("営業日"), null=True, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("理由"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("段階の記録")
        verbose_name_plural = _("段階の記録")
        ordering = ["entered_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal"],
                condition=Q(left_at__isnull=True, consultation__isnull=True),
                name="stage_entry_one_open_per_proposal",
            ),
            models.CheckConstraint(
                name="stage_entry_left_after_it_was_entered",
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("entered_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["proposal", "entered_at"], name="stage_entry_of_proposal"),
            models.Index(fields=["organization", "left_at", "stage"], name="stage_entry_left"),
        ]

    def __str__(self) -> str:
        return self.get_stage_display()


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    def waiting(self) -> Self:
        return self.filter(answered_at__isnull=True, cancelled_at__isnull=True)


class Consultation(models.Model):
    """A question to one section (庁内照会). A transfer changes the section and keeps the clock."""

    proposal = models.ForeignKey("desk.Proposal", on_delete=models.CASCADE, related_name="consultations")
    section = models.ForeignKey(
        Section, verbose_name=_("課"), on_delete=models.PROTECT, related_name="consultations"
    )
    question = models.TextField(_("聞きたいこと"), max_length=2_000, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    asked_at = models.DateTimeField(_("照会した日時"))
    due_on = models.DateField(_("回答期限"))
    answer = models.CharField(_("回答"), max_length=12, choices=ConsultationAnswer.choices, blank=True)
    reason = models.TextField(_("理由・条件"), max_length=2_000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_by_link = models.BooleanField(_("メールから回答"), default=False)
    answered_at = models.DateTimeField(_("回答日時"), null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True)
    escalated_at = models.DateTimeField(_("管理職に知らせた日時"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("取りやめた日時"), null=True, blank=True)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = _("庁内照会")
        verbose_name_plural = _("庁内照会")
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="consultation_answered_with_an_answer",
                condition=Q(answered_at__isnull=True, answer="")
                | (Q(answered_at__isnull=False) & ~Q(answer="")),
            ),
            models.CheckConstraint(
                name="consultation_reason_when_not_plainly_interested",
                condition=Q(answer__in=["", "interested"]) | ~Q(reason=""),
            ),
            models.UniqueConstraint(
                fields=["proposal", "section"],
                condition=Q(answered_at__isnull=True, cancelled_at__isnull=True),
                name="consultation_one_open_per_section",
            ),
        ]
        indexes = [
            models.Index(fields=["section", "answered_at", "due_on"], name="consultation_of_section"),
            models.Index(fields=["due_on", "id"], name="consultation_by_day"),
            models.Index(
                fields=["due_on"],
                name="consultation_waiting",
                condition=Q(answered_at__isnull=True, cancelled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return str(self.section)

    @property
    def is_waiting(self) -> bool:
        return self.answered_at is None and self.cancelled_at is None


class ReceiptCounter(models.Model):
    """The last receipt number a municipality gave in a fiscal year; its row is the lock."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    fiscal_year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "fiscal_year"], name="receipt_counter_per_year")
        ]


class DeskSettings(models.Model):
    """What one municipality decided about its desk. Targets are business days, by stage."""

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, related_name="desk_settings")
    is_open = models.BooleanField(_("提案を受け付ける"), default=True)
    greeting = models.TextField(_("提案する人への案内"), max_length=2_000, blank=True)
    number_in_era = models.BooleanField(_("受付番号を和暦で付ける"), default=True)
    targets = models.JSONField(_("段階ごとの目安(営業日)"), default=dict, blank=True)
    consultation_days = models.PositiveSmallIntegerField(_("照会の回答期限(営業日)"), default=5)
    hourly_cost_yen = models.PositiveIntegerField(_("職員1時間の費用(円)"), null=True, blank=True)
    hourly_cost_source = models.CharField(_("費用の根拠"), max_length=200, blank=True)
    own_limits = models.JSONField(_("規則・条例で定めた金額"), default=dict, blank=True)
    own_limits_source = models.CharField(_("定めた規則・条例"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("窓口の設定")
        verbose_name_plural = _("窓口の設定")

    def __str__(self) -> str:
        return str(_("窓口の設定"))


class SectionMailbox(models.Model):
    """Where questions to a section go by e-mail, beside its people who have an account."""

    section = models.OneToOneField(Section, on_delete=models.CASCADE, related_name="desk_mailbox")
    email = models.EmailField(_("照会を受けるメールアドレス"))

    class Meta:
        verbose_name = _("課のメールアドレス")
        verbose_name_plural = _("課のメールアドレス")

    def __str__(self) -> str:
        return self.email


class BudgetStep(models.Model):
    """A step of the municipality's budget year (予算暦), with where we know it from."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="budget_steps")
    code = models.SlugField(max_length=20)
    label = models.CharField(_("段取り"), max_length=80)
    first_month = models.PositiveSmallIntegerField(_("始まりの月"))
    first_day = models.PositiveSmallIntegerField(_("始まりの日"), default=1)
    last_month = models.PositiveSmallIntegerField(_("終わりの月"))
    last_day = models.PositiveSmallIntegerField(_("終わりの日"), default=31)
    source = models.CharField(_("出所"), max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("予算暦")
        verbose_name_plural = _("予算暦")
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "code"], name="budget_step_once"),
            models.CheckConstraint(
                name="budget_step_in_a_year",
                condition=Q(first_month__range=(1, 12), last_month__range=(1, 12))
                & Q(first_day__range=(1, 31), last_day__range=(1, 31)),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class StaffTime(models.Model):
    """Minutes somebody spent on a case: tapped, or estimated from what they did."""

    proposal = models.ForeignKey("desk.Proposal", on_delete=models.CASCADE, related_name="staff_time")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(_("段階"), max_length=12, choices=ProposalStatus.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    minutes = models.PositiveSmallIntegerField(_("分"))
    is_estimate = models.BooleanField(_("推定"), default=False)
    note = models.CharField(_("内容"), max_length=200, blank=True)
    at = models.DateTimeField(_("日時"))

    class Meta:
        verbose_name = _("かかった時間")
        verbose_name_plural = _("かかった時間")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="staff_time_within_a_day", condition=Q(minutes__gte=1, minutes__lte=1_440)
            )
        ]
        indexes = [models.Index(fields=["organization", "at"], name="staff_time_of_desk")]

    def __str__(self) -> str:
        return f"{self.minutes}"
