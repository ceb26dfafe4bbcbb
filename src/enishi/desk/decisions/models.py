"""First replies, decisions, onward offers, and what others may learn from an ending."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enishi.desk.decisions.enums import Ending, FirstVerdict, OfferState, Verdict
from enishi.organizations.models import Organization


class FirstReply(models.Model):
    """The first reasoned word to the proposer. One for each proposal: the database refuses a second."""

    proposal = models.OneToOneField("desk.Proposal", on_delete=models.PROTECT, related_name="first_reply")
    verdict = models.CharField(_("返事"), max_length=10, choices=FirstVerdict.choices)
    reasons = models.JSONField(_("理由"), default=list)
    sentence = models.CharField(_("理由のひとこと"), max_length=500)
    text = models.TextField(_("返信の本文"), max_length=8_000)
    replied_at = models.DateTimeField(_("返事をした日時"))
    replied_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["verdict", "-replied_at"], name="first_reply_by_verdict")]
        constraints = [models.CheckConstraint(name="first_reply_has_its_reason", condition=~Q(sentence=""))]

    def __str__(self) -> str:
        return f"{self.proposal} {self.get_verdict_display()}"


class ReplyEscalation(models.Model):
    """A first reply that was overdue, told to the manager once."""

    proposal = models.OneToOneField(
        "desk.Proposal", on_delete=models.CASCADE, related_name="reply_escalation"
    )
    told_at = models.DateTimeField(_("知らせた日時"))


class Decision(models.Model):
    """The decision on a proposal. One for each: who comes second is told what was decided."""

    proposal = models.OneToOneField("desk.Proposal", on_delete=models.PROTECT, related_name="decision")
    verdict = models.CharField(_("決定"), max_length=10, choices=Verdict.choices)
    reasons = models.JSONField(_("理由"), default=list)
    sentence = models.TextField(_("理由の説明"), max_length=2_000)
    conditions = models.TextField(_("付した条件"), max_length=2_000, blank=True)
    letter_number = models.CharField(_("文書番号"), max_length=60, blank=True)
    signatory = models.CharField(_("通知の名義"), max_length=100, blank=True)
    decided_at = models.DateTimeField(_("決定した日時"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    public_text = models.TextField(_("公表する文"), max_length=2_000, blank=True)
    names_proposer = models.BooleanField(_("提案者の名前も公表する"), default=False)
    published_at = models.DateTimeField(_("公表した日時"), null=True, blank=True)

    class Meta:
        ordering = ["-decided_at", "-pk"]
        indexes = [models.Index(fields=["-published_at", "-id"], name="decision_published")]
        constraints = [
            models.CheckConstraint(name="decision_has_its_reason", condition=~Q(sentence="")),
            models.CheckConstraint(
                name="decision_published_has_its_text",
                condition=Q(published_at__isnull=True) | ~Q(public_text=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal} {self.get_verdict_display()}"


class OnwardOffer(models.Model):
    """A declined proposal that may fit elsewhere. It goes there only when the proposer says so."""

    proposal = models.ForeignKey("desk.Proposal", on_delete=models.PROTECT, related_name="onward_offers")
    challenge = models.ForeignKey("exchange.Challenge", on_delete=models.PROTECT, related_name="+")
    why = models.CharField(_("合うと考えた理由"), max_length=500)
    state = models.CharField(_("状態"), max_length=10, choices=OfferState.choices, default=OfferState.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("たずねた日時"))
    answered_by_name = models.CharField(_("返事をした人"), max_length=150, blank=True)
    answered_at = models.DateTimeField(_("返事の日時"), null=True, blank=True)
    consent_text = models.TextField(_("同意した内容"), max_length=1_000, blank=True)
    sent_as = models.OneToOneField(
        "desk.Proposal", on_delete=models.PROTECT, null=True, blank=True, related_name="came_from"
    )

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "challenge"], name="onward_offer_once"),
            models.CheckConstraint(
                name="onward_offer_sent_with_consent",
                condition=Q(sent_as__isnull=True)
                | (Q(state=OfferState.AGREED) & Q(answered_at__isnull=False) & ~Q(consent_text="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal} → {self.challenge}"


class Learned(models.Model):
    """What was declined or stopped and why, without names, checked by a person before others read it."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="learned")
    proposal = models.OneToOneField(
        "desk.Proposal", on_delete=models.PROTECT, null=True, blank=True, related_name="learned"
    )
    ending = models.CharField(_("終わり方"), max_length=10, choices=Ending.choices)
    title = models.CharField(_("題名"), max_length=120)
    tried = models.TextField(_("何をしようとしたか"), max_length=2_000)
    why = models.TextField(_("なぜ進まなかったか"), max_length=2_000)
    advice = models.TextField(_("次に生かせること"), max_length=2_000, blank=True)
    reasons = models.JSONField(_("理由"), default=list)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("書いた日時"))
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(_("公表した日時"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["-written_at", "-pk"]
        indexes = [models.Index(fields=["-published_at", "-id"], name="learned_published")]
        constraints = [
            models.CheckConstraint(
                name="learned_checked_before_published",
                condition=Q(published_at__isnull=True) | Q(checked_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.title
