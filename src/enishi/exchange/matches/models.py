"""What matching keeps: what each record says, who talked with whom, what came of it, and the weights learnt from it."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.exchange.enums import RecordKind
from enishi.exchange.matches.enums import (
    ContactState,
    DeclineReason,
    JointState,
    NoteKind,
    Outcome,
    ProfileState,
    Side,
    WeightsOrigin,
)
from enishi.exchange.matches.wording import kept_in_words

ORGANIZATION = "organizations.Organization"


class MatchCounter(models.Model):
    """A number that grows with every change of one kind; whoever waits for its row keeps changes in order."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.BigIntegerField(default=0)


class MatchProfile(models.Model):
    """What a record's text says, as the engine reads it. Everything on disk and in memory is made from these.

    ``words``: one normal form a line, a tab, its weight. ``vector``: float16, kept by ``content_hash`` so that
    the same text is never embedded twice. ``sequence`` is the counter's value at the last change.
    """

    kind = models.CharField(max_length=10, choices=RecordKind.choices)
    record_id = models.BigIntegerField()
    content_hash = models.CharField(max_length=64, db_index=True)
    embedder = models.CharField(max_length=120, blank=True)
    words = models.TextField(blank=True)
    vector = models.BinaryField(null=True)
    state = models.CharField(max_length=8, choices=ProfileState.choices)
    sequence = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "record_id"], name="match_profile_one_per_record"),
            models.CheckConstraint(
                name="match_profile_ready_has_vector",
                condition=~Q(state=ProfileState.READY) | Q(vector__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "sequence"], name="match_profile_changes"),
            models.Index(
                fields=["kind", "record_id"], condition=Q(state="lexical"), name="match_profile_waiting"
            ),
        ]


class WeightsVersion(models.Model):
    """How much each kind of evidence counts, when that was learnt, from what, and how much better it was."""

    number = models.PositiveIntegerField(_("版"), unique=True)
    origin = models.CharField(_("由来"), max_length=10, choices=WeightsOrigin.choices)
    weights = models.JSONField(_("重み"), default=dict)
    outcomes = models.PositiveIntegerField(_("学んだ結果の数"), default=0)
    held_back = models.PositiveIntegerField(_("確かめに残した結果の数"), default=0)
    quality = models.JSONField(_("学ぶ前と後の質"), default=dict)
    is_active = models.BooleanField(_("使用中"), default=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField(_("作成日時"))
    activated_at = models.DateTimeField(_("使い始めた日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("照合の重み")
        verbose_name_plural = _("照合の重み")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="weights_one_active"
            )
        ]

    def __str__(self) -> str:
        return str(_("第%(number)d版") % {"number": self.number})


class ConflictOfInterest(models.Model):
    """A partner that is not to be proposed to a public body, and why (入札の事情、役員の兼務など)."""

    organization = models.ForeignKey(ORGANIZATION, on_delete=models.CASCADE, related_name="conflicts")
    partner = models.ForeignKey(ORGANIZATION, on_delete=models.CASCADE, related_name="conflicts_with")
    reason = models.CharField(_("理由"), max_length=300)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    marked_at = models.DateTimeField(_("登録日時"))
    ended_at = models.DateTimeField(_("解除した日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("利害の関わる団体")
        verbose_name_plural = _("利害の関わる団体")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "partner"],
                condition=Q(ended_at__isnull=True),
                name="conflict_marked_once",
            ),
            models.CheckConstraint(name="conflict_is_with_another", condition=~Q(organization=F("partner"))),
        ]


class ContactQuerySet(models.QuerySet["Contact"]):
    def open(self) -> Self:
        return self.exclude(state__in=[ContactState.ADOPTED, ContactState.DECLINED])

    def sent(self) -> Self:
        """Those the other side knows of."""
        return self.exclude(state=ContactState.SUGGESTED)

    def waiting_for(self, side: Side) -> Self:
        """Where this side is the next to speak."""
        return self.filter(
            turn=side,
            state__in=[ContactState.CONTACTED, ContactState.IN_DIALOGUE, ContactState.PROPOSED],
        )


class Contact(models.Model):
    """A match that became a conversation between the two sides.

    ``turn`` is the side whose word is awaited. ``parts`` and ``reasons`` are what the match looked like when it was taken
    up: the weights are learnt from these, whatever becomes of the records.
    """

    challenge = models.ForeignKey("exchange.Challenge", on_delete=models.PROTECT, related_name="contacts")
    resource = models.ForeignKey("exchange.Resource", on_delete=models.PROTECT, related_name="contacts")
    wanting = models.ForeignKey(
        ORGANIZATION,
        verbose_name=_("課題の団体"),
        on_delete=models.PROTECT,
        related_name="contacts_as_wanting",
    )
    offering = models.ForeignKey(
        ORGANIZATION,
        verbose_name=_("資源の団体"),
        on_delete=models.PROTECT,
        related_name="contacts_as_offering",
    )
    state = models.CharField(_("状態"), max_length=12, choices=ContactState.choices)
    opened_side = models.CharField(_("声をかけた側"), max_length=10, choices=Side.choices)
    turn = models.CharField(_("返事をする側"), max_length=10, choices=Side.choices)
    decline_reason = models.CharField(
        _("見送りの理由"), max_length=15, choices=DeclineReason.choices, blank=True
    )
    decline_note = models.CharField(_("見送りの理由(文)"), max_length=500, blank=True)
    outcome = models.CharField(_("結果"), max_length=12, choices=Outcome.choices, blank=True)
    score = models.FloatField(_("当時の点"), null=True, blank=True)
    parts = models.JSONField(default=dict)
    reasons = models.JSONField(default=list)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="contacts_opened"
    )
    opened_at = models.DateTimeField(_("声をかけた日時"))
    moved_at = models.DateTimeField(_("状態が変わった日時"))
    last_word_at = models.DateTimeField(_("最後のやりとり"), db_index=True)
    reminded_at = models.DateTimeField(_("知らせた日時"), null=True, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("対話")
        verbose_name_plural = _("対話")
        ordering = ["-last_word_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["challenge", "resource"], name="contact_one_per_pair"),
            models.CheckConstraint(
                name="contact_declined_has_reason",
                condition=~Q(state=ContactState.DECLINED) | ~Q(decline_reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["wanting", "-last_word_at"], name="contact_wanting"),
            models.Index(fields=["offering", "-last_word_at"], name="contact_offering"),
        ]

    def __str__(self) -> str:
        return f"{self.challenge} × {self.resource}"

    def get_absolute_url(self) -> str:
        return reverse("matches:contact_detail", args=[self.pk])

    @property
    def told_reasons(self) -> list[str]:
        """The reasons of then in the language of the reader."""
        return kept_in_words(self.reasons)

    def organization_of(self, side: Side) -> int:
        return self.wanting_id if side is Side.CHALLENGE else self.offering_id

    def silent_days(self, at: dt.datetime) -> int:
        return (at - self.last_word_at).days


class ContactNote(models.Model):
    """One word in the thread that both sides read and nobody else."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=8, choices=NoteKind.choices)
    side = models.CharField(max_length=10, choices=Side.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    author_name = models.CharField(_("書いた人"), max_length=200)
    body = models.TextField(_("本文"), max_length=4_000)
    written_at = models.DateTimeField(_("日時"))

    class Meta:
        ordering = ["written_at", "pk"]

    def __str__(self) -> str:
        return self.body[:40]


class MatchFeedback(models.Model):
    """What a contact taught: the evidence at that time, and whether it led on."""

    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, related_name="feedback")
    led_on = models.BooleanField(_("先へ進んだ"))
    reason = models.CharField(max_length=15, choices=DeclineReason.choices, blank=True)
    parts = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]


class SuggestedMatch(models.Model):
    """A pair the engine proposed, kept so that a list opens at once and new ones can be told from old ones."""

    challenge = models.ForeignKey("exchange.Challenge", on_delete=models.CASCADE, related_name="suggestions")
    resource = models.ForeignKey("exchange.Resource", on_delete=models.CASCADE, related_name="suggestions")
    wanting = models.ForeignKey(ORGANIZATION, on_delete=models.CASCADE, related_name="+")
    offering = models.ForeignKey(ORGANIZATION, on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField()
    score = models.FloatField()
    parts = models.JSONField(default=dict)
    words = models.JSONField(default=list)
    is_unexpected = models.BooleanField(default=False)
    is_underserved = models.BooleanField(default=False)
    first_at = models.DateTimeField()
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["challenge", "resource"], name="suggestion_one_per_pair")
        ]
        indexes = [
            models.Index(fields=["wanting", "-score"], name="suggestion_wanting"),
            models.Index(fields=["offering", "-first_at"], name="suggestion_offering"),
        ]


class MatchVisit(models.Model):
    """When a person last looked at the new matches."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="match_visit"
    )
    seen_at = models.DateTimeField()


class ReachFloor(models.Model):
    """A public body's wish that small firms, NPOs and remote towns be seen: at least this share of the first ten places."""

    organization = models.OneToOneField(ORGANIZATION, on_delete=models.CASCADE, related_name="reach_floor")
    percent = models.PositiveSmallIntegerField(_("下限(%)"), default=0)
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    chosen_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="reach_floor_at_most_half", condition=Q(percent__lte=50))]


class JointCall(models.Model):
    """Several municipalities with the same challenge who look for a partner together."""

    title = models.CharField(_("題名"), max_length=120)
    message = models.TextField(_("呼びかけの文"), max_length=2_000, blank=True)
    lead = models.ForeignKey("exchange.Challenge", on_delete=models.PROTECT, related_name="joint_calls_led")
    called_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    called_at = models.DateTimeField(_("呼びかけた日時"))

    class Meta:
        verbose_name = _("共同の募集")
        verbose_name_plural = _("共同の募集")
        ordering = ["-called_at", "-pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("matches:joint_detail", args=[self.pk])


class JointPartner(models.Model):
    """One municipality's answer to a joint call."""

    call = models.ForeignKey(JointCall, on_delete=models.CASCADE, related_name="partners")
    challenge = models.ForeignKey("exchange.Challenge", on_delete=models.PROTECT, related_name="joint_calls")
    organization = models.ForeignKey(ORGANIZATION, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=JointState.choices, default=JointState.INVITED)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "challenge"], name="joint_partner_once")]
