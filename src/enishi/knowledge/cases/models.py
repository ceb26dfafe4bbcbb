"""The case library (事例集) and what a new arrival learns from it."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.knowledge.cases.enums import CaseOutcome, ImportState, Verification
from enishi.organizations.models import Organization, OwnedQuerySet, OwnedRecord


def case_file_path(file: Any, filename: str) -> str:
    """A name of our own: what somebody typed never becomes a path."""
    return f"cases/{uuid.uuid4().hex}"


class CaseQuerySet(OwnedQuerySet["Case"]):
    pass


class Case(OwnedRecord):
    """What was tried somewhere, how it ended, why, and what has to be so for it to work elsewhere."""

    title = models.CharField(_("題名"), max_length=120)
    situation = models.TextField(_("状況"), max_length=4_000)
    action = models.TextField(_("したこと"), max_length=4_000)
    result = models.TextField(_("結果"), max_length=4_000)
    outcome = models.CharField(_("うまくいったか"), max_length=8, choices=CaseOutcome.choices)
    cause = models.TextField(_("そうなった理由"), max_length=4_000, blank=True)
    lesson = models.TextField(_("教訓(一つずつ改行して)"), max_length=4_000, blank=True)
    transfer = models.TextField(_("ほかの地域で使うための条件"), max_length=4_000, blank=True)
    place = models.CharField(_("場所"), max_length=100, blank=True)
    prefecture_code = models.CharField(_("都道府県"), max_length=2, blank=True)
    partner = models.CharField(_("相手"), max_length=200, blank=True)
    fields = models.JSONField(_("分野"), default=list, blank=True)
    themes = models.JSONField(_("テーマ"), default=list, blank=True)
    figures = models.JSONField(_("数字"), default=list, blank=True)
    started_on = models.DateField(_("始まり"), null=True, blank=True)
    ended_on = models.DateField(_("終わり"), null=True, blank=True)
    source_note = models.CharField(_("出典"), max_length=300, blank=True)
    source_url = models.URLField(_("出典のアドレス"), max_length=500, blank=True)
    verification = models.CharField(
        _("確認の状態"), max_length=12, choices=Verification.choices, default=Verification.UNVERIFIED
    )
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("確認した人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    verified_on = models.DateField(_("確認した日"), null=True, blank=True)
    contributed_kind = models.CharField(_("元の記録の種類"), max_length=60, blank=True, editable=False)
    contributed_key = models.BigIntegerField(_("元の記録"), null=True, blank=True, editable=False)
    contributed_url = models.CharField(max_length=300, blank=True, editable=False)
    import_key = models.CharField(_("取込キー"), max_length=100, blank=True, editable=False)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("事例")
        verbose_name_plural = _("事例")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                name="case_ends_after_it_begins",
                condition=Q(started_on__isnull=True)
                | Q(ended_on__isnull=True)
                | Q(ended_on__gte=F("started_on")),
            ),
            models.CheckConstraint(
                name="case_confirmed_by_somebody",
                condition=~Q(verification=Verification.CONFIRMED) | Q(verified_on__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["organization", "import_key"],
                condition=~Q(import_key=""),
                name="case_import_key_once_per_owner",
            ),
            models.UniqueConstraint(
                fields=["organization", "contributed_kind", "contributed_key"],
                condition=~Q(contributed_kind=""),
                name="case_contributed_once_per_owner",
            ),
        ]
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="case_recent"),
            models.Index(fields=["organization", "-updated_at", "-id"], name="case_of_owner"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("cases:case_detail", args=[self.pk])

    @property
    def lessons(self) -> list[str]:
        """One lesson a line, without the marks people put in front."""
        lines = (line.strip().lstrip("・-*●○■□①②③④⑤⑥⑦⑧⑨ 　") for line in self.lesson.splitlines())
        return [line for line in lines if line]

    @property
    def outcome_tone(self) -> str:
        return CaseOutcome(self.outcome).tone

    @property
    def verification_tone(self) -> str:
        return Verification(self.verification).tone


class CaseStep(models.Model):
    """What was done in which order: the way somebody goes who meets the same thing."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField(_("順"), default=0)
    title = models.CharField(_("すること"), max_length=120)
    detail = models.TextField(_("くわしく"), max_length=2_000, blank=True)
    who = models.CharField(_("だれが"), max_length=100, blank=True)
    days = models.PositiveSmallIntegerField(_("かかった日数"), null=True, blank=True)
    document = models.ForeignKey(
        "knowledge.Document",
        verbose_name=_("使った文書"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("手順")
        verbose_name_plural = _("手順")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.title


class CaseFile(models.Model):
    """A letter, a form, a minute: read by whoever may read the case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="files")
    step = models.ForeignKey(
        CaseStep,
        verbose_name=_("手順"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="files",
    )
    name = models.CharField(_("ファイル名"), max_length=150)
    content_type = models.CharField(_("形式"), max_length=100)
    size = models.PositiveIntegerField(_("大きさ(バイト)"))
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=case_file_path, max_length=200)
    text = models.TextField(_("文書の文字"), blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField(_("追加日時"))
    removed_at = models.DateTimeField(_("外した日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("事例の文書")
        verbose_name_plural = _("事例の文書")
        ordering = ["added_at", "pk"]

    def __str__(self) -> str:
        return self.name


class CaseSource(models.Model):
    """Where a case is told: a place on the web, or a passage of a document kept here."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="sources")
    label = models.CharField(_("資料の名前"), max_length=200)
    url = models.CharField(_("アドレス"), max_length=500, blank=True)
    quote = models.TextField(_("引用"), max_length=2_000, blank=True)
    document = models.ForeignKey(
        "knowledge.Document",
        verbose_name=_("資料"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    passage_order = models.PositiveIntegerField(_("資料の箇所"), null=True, blank=True)

    class Meta:
        verbose_name = _("事例の資料")
        verbose_name_plural = _("事例の資料")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.label


class CaseReading(models.Model):
    """What a case's text says, as ranking reads it: a copy that can always be made again.

    ``words``: normal forms of its words, one a line. ``vector``: float32 of the model ``embedder``.
    """

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True, related_name="reading")
    content_hash = models.CharField(max_length=64)
    words = models.TextField(blank=True)
    embedder = models.CharField(max_length=120, blank=True)
    vector = models.BinaryField(null=True)


class CaseImport(models.Model):
    """A file of cases that somebody brings in: looked at first, saved when they say so."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    filename = models.CharField(_("ファイル名"), max_length=150)
    file = models.FileField(upload_to=case_file_path, max_length=200)
    visibility = models.CharField(_("公開範囲"), max_length=10)
    state = models.CharField(
        _("状態"), max_length=8, choices=ImportState.choices, default=ImportState.LOOKING
    )
    preview = models.JSONField(default=dict)
    written = models.JSONField(default=list)
    """What was written, to be taken back: case, version afterwards, and the values before (nothing for a new case)."""
    left = models.PositiveIntegerField(_("取り消せなかった件数"), default=0)
    job = models.ForeignKey("foundation.Job", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("日時"))

    class Meta:
        verbose_name = _("事例の取り込み")
        verbose_name_plural = _("事例の取り込み")
        ordering = ["-created_at"]


class LearningPathQuerySet(OwnedQuerySet["LearningPath"]):
    pass


class LearningPath(OwnedRecord):
    """What somebody new in a section reads, in which order."""

    title = models.CharField(_("題名"), max_length=120)
    purpose = models.TextField(_("ねらい"), max_length=2_000, blank=True)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = LearningPathQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("学びの道筋")
        verbose_name_plural = _("学びの道筋")
        ordering = ["-updated_at", "-pk"]
        indexes = [models.Index(fields=["organization", "section"], name="learning_path_of_section")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("cases:path_detail", args=[self.pk])


class LearningItem(models.Model):
    """One thing to read: a case, or anything with an address."""

    path = models.ForeignKey(LearningPath, on_delete=models.CASCADE, related_name="items")
    order = models.PositiveSmallIntegerField(default=0)
    case = models.ForeignKey(
        Case, verbose_name=_("事例"), on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    document = models.ForeignKey(
        "knowledge.Document",
        verbose_name=_("資料"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    title = models.CharField(_("読むもの"), max_length=150)
    url = models.CharField(_("アドレス"), max_length=500, blank=True)
    note = models.CharField(_("どこに目を向けるか"), max_length=300, blank=True)
    minutes = models.PositiveSmallIntegerField(_("めやすの分"), default=10)

    class Meta:
        verbose_name = _("読むもの")
        verbose_name_plural = _("読むもの")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.title


class ReadMark(models.Model):
    """Somebody has read an item. It is theirs: nobody else is shown who has read what."""

    item = models.ForeignKey(LearningItem, on_delete=models.CASCADE, related_name="marks")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "person"], name="read_mark_once")]
