"""E-mail to people without an account that belongs to no proposal: applicants of a sounding, askers of a call."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enishi.desk.enums import MailState
from enishi.organizations.models import Organization


class Posting(models.Model):
    """One letter, tried again until it is out. ``organization`` is the office that sends it and sees it fail."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    to = models.EmailField(_("あて先"))
    subject = models.CharField(_("件名"), max_length=200)
    body = models.TextField(_("本文"))
    state = models.CharField(_("送信"), max_length=8, choices=MailState.choices, default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    again_at = models.DateTimeField(null=True, blank=True)
    written_at = models.DateTimeField(_("作成日時"))
    sent_at = models.DateTimeField(_("送信日時"), null=True, blank=True)

    class Meta:
        ordering = ["-written_at", "-pk"]
        indexes = [models.Index(fields=["written_at"], name="posting_waiting", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return str(_("メール"))
