"""What comes in with a proposal, and what goes out to the proposer."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enishi.desk.enums import LinkPurpose, MailState, Speaker
from enishi.organizations.models import Organization, Section


def proposal_file_path(file: "ProposalFile", filename: str) -> str:
    """A name of our own: what somebody typed never becomes a path."""
    return f"proposals/{uuid.uuid4().hex}"


class ProposalFileQuerySet(models.QuerySet["ProposalFile"]):
    def kept(self) -> Self:
        return self.filter(removed_at__isnull=True)


class ProposalFile(models.Model):
    """A file of a proposal. A confidential one, its name included, is for those who may read confidential parts."""

    proposal = models.ForeignKey("desk.Proposal", on_delete=models.CASCADE, related_name="files")
    name = models.CharField(_("ファイル名"), max_length=150)
    content_type = models.CharField(_("形式"), max_length=100)
    size = models.PositiveIntegerField(_("大きさ(バイト)"))
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=proposal_file_path, max_length=200)
    is_confidential = models.BooleanField(_("非公開にする"), default=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField(_("追加日時"))
    removed_at = models.DateTimeField(_("外した日時"), null=True, blank=True)

    objects = ProposalFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("提案の添付")
        verbose_name_plural = _("提案の添付")
        ordering = ["added_at", "pk"]

    def __str__(self) -> str:
        return str(_("非公開の添付")) if self.is_confidential else self.name


class ConfidentialGrant(models.Model):
    """Somebody beyond the desk who was given what is confidential in one proposal: a person or a section, and why."""

    proposal = models.ForeignKey("desk.Proposal", on_delete=models.CASCADE, related_name="grants")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    section = models.ForeignKey(Section, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    reason = models.CharField(_("理由"), max_length=300)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    given_at = models.DateTimeField(_("渡した日時"))
    ended_at = models.DateTimeField(_("取りやめた日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("非公開の部分を見せた相手")
        verbose_name_plural = _("非公開の部分を見せた相手")
        constraints = [
            models.CheckConstraint(
                name="grant_names_a_person_or_a_section",
                condition=Q(person__isnull=False, section__isnull=True)
                | Q(person__isnull=True, section__isnull=False),
            ),
            models.CheckConstraint(name="grant_has_a_reason", condition=~Q(reason="")),
        ]
        indexes = [models.Index(fields=["proposal", "ended_at"], name="grant_of_proposal")]

    def __str__(self) -> str:
        return str(self.person or self.section)


class SecretLink(models.Model):
    """An address only its receiver knows. The secret is made from ``nonce`` and the installation's key: only its digest lies here."""

    purpose = models.CharField(max_length=8, choices=LinkPurpose.choices)
    proposal = models.ForeignKey("desk.Proposal", on_delete=models.CASCADE, related_name="links")
    consultation = models.ForeignKey(
        "desk.Consultation", on_delete=models.CASCADE, null=True, blank=True, related_name="links"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    nonce = models.CharField(max_length=32, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["proposal", "purpose"], name="secret_link_of_proposal")]

    def __str__(self) -> str:
        return self.get_purpose_display()


class Letter(models.Model):
    """One e-mail to somebody who has no account, or must be able to answer from the mail; sent by rounds until it is out.

    The secret address of ``link`` is put under the text at the moment of sending: it never lies here.
    """

    proposal = models.ForeignKey("desk.Proposal", on_delete=models.CASCADE, related_name="letters")
    to = models.EmailField(_("あて先"))
    subject = models.CharField(_("件名"), max_length=200)
    body = models.TextField(_("本文"))
    link = models.ForeignKey(SecretLink, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(_("送信"), max_length=8, choices=MailState.choices, default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    again_at = models.DateTimeField(null=True, blank=True)
    written_at = models.DateTimeField(_("作成日時"))
    sent_at = models.DateTimeField(_("送信日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("メール")
        verbose_name_plural = _("メール")
        ordering = ["-written_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "written_at"], name="letter_waiting", condition=Q(state="waiting"))
        ]

    def __str__(self) -> str:
        return str(_("提案者などへのメール"))


class Message(models.Model):
    """A word between the desk and the proposer; both sides read all of them."""

    proposal = models.ForeignKey("desk.Proposal", on_delete=models.CASCADE, related_name="messages")
    side = models.CharField(max_length=8, choices=Speaker.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    body = models.TextField(_("本文"), max_length=4_000)
    written_at = models.DateTimeField(_("日時"))

    class Meta:
        verbose_name = _("やりとり")
        verbose_name_plural = _("やりとり")
        ordering = ["written_at", "pk"]

    def __str__(self) -> str:
        return str(_("やりとり"))


class ReplyTemplate(models.Model):
    """A municipality's own wording of a reply, by the stage it is used in."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="reply_templates")
    title = models.CharField(_("見出し"), max_length=100)
    body = models.TextField(_("文面"), max_length=4_000)
    stage = models.CharField(_("使う段階"), max_length=12, blank=True)
    is_active = models.BooleanField(_("使う"), default=True)
    order = models.PositiveSmallIntegerField(_("並び順"), default=0)

    class Meta:
        verbose_name = _("返信のひな形")
        verbose_name_plural = _("返信のひな形")
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "title"], name="reply_template_named_once")
        ]

    def __str__(self) -> str:
        return self.title
