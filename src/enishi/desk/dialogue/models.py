"""Meetings with minutes and homework, and the notes that stay inside the office."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from enishi.desk.enums import Speaker


class Meeting(models.Model):
    """A talk about a proposal. The minutes are for both sides once shared; the internal note never is."""

    proposal = models.ForeignKey("desk.Proposal", on_delete=models.CASCADE, related_name="meetings")
    held_on = models.DateField(_("日にち"))
    place = models.CharField(_("場所・方法"), max_length=200, blank=True)
    attendees = models.TextField(_("出席者"), max_length=1_000)
    minutes = models.TextField(_("話したこと"), max_length=8_000)
    decisions = models.TextField(_("決まったこと"), max_length=2_000, blank=True)
    internal_note = models.TextField(_("庁内メモ"), max_length=4_000, blank=True)
    is_shared = models.BooleanField(_("提案者に見せる"), default=False)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("記録した日時"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("打合せ")
        verbose_name_plural = _("打合せ")
        ordering = ["-held_on", "-pk"]
        indexes = [models.Index(fields=["proposal", "-held_on", "-id"], name="meeting_of_proposal")]

    def __str__(self) -> str:
        return f"{self.proposal} {self.held_on}"


class Homework(models.Model):
    """What one side promised at a meeting, and by when."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="homework")
    side = models.CharField(_("どちらの宿題か"), max_length=8, choices=Speaker.choices)
    owner_name = models.CharField(_("担当"), max_length=100)
    what = models.CharField(_("すること"), max_length=300)
    due_on = models.DateField(_("期限"))
    done_at = models.DateTimeField(_("済んだ日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("宿題")
        verbose_name_plural = _("宿題")
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["done_at", "due_on"], name="homework_open_by_day")]

    def __str__(self) -> str:
        return self.what


class InternalNote(models.Model):
    """A note inside the office about a proposal. The proposer never reads it."""

    proposal = models.ForeignKey("desk.Proposal", on_delete=models.CASCADE, related_name="internal_notes")
    body = models.TextField(_("庁内メモ"), max_length=4_000)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("書いた日時"))

    class Meta:
        verbose_name = _("庁内メモ")
        verbose_name_plural = _("庁内メモ")
        ordering = ["-written_at", "-pk"]
        indexes = [models.Index(fields=["proposal", "-written_at", "-id"], name="internal_note_of_proposal")]

    def __str__(self) -> str:
        return str(_("庁内メモ"))
