"""Awards for collaboration (公民連携アワード): a call, entries from projects, votes or scores, results."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.foundation.models import Kept
from enishi.organizations.models import Organization
from enishi.projects.awards.enums import CallStatus, Method

PERSON = settings.AUTH_USER_MODEL


class AwardCall(Kept):
    """One year's award. Entries come first, then votes or scores, then the results."""

    organization = models.ForeignKey(
        Organization, verbose_name=_("主催"), on_delete=models.PROTECT, related_name="award_calls"
    )
    title = models.CharField(_("名称"), max_length=120)
    purpose = models.TextField(_("趣旨"), max_length=4_000, blank=True)
    method = models.CharField(_("選び方"), max_length=5, choices=Method.choices)
    criteria = models.JSONField(_("審査の観点"), default=list, blank=True)
    entries_from = models.DateField(_("応募の始まり"))
    entries_until = models.DateField(_("応募の締切"))
    judging_from = models.DateField(_("投票・審査の始まり"))
    judging_until = models.DateField(_("投票・審査の締切"))
    prizes = models.PositiveSmallIntegerField(_("選ぶ数"), default=3)
    status = models.CharField(_("状態"), max_length=10, choices=CallStatus.choices, default=CallStatus.DRAFT)
    announced_at = models.DateTimeField(_("発表日時"), null=True, blank=True)
    remarks = models.TextField(_("講評"), max_length=4_000, blank=True)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    class Meta:
        verbose_name = _("アワード")
        verbose_name_plural = _("アワード")
        ordering = ["-entries_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="award_days_in_order",
                condition=Q(entries_until__gte=F("entries_from"))
                & Q(judging_from__gte=F("entries_from"))
                & Q(judging_until__gte=F("judging_from"))
                & Q(judging_until__gte=F("entries_until")),
            ),
            models.CheckConstraint(
                name="award_announced_at_set_once_announced",
                condition=~Q(status=CallStatus.ANNOUNCED) | Q(announced_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["status", "-entries_from", "-id"], name="award_public")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("projects:award_detail", args=[self.pk])

    def takes_entries(self, today: dt.date) -> bool:
        return self.status == CallStatus.OPEN and self.entries_from <= today <= self.entries_until

    def is_judged(self, today: dt.date) -> bool:
        return self.status == CallStatus.OPEN and self.judging_from <= today <= self.judging_until


class AwardEntry(models.Model):
    """A project that was entered."""

    call = models.ForeignKey(AwardCall, on_delete=models.PROTECT, related_name="entries")
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="award_entries")
    title = models.CharField(_("見出し"), max_length=80)
    appeal = models.TextField(_("伝えたいこと"), max_length=2_000)
    team = models.CharField(_("取り組んだ人たち"), max_length=300)
    entered_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(_("応募日時"))
    withdrawn_at = models.DateTimeField(_("取り下げ日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("アワードへの応募")
        verbose_name_plural = _("アワードへの応募")
        ordering = ["entered_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["call", "project"], name="award_entry_once_per_project")
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("projects:award_entry", args=[self.call_id, self.pk])


class AwardBallot(models.Model):
    """One voter's choice. ``voter`` is a keyed digest of a proven e-mail address; the address itself is not kept."""

    call = models.ForeignKey(AwardCall, on_delete=models.PROTECT, related_name="ballots")
    entry = models.ForeignKey(AwardEntry, on_delete=models.PROTECT, related_name="ballots")
    voter = models.CharField(max_length=64)
    cast_at = models.DateTimeField(_("投票日時"))

    class Meta:
        verbose_name = _("投票")
        verbose_name_plural = _("投票")
        constraints = [models.UniqueConstraint(fields=["call", "voter"], name="award_ballot_one_per_voter")]
        indexes = [models.Index(fields=["entry"], name="award_ballot_of_entry")]


class AwardMail(models.Model):
    """A voting link on its way. The address is forgotten as soon as the mail is out, or given up."""

    call = models.ForeignKey(AwardCall, on_delete=models.CASCADE, related_name="mails")
    entry = models.ForeignKey(AwardEntry, on_delete=models.CASCADE, related_name="+")
    voter = models.CharField(max_length=64)
    email = models.EmailField(blank=True)
    asked_at = models.DateTimeField()
    again_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    gave_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="award_mail_forgets_the_address",
                condition=Q(sent_at__isnull=True, gave_up_at__isnull=True) | Q(email=""),
            )
        ]
        indexes = [
            models.Index(fields=["again_at"], condition=~Q(email=""), name="award_mail_waiting"),
            models.Index(fields=["call", "voter", "asked_at"], name="award_mail_of_voter"),
        ]


class AwardJuror(models.Model):
    """Somebody who scores."""

    call = models.ForeignKey(AwardCall, on_delete=models.CASCADE, related_name="jurors")
    person = models.ForeignKey(
        PERSON, verbose_name=_("審査員"), on_delete=models.PROTECT, related_name="juries"
    )
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["call", "person"], name="award_juror_once_per_call")]

    def __str__(self) -> str:
        return str(self.person)


class AwardScore(models.Model):
    """One juror's points for one entry, criterion by criterion, and a word why."""

    entry = models.ForeignKey(AwardEntry, on_delete=models.PROTECT, related_name="scores")
    juror = models.ForeignKey(AwardJuror, on_delete=models.PROTECT, related_name="scores")
    points = models.JSONField(default=list)
    total = models.PositiveSmallIntegerField()
    comment = models.CharField(_("ひとこと"), max_length=500, blank=True)
    scored_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "juror"], name="award_score_once_per_juror")]
