"""Messages to people, and how they want them."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from enishi.foundation.sentences import kept_in_words
from enishi.notifications.enums import MailMode, MailState


class NoticeQuerySet(models.QuerySet["Notice"]):
    def of(self, person: object) -> Self:
        return self.filter(person_id=getattr(person, "pk", None), on_page=True)

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """One message to one person. ``url`` is an address of this site."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(_("種類"), max_length=40)
    title = models.CharField(_("題名"), max_length=200)
    body = models.TextField(_("本文"), blank=True)
    said = models.JSONField(default=dict, blank=True)
    """Title and body in the other languages, as far as they differ."""
    url = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(_("日時"))
    on_page = models.BooleanField(default=True)
    read_at = models.DateTimeField(_("読んだ日時"), null=True, blank=True)
    mail = models.CharField(max_length=10, choices=MailState.choices, default=MailState.NONE)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_again_at = models.DateTimeField(null=True, blank=True)
    mail_error = models.CharField(max_length=300, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("お知らせ")
        verbose_name_plural = _("お知らせ")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["person", "-at", "-id"], name="notice_of_person"),
            models.Index(
                fields=["mail", "at"],
                name="notice_mail_waiting",
                condition=models.Q(mail__in=[MailState.AT_ONCE, MailState.DAILY]),
            ),
        ]

    def __str__(self) -> str:
        return self.title_in_words

    @property
    def title_in_words(self) -> str:
        return kept_in_words(self.said, "title", self.title)

    @property
    def body_in_words(self) -> str:
        return kept_in_words(self.said, "body", self.body)


class Preference(models.Model):
    """How one person wants one kind of notice."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_preferences"
    )
    kind = models.CharField(max_length=40)
    on_page = models.BooleanField(_("画面に出す"), default=True)
    mail = models.CharField(_("メール"), max_length=10, choices=MailMode.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="preference_one_per_kind")]

    def __str__(self) -> str:
        return self.kind
