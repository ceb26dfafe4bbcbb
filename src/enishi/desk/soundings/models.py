"""Soundings: who applied, when each is heard, what was said in private, and the summary for everybody."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.desk.soundings.enums import ApplicationStatus, Consent, SoundingStatus
from enishi.organizations.models import Organization, OwnedQuerySet, OwnedRecord


class SoundingQuerySet(OwnedQuerySet["Sounding"]):
    not_yet_shared = Q(status=SoundingStatus.DRAFT)


class Sounding(OwnedRecord):
    """Hearing what companies think of a plan, one by one, before the terms are fixed."""

    title = models.CharField(_("題名"), max_length=120)
    purpose = models.TextField(_("目的"), max_length=4_000)
    topics = models.TextField(_("うかがいたいこと"), max_length=4_000)
    eligibility = models.TextField(_("参加できる方"), max_length=2_000, blank=True)
    place = models.CharField(_("場所・方法"), max_length=200, blank=True)
    contact_name = models.CharField(_("問い合わせ先"), max_length=150, blank=True)
    challenges = models.ManyToManyField(
        "exchange.Challenge", verbose_name=_("課題"), blank=True, related_name="soundings"
    )
    apply_until = models.DateTimeField(_("申込の締切"))
    summary = models.TextField(_("結果の概要(前書き)"), max_length=4_000, blank=True)
    status = models.CharField(
        _("状態"), max_length=10, choices=SoundingStatus.choices, default=SoundingStatus.DRAFT
    )
    status_reason = models.CharField(_("状態の理由"), max_length=500, blank=True)
    published_at = models.DateTimeField(_("公開日時"), null=True, blank=True)
    summary_published_at = models.DateTimeField(_("概要の公表日時"), null=True, blank=True)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = SoundingQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("サウンディング")
        verbose_name_plural = _("サウンディング")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                name="sounding_published_at_set_once_shared",
                condition=Q(status=SoundingStatus.DRAFT) | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="sounding_summary_dated_once_published",
                condition=~Q(status=SoundingStatus.PUBLISHED) | Q(summary_published_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["status", "apply_until", "id"], name="sounding_by_deadline")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("desk:sounding_detail", args=[self.pk])

    def accepts(self, at: dt.datetime) -> bool:
        return self.status == SoundingStatus.OPEN and at < self.apply_until


class SoundingSlot(models.Model):
    """A time in which one applicant can be heard."""

    sounding = models.ForeignKey(Sounding, on_delete=models.CASCADE, related_name="slots")
    starts_at = models.DateTimeField(_("始まり"))
    ends_at = models.DateTimeField(_("終わり"))
    place = models.CharField(_("場所"), max_length=100, blank=True)

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["sounding", "starts_at", "place"], name="sounding_slot_once_per_place"
            ),
            models.CheckConstraint(
                name="sounding_slot_ends_after_it_begins", condition=Q(ends_at__gt=F("starts_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


class SoundingApplication(models.Model):
    """Somebody who wants to be heard. Nobody outside the office ever learns who else applied."""

    sounding = models.ForeignKey(Sounding, on_delete=models.PROTECT, related_name="applications")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="sounding_applications"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    company = models.CharField(_("団体名"), max_length=150)
    contact_name = models.CharField(_("お名前"), max_length=100)
    email = models.EmailField(_("メールアドレス"))
    phone = models.CharField(_("電話"), max_length=40, blank=True)
    attendees = models.CharField(_("参加する方"), max_length=300, blank=True)
    message = models.TextField(_("お話しいただける内容"), max_length=2_000, blank=True)
    status = models.CharField(
        _("状態"),
        max_length=10,
        choices=ApplicationStatus.choices,
        default=ApplicationStatus.UNVERIFIED,
    )
    applied_at = models.DateTimeField(_("申込日時"))
    verified_at = models.DateTimeField(_("確認日時"), null=True, blank=True)
    # One to one: the database itself refuses a second booking of the same time.
    slot = models.OneToOneField(
        SoundingSlot,
        verbose_name=_("日時"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="application",
    )

    class Meta:
        ordering = ["applied_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["sounding", "email"], name="sounding_application_once_per_mail"),
            models.CheckConstraint(
                name="sounding_slot_for_the_accepted_only",
                condition=Q(slot__isnull=True) | Q(status=ApplicationStatus.APPLIED),
            ),
        ]
        indexes = [models.Index(fields=["organization", "sounding"], name="sounding_application_of")]

    def __str__(self) -> str:
        return self.company


class SoundingMinutes(models.Model):
    """What was said in one dialogue: for the office alone."""

    application = models.OneToOneField(SoundingApplication, on_delete=models.PROTECT, related_name="minutes")
    held_on = models.DateField(_("対話した日"))
    attendees = models.TextField(_("出席者"), max_length=1_000, blank=True)
    text = models.TextField(_("記録"), max_length=8_000)
    know_how = models.TextField(_("公表してはいけないこと"), max_length=4_000, blank=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("記録した日時"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("対話の記録")
        verbose_name_plural = _("対話の記録")

    def __str__(self) -> str:
        return f"{self.application} {self.held_on}"


class SummaryParagraph(models.Model):
    """A paragraph of the published summary. On which dialogues it rests is for the office alone."""

    sounding = models.ForeignKey(Sounding, on_delete=models.CASCADE, related_name="paragraphs")
    heading = models.CharField(_("見出し"), max_length=100)
    text = models.TextField(_("本文"), max_length=4_000)
    order = models.PositiveSmallIntegerField(default=0)
    dialogues = models.ManyToManyField(SoundingApplication, through="SummaryBasis", related_name="paragraphs")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.heading


class SummaryBasis(models.Model):
    """One dialogue under one paragraph, and whether that participant agrees to its being published."""

    paragraph = models.ForeignKey(SummaryParagraph, on_delete=models.CASCADE, related_name="bases")
    application = models.ForeignKey(SoundingApplication, on_delete=models.PROTECT, related_name="bases")
    consent = models.CharField(_("確認"), max_length=10, choices=Consent.choices, default=Consent.WAITING)
    comment = models.TextField(_("直してほしい点"), max_length=2_000, blank=True)
    answered_at = models.DateTimeField(_("確認した日時"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["paragraph", "application"], name="summary_basis_once"),
            models.CheckConstraint(
                name="summary_basis_answer_has_a_date",
                condition=Q(consent=Consent.WAITING) | Q(answered_at__isnull=False),
            ),
        ]
