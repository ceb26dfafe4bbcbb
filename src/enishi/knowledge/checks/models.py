"""Checks of applications (申請の点検): checklists in versions, what they found, and what a person decided."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.foundation.sentences import kept_in_words
from enishi.knowledge.checks.enums import Decision
from enishi.organizations.models import OwnedQuerySet, OwnedRecord


def check_file_path(record: Any, filename: str) -> str:
    """A name of our own: what somebody typed never becomes a path."""
    return f"checks/{uuid.uuid4().hex}"


class ChecklistQuerySet(OwnedQuerySet["Checklist"]):
    pass


class Checklist(OwnedRecord):
    """What a section looks at before it accepts a form."""

    title = models.CharField(_("題名"), max_length=120)
    purpose = models.TextField(_("どの申請を点検するか"), max_length=2_000, blank=True)
    is_active = models.BooleanField(_("使う"), default=True)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = ChecklistQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("点検表")
        verbose_name_plural = _("点検表")
        ordering = ["-updated_at", "-pk"]
        indexes = [models.Index(fields=["organization", "-updated_at", "-id"], name="checklist_of_owner")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("checks:checklist_detail", args=[self.pk])


class ChecklistVersion(models.Model):
    """The rules as they stood: a finding always names the version it was made with. Never changed once used."""

    checklist = models.ForeignKey(Checklist, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("版"))
    rules = models.JSONField(_("決まり"), default=list)
    note = models.CharField(_("変えた理由"), max_length=300, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField(_("作成日時"))

    class Meta:
        verbose_name = _("点検表の版")
        verbose_name_plural = _("点検表の版")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["checklist", "number"], name="checklist_version_once"),
            models.CheckConstraint(name="checklist_version_from_one", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return str(_("第%(number)d版") % {"number": self.number})


class CheckBatch(OwnedRecord):
    """Many forms checked at once, as a job."""

    version_used = models.ForeignKey(
        ChecklistVersion, verbose_name=_("点検表の版"), on_delete=models.PROTECT, related_name="batches"
    )
    title = models.CharField(_("題名"), max_length=150)
    file = models.FileField(upload_to=check_file_path, max_length=200, blank=True)
    job = models.ForeignKey("foundation.Job", on_delete=models.SET_NULL, null=True, related_name="+")
    refused = models.JSONField(_("読めなかったファイル"), default=list)

    objects = OwnedQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("まとめて点検")
        verbose_name_plural = _("まとめて点検")
        ordering = ["-updated_at", "-pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("checks:batch_detail", args=[self.pk])


class CheckRunQuerySet(OwnedQuerySet["CheckRun"]):
    pass


class CheckRun(OwnedRecord):
    """One form against one version of a checklist: what each rule found, and beside it what a person decided."""

    version_used = models.ForeignKey(
        ChecklistVersion, verbose_name=_("点検表の版"), on_delete=models.PROTECT, related_name="runs"
    )
    batch = models.ForeignKey(
        CheckBatch,
        verbose_name=_("まとめて点検"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="runs",
    )
    title = models.CharField(_("申請の名前"), max_length=150)
    filename = models.CharField(_("ファイル名"), max_length=150, blank=True)
    attachments = models.JSONField(_("添付"), default=list)
    values = models.JSONField(_("読み取った値"), default=dict)
    findings = models.JSONField(_("点検の結果"), default=list)
    met = models.PositiveSmallIntegerField(_("満たす"), default=0)
    not_met = models.PositiveSmallIntegerField(_("満たさない"), default=0)
    unread = models.PositiveSmallIntegerField(_("読み取れない"), default=0)
    decision = models.CharField(
        _("判断"), max_length=8, choices=Decision.choices, default=Decision.NONE, blank=True
    )
    decision_note = models.CharField(_("判断の理由"), max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("判断した人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("判断した日時"), null=True, blank=True)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = CheckRunQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("点検")
        verbose_name_plural = _("点検")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                name="check_run_decided_by_a_person",
                condition=Q(decision=Decision.NONE) | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["organization", "-updated_at", "-id"], name="check_run_of_owner")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("checks:run_detail", args=[self.pk])

    @property
    def decision_tone(self) -> str:
        return Decision(self.decision).tone

    @property
    def findings_in_words(self) -> list[dict[str, Any]]:
        """What each rule found, in the language of the reader; results kept before that stay as they were written."""
        return [_in_words(finding, "reason", "place") for finding in self.findings]

    @property
    def values_in_words(self) -> dict[str, dict[str, Any]]:
        return {name: _in_words(value, "place") for name, value in self.values.items()}


def _in_words(told: dict[str, Any], *names: str) -> dict[str, Any]:
    return {**told, **{name: kept_in_words(told.get("said", {}), name, told[name]) for name in names}}
