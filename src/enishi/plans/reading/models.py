"""A document that was read, and each item found in it with its place in the text."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.organizations.models import OwnedQuerySet, OwnedRecord
from enishi.plans.reading.enums import TAKEN, Choice, ItemKind, ReadingState


def reading_path(reading: "Reading", filename: str) -> str:
    """A name of our own: what somebody typed never becomes a path."""
    return f"plans/reading/{uuid.uuid4().hex}"


class ReadingQuerySet(OwnedQuerySet["Reading"]):
    not_yet_shared = Q(pk__isnull=False)

    def kept(self) -> Self:
        return self.filter(deleted_at__isnull=True)


class Reading(OwnedRecord):
    """A policy document on its way into the plan. ``text`` is what was read: every place counts in it."""

    title = models.CharField(_("文書の名前"), max_length=200)
    file = models.FileField(upload_to=reading_path, max_length=200)
    file_name = models.CharField(_("ファイル名"), max_length=200)
    sha256 = models.CharField(max_length=64)
    form = models.CharField(_("形式"), max_length=20, blank=True, editable=False)
    text = models.TextField(blank=True, editable=False)
    state = models.CharField(
        _("状態"),
        max_length=10,
        choices=ReadingState.choices,
        default=ReadingState.WAITING,
        editable=False,
    )
    not_found = models.JSONField(_("見つからなかったもの"), default=list, blank=True, editable=False)
    failure = models.CharField(max_length=500, blank=True, editable=False)
    job = models.ForeignKey(
        "foundation.Job", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    plan_version = models.ForeignKey(
        "plans.PlanVersion",
        verbose_name=_("書き込み先の計画の版"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="readings",
    )
    written_at = models.DateTimeField(_("書き込んだ日時"), null=True, blank=True, editable=False)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    made = models.JSONField(_("書き込んだもの"), default=dict, blank=True, editable=False)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = ReadingQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("読み込んだ文書")
        verbose_name_plural = _("読み込んだ文書")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                name="reading_written_by_somebody",
                condition=~Q(state="written") | Q(written_at__isnull=False, written_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "-updated_at"], name="reading_of_house"),
            models.Index(fields=["organization", "sha256"], name="reading_same_file"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("plans:reading_detail", args=[self.pk])

    @property
    def tone(self) -> str:
        return ReadingState(self.state).tone

    @property
    def is_open(self) -> bool:
        return self.state == ReadingState.READ


class ReadingItem(models.Model):
    """Something the engine found. ``data`` is its answer and never changes; ``edited`` is what a person made of it."""

    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(_("種類"), max_length=10, choices=ItemKind.choices)
    order = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    title = models.CharField(_("内容"), max_length=1_000)
    data = models.JSONField(default=dict)
    edited = models.JSONField(default=dict, blank=True)
    unsure = models.CharField(_("不確かな点"), max_length=300, blank=True)
    choice = models.CharField(_("判断"), max_length=8, choices=Choice.choices, default=Choice.PENDING)
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    chosen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("読み取ったもの")
        verbose_name_plural = _("読み取ったもの")
        ordering = ["reading_id", "order"]
        constraints = [
            models.UniqueConstraint(fields=["reading", "order"], name="reading_item_order_once"),
            models.CheckConstraint(name="reading_item_stands_in_the_text", condition=Q(end__gte=F("start"))),
            models.CheckConstraint(
                name="reading_item_chosen_by_somebody",
                condition=Q(choice="pending") | Q(chosen_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["reading", "kind", "order"], name="reading_item_of_kind")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_taken(self) -> bool:
        return self.choice in TAKEN

    @property
    def words(self) -> str:
        """The title as a person left it."""
        return str(self.edited.get("title") or self.title)

    def value(self, name: str) -> Any:
        return self.edited[name] if name in self.edited else self.data.get(name)
