"""What happens with an agreement: approval, fulfilment, renewal, change, incidents, disputes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enishi.agreements.enums import (
    ApprovalKind,
    ApprovalState,
    ChangeState,
    ConsentState,
    DisputeStage,
    Outcome,
)
from enishi.organizations.models import Organization


class Approval(models.Model):
    """One named person's turn in the approval of a version. ``by`` acted; where that is not ``person``, in their place (代決)."""

    version = models.ForeignKey("agreements.Version", on_delete=models.CASCADE, related_name="approvals")
    round = models.PositiveSmallIntegerField(_("回"), default=1)
    order = models.PositiveSmallIntegerField(_("順"))
    kind = models.CharField(_("種類"), max_length=8, choices=ApprovalKind.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("承認する人"), on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(
        _("結果"), max_length=10, choices=ApprovalState.choices, default=ApprovalState.WAITING
    )
    comment = models.TextField(_("意見"), max_length=2_000, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("処理した人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    at = models.DateTimeField(_("日時"), null=True, blank=True)
    seen_at = models.DateTimeField(_("後で確かめた日時(後閲)"), null=True, blank=True)

    class Meta:
        verbose_name = _("決裁")
        verbose_name_plural = _("決裁")
        ordering = ["round", "order"]
        constraints = [
            models.UniqueConstraint(fields=["version", "round", "order"], name="approval_order_once"),
            models.CheckConstraint(
                name="approval_answered_by_somebody",
                condition=Q(state__in=["waiting", "cancelled"]) | Q(by__isnull=False, at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["person", "state"], name="approval_of_person")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.person}"

    @property
    def is_in_place(self) -> bool:
        """Somebody else acted in this person's place (代決)."""
        return self.by_id is not None and self.by_id != self.person_id


class Fulfilment(models.Model):
    """What became of an obligation on one of its days. ``key`` is the obligation's, in whatever version."""

    agreement = models.ForeignKey(
        "agreements.Agreement", on_delete=models.CASCADE, related_name="fulfilments"
    )
    key = models.UUIDField()
    due_on = models.DateField(_("期限"), null=True, blank=True)
    outcome = models.CharField(_("結果"), max_length=10, choices=Outcome.choices)
    done_on = models.DateField(_("行った日"))
    note = models.CharField(_("補足"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("義務の結果")
        verbose_name_plural = _("義務の結果")
        ordering = ["-done_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "key", "due_on"],
                condition=Q(due_on__isnull=False),
                name="fulfilment_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["agreement", "key"],
                condition=Q(due_on__isnull=True),
                name="fulfilment_once_without_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.done_on}"


class Prolongation(models.Model):
    """The end of an agreement moved by its own clause, or somebody decided that it will not."""

    agreement = models.ForeignKey(
        "agreements.Agreement", on_delete=models.CASCADE, related_name="prolongations"
    )
    old_end = models.DateField(_("これまでの終わり"))
    new_end = models.DateField(_("新しい終わり"), null=True, blank=True)
    is_automatic = models.BooleanField(_("自動更新"), default=False)
    note = models.CharField(_("理由"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("更新")
        verbose_name_plural = _("更新")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "old_end"], name="prolongation_once_an_end"),
            models.CheckConstraint(
                name="prolongation_moves_on", condition=Q(new_end__isnull=True) | Q(new_end__gt=F("old_end"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_end} → {self.new_end or _('更新しない')}"


class Activity(models.Model):
    """Something that was done under the agreement, told in a sentence."""

    agreement = models.ForeignKey("agreements.Agreement", on_delete=models.CASCADE, related_name="activities")
    on = models.DateField(_("日"))
    text = models.CharField(_("したこと"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("活動")
        verbose_name_plural = _("活動")
        ordering = ["-on", "-pk"]

    def __str__(self) -> str:
        return self.text


class ChangeRequest(models.Model):
    """A wish to change an agreement in force: what, why, its effects, and both sides' consent."""

    agreement = models.ForeignKey("agreements.Agreement", on_delete=models.CASCADE, related_name="changes")
    number = models.PositiveSmallIntegerField(_("番号"))
    title = models.CharField(_("変えたいこと"), max_length=150)
    reason = models.TextField(_("理由"), max_length=2_000)
    on_terms = models.TextField(_("条項への影響"), max_length=2_000, blank=True)
    on_cost_yen = models.BigIntegerField(_("費用への影響(円、増は＋)"), null=True, blank=True)
    on_schedule = models.TextField(_("日程への影響"), max_length=2_000, blank=True)
    on_risks = models.TextField(_("リスク分担への影響"), max_length=2_000, blank=True)
    state = models.CharField(
        _("状態"), max_length=12, choices=ChangeState.choices, default=ChangeState.ASSESSING
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_for = models.ForeignKey(
        Organization, verbose_name=_("申し出た側"), on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField(_("申し出た日時"))
    closed_at = models.DateTimeField(_("決まった日時"), null=True, blank=True)
    version = models.OneToOneField(
        "agreements.Version",
        verbose_name=_("新しい版"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="change",
    )

    class Meta:
        verbose_name = _("変更の申し出")
        verbose_name_plural = _("変更の申し出")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="change_number_once"),
        ]

    def __str__(self) -> str:
        return self.title


class Consent(models.Model):
    """One party's answer to a change. Where the party has no account, an officer writes down how it was given."""

    change = models.ForeignKey(ChangeRequest, on_delete=models.CASCADE, related_name="consents")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField(_("当事者"), max_length=150)
    state = models.CharField(
        _("返事"), max_length=8, choices=ConsentState.choices, default=ConsentState.WAITING
    )
    comment = models.CharField(_("意見・確かめた方法"), max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("同意")
        verbose_name_plural = _("同意")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["change", "name"], name="consent_once_a_party"),
            models.CheckConstraint(
                name="consent_given_by_somebody",
                condition=Q(state="waiting") | Q(by__isnull=False, at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Incident(models.Model):
    """Something went wrong; where it was a listed risk, ``risk_key`` says which."""

    agreement = models.ForeignKey("agreements.Agreement", on_delete=models.CASCADE, related_name="incidents")
    title = models.CharField(_("起きたこと"), max_length=150)
    happened_on = models.DateField(_("起きた日"))
    detail = models.TextField(_("経過"), max_length=4_000, blank=True)
    risk_key = models.CharField(_("リスク分担表の番号"), max_length=8, blank=True)
    response = models.TextField(_("対応"), max_length=2_000, blank=True)
    cost_yen = models.BigIntegerField(_("かかった費用(円)"), null=True, blank=True)
    settled_on = models.DateField(_("収まった日"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("事故・問題")
        verbose_name_plural = _("事故・問題")
        ordering = ["-happened_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="incident_settled_after_it_happened",
                condition=Q(settled_on__isnull=True) | Q(settled_on__gte=F("happened_on")),
            )
        ]

    def __str__(self) -> str:
        return self.title


class Dispute(models.Model):
    """A disagreement on its ladder: consultation, then somebody between, then the end."""

    agreement = models.ForeignKey("agreements.Agreement", on_delete=models.CASCADE, related_name="disputes")
    title = models.CharField(_("争いの内容"), max_length=150)
    stage = models.CharField(
        _("段階"), max_length=12, choices=DisputeStage.choices, default=DisputeStage.CONSULTATION
    )
    opened_on = models.DateField(_("始まった日"))
    due_on = models.DateField(_("この段階の期限"), null=True, blank=True)
    closed_on = models.DateField(_("終わった日"), null=True, blank=True)

    class Meta:
        verbose_name = _("紛争")
        verbose_name_plural = _("紛争")
        ordering = ["-opened_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="dispute_closes_after_it_opened",
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
            )
        ]

    def __str__(self) -> str:
        return self.title


class DisputeStep(models.Model):
    """One step on the ladder, with its day and what was said."""

    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="steps")
    stage = models.CharField(_("段階"), max_length=12, choices=DisputeStage.choices)
    on = models.DateField(_("日"))
    text = models.TextField(_("記録"), max_length=2_000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("紛争の経過")
        verbose_name_plural = _("紛争の経過")
        ordering = ["on", "pk"]

    def __str__(self) -> str:
        return f"{self.on} {self.get_stage_display()}"


class Reminder(models.Model):
    """A reminder that went out: each once."""

    agreement = models.ForeignKey("agreements.Agreement", on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=60)
    due_on = models.DateField()
    days_before = models.SmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "what", "due_on", "days_before"], name="reminder_goes_out_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.due_on}"
