"""Sparring (壁打ち): questions somebody thinks with. Only the questions are kept; what answers is found anew each time."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class SparringSession(models.Model):
    """A line of thought of one person: a first question and those that narrow it."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sparring_sessions"
    )
    title = models.CharField(_("題名"), max_length=200)
    created_at = models.DateTimeField(_("始めた日時"))
    updated_at = models.DateTimeField(_("最後の問い"))
    deleted_at = models.DateTimeField(_("削除日時"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("壁打ち")
        verbose_name_plural = _("壁打ち")
        ordering = ["-updated_at", "-pk"]
        indexes = [models.Index(fields=["person", "-updated_at", "-id"], name="sparring_of_person")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("sparring:session_detail", args=[self.pk])


class SparringTurn(models.Model):
    """One question. ``changes`` are corrections of how it was understood, by hand."""

    session = models.ForeignKey(SparringSession, on_delete=models.CASCADE, related_name="turns")
    order = models.PositiveSmallIntegerField()
    text = models.CharField(_("問い"), max_length=500)
    changes = models.JSONField(default=dict)
    asked_at = models.DateTimeField(_("日時"))

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["session", "order"], name="sparring_turn_order_once"),
            models.CheckConstraint(name="sparring_turn_asks_something", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return self.text
