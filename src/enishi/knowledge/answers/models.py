"""Approved answers and their translations, what was asked, and what models were used for."""

import datetime as dt
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.knowledge.answers.enums import (
    AnswerStatus,
    Channel,
    ClusterStatus,
    Helpful,
    ImportStatus,
    ModelKind,
    Outcome,
    SpokenLanguage,
)
from enishi.knowledge.documents.models import Document
from enishi.organizations.models import Organization, OwnedQuerySet, OwnedRecord, Section


def _resting_on_old(on: dt.date) -> models.QuerySet[Any, Any]:
    """Keys of the answers that rest on a document that holds no longer."""
    holding = Document.objects.current(on).filter(deleted_at__isnull=True)
    rested = ApprovedAnswer.source_documents.through.objects.exclude(document__in=holding)
    return rested.values("approvedanswer_id")


class ApprovedAnswerQuerySet(OwnedQuerySet["ApprovedAnswer"]):
    not_yet_shared = ~Q(status=AnswerStatus.APPROVED)

    def in_force(self, on: dt.date) -> Self:
        """Approved and valid on this day: what residents may be told."""
        return (
            self.filter(status=AnswerStatus.APPROVED, deleted_at__isnull=True)
            .filter(Q(valid_from__isnull=True) | Q(valid_from__lte=on))
            .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
        )

    def to_review(self, on: dt.date) -> Self:
        """Approved, and its day has come or a document it rests on no longer holds."""
        due = Q(review_on__lte=on) | Q(pk__in=_resting_on_old(on))
        return self.filter(due, status=AnswerStatus.APPROVED, deleted_at__isnull=True)

    def resting_on_old(self, on: dt.date) -> Self:
        """Those with a source that was replaced, ran out or was thrown away."""
        return self.filter(pk__in=_resting_on_old(on))


class ApprovedAnswer(OwnedRecord):
    """A question and the answer an office stands for. Who approves is never who wrote the last word."""

    question = models.CharField(_("質問"), max_length=300)
    other_questions = models.TextField(
        _("別の聞き方"), max_length=2_000, blank=True, help_text=_("1行に一つ。探すときに使います。")
    )
    answer = models.TextField(_("回答"), max_length=4_000)
    category = models.CharField(_("分類"), max_length=60, blank=True)
    status = models.CharField(
        _("状態"), max_length=10, choices=AnswerStatus.choices, default=AnswerStatus.DRAFT
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("担当者"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_answers",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("書いた人"), on_delete=models.PROTECT, related_name="+"
    )
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("承認した人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    approved_at = models.DateTimeField(_("承認日時"), null=True, blank=True)
    valid_from = models.DateField(_("有効期間(始まり)"), null=True, blank=True)
    valid_to = models.DateField(_("有効期間(終わり)"), null=True, blank=True)
    review_on = models.DateField(_("見直し日"))
    reminded_on = models.DateField(_("見直しを知らせた日"), null=True, blank=True, editable=False)
    sources = models.JSONField(_("もとの資料"), default=list, blank=True)
    source_documents = models.ManyToManyField(
        Document, verbose_name=_("もとの資料"), blank=True, related_name="approved_answers"
    )
    import_key = models.CharField(_("取り込みの番号"), max_length=80, blank=True)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = ApprovedAnswerQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("承認済み回答")
        verbose_name_plural = _("承認済み回答")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                name="answer_approver_is_not_author",
                condition=Q(approver__isnull=True) | ~Q(approver=F("author")),
            ),
            models.CheckConstraint(
                name="answer_approved_by_somebody",
                condition=~Q(status=AnswerStatus.APPROVED)
                | (Q(approver__isnull=False) & Q(approved_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="answer_validity_ends_after_it_begins",
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
            ),
            models.UniqueConstraint(
                fields=["organization", "import_key"],
                condition=~Q(import_key=""),
                name="answer_import_key_once",
            ),
        ]
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="answer_recent"),
            models.Index(fields=["organization", "status", "-id"], name="answer_of_owner"),
            models.Index(fields=["status", "review_on"], name="answer_to_review"),
        ]

    def __str__(self) -> str:
        return self.question

    def get_absolute_url(self) -> str:
        return reverse("answers:answer", args=[self.pk])

    @property
    def asked_as(self) -> list[str]:
        """Every way to ask it."""
        others = [line.strip() for line in self.other_questions.splitlines()]
        return [self.question, *(line for line in others if line)]

    def is_overdue(self, on: dt.date) -> bool:
        """Whether the day to look at it again has passed."""
        return self.review_on < on

    def is_in_force(self, on: dt.date) -> bool:
        begun = self.valid_from is None or self.valid_from <= on
        lasts = self.valid_to is None or self.valid_to >= on
        return self.status == AnswerStatus.APPROVED and begun and lasts and self.deleted_at is None


class AnswerTranslation(models.Model):
    """An answer in another language, made for one version of the Japanese; it is used once a person has approved it."""

    answer = models.ForeignKey(ApprovedAnswer, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("言語"), max_length=10, choices=SpokenLanguage.choices)
    question_text = models.CharField(_("質問"), max_length=600)
    answer_text = models.TextField(_("回答"), max_length=8_000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_by_model = models.CharField(_("訳したモデル"), max_length=120, blank=True)
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(_("承認日時"), null=True, blank=True)
    of_text = models.CharField(_("もとの文の印"), max_length=64)
    updated_at = models.DateTimeField(_("更新日時"))

    class Meta:
        verbose_name = _("訳文")
        verbose_name_plural = _("訳文")
        ordering = ["answer", "language"]
        constraints = [
            models.UniqueConstraint(fields=["answer", "language"], name="answer_translation_once"),
            models.CheckConstraint(
                name="answer_translation_is_no_japanese", condition=~Q(language=SpokenLanguage.JAPANESE)
            ),
            models.CheckConstraint(
                name="answer_translation_approver_is_not_author",
                condition=Q(approver__isnull=True) | Q(author__isnull=True) | ~Q(approver=F("author")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answer} ({self.get_language_display()})"


class AnswerVector(models.Model):
    """What one way of asking means, to one embedder. Made again when the text or the embedder changes."""

    answer = models.ForeignKey(ApprovedAnswer, on_delete=models.CASCADE, related_name="vectors")
    content_hash = models.CharField(max_length=64)
    embedder = models.CharField(max_length=120)
    vector = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["answer", "content_hash", "embedder"], name="answer_vector_once")
        ]


class QuestionCluster(models.Model):
    """Questions without an answer that ask for the same: something for a section to write."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="question_clusters")
    section = models.ForeignKey(
        Section, verbose_name=_("担当課"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    title = models.CharField(_("代表の質問"), max_length=500)
    count = models.PositiveIntegerField(_("件数"), default=0)
    first_at = models.DateTimeField(_("最初"))
    last_at = models.DateTimeField(_("最後"))
    status = models.CharField(
        _("状態"), max_length=10, choices=ClusterStatus.choices, default=ClusterStatus.OPEN
    )
    answer = models.ForeignKey(
        ApprovedAnswer, on_delete=models.SET_NULL, null=True, blank=True, related_name="clusters"
    )
    vector = models.BinaryField(null=True)
    embedder = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("答えられなかった質問のまとまり")
        verbose_name_plural = _("答えられなかった質問のまとまり")
        ordering = ["-count", "-pk"]
        indexes = [
            models.Index(fields=["organization", "status", "-count", "-id"], name="question_cluster_todo")
        ]

    def __str__(self) -> str:
        return self.title


class AskedQuestion(models.Model):
    """A question as it may be kept: masked, without the person, the address or anything else of who asked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="asked_questions")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    language = models.CharField(max_length=10, choices=SpokenLanguage.choices)
    text = models.CharField(_("質問(伏せ字)"), max_length=600, blank=True)
    masked_kinds = models.JSONField(_("伏せたもの"), default=list)
    outcome = models.CharField(_("結果"), max_length=10, choices=Outcome.choices)
    reason = models.CharField(max_length=20, blank=True)
    confidence = models.FloatField(null=True)
    answer = models.ForeignKey(
        ApprovedAnswer, on_delete=models.SET_NULL, null=True, blank=True, related_name="asked"
    )
    section = models.ForeignKey(Section, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    cluster = models.ForeignKey(
        QuestionCluster, on_delete=models.SET_NULL, null=True, blank=True, related_name="questions"
    )
    dropped_sentences = models.PositiveIntegerField(_("裏付けがなく除いた文"), default=0)
    model = models.CharField(max_length=120, blank=True)
    elapsed_ms = models.PositiveIntegerField(default=0)
    helpful = models.CharField(max_length=3, choices=Helpful.choices, blank=True)
    comment = models.CharField(_("ひとこと(伏せ字)"), max_length=600, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("寄せられた質問")
        verbose_name_plural = _("寄せられた質問")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["organization", "-at", "-id"], name="asked_question_recent"),
            models.Index(fields=["organization", "outcome", "-at"], name="asked_question_outcome"),
        ]

    def __str__(self) -> str:
        return self.text


class AnswerImport(models.Model):
    """A file of questions and answers: looked at first, brought in when somebody says so."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    filename = models.CharField(_("ファイル名"), max_length=200)
    status = models.CharField(max_length=10, choices=ImportStatus.choices, default=ImportStatus.LOOKED_AT)
    rows = models.JSONField(default=list)
    faults = models.JSONField(default=list)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("よくある質問の取り込み")
        verbose_name_plural = _("よくある質問の取り込み")

    def __str__(self) -> str:
        return self.filename


class ModelUse(models.Model):
    """What one organisation asked of one model in one month."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="model_uses")
    month = models.DateField(_("月"), help_text=_("その月の1日"))
    kind = models.CharField(_("使いみち"), max_length=10, choices=ModelKind.choices)
    model = models.CharField(_("モデル"), max_length=120)
    calls = models.PositiveIntegerField(_("呼び出し"), default=0)
    failures = models.PositiveIntegerField(_("失敗"), default=0)
    prompt_tokens = models.PositiveBigIntegerField(_("読ませたトークン"), default=0)
    completion_tokens = models.PositiveBigIntegerField(_("書かせたトークン"), default=0)
    cost_micro_yen = models.PositiveBigIntegerField(_("費用(百万分の1円)"), default=0)

    class Meta:
        verbose_name = _("モデルの利用")
        verbose_name_plural = _("モデルの利用")
        ordering = ["-month", "kind", "model"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "month", "kind", "model"], name="model_use_once_a_month"
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.model}"

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    @property
    def cost_yen(self) -> int:
        """Whole yen, rounded up: a bill is never lower than what is shown."""
        return -(-self.cost_micro_yen // 1_000_000)


class ModelLimit(models.Model):
    """How much an organisation lets models write in a month; without a row, what the installation allows."""

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, related_name="model_limit")
    tokens_a_month = models.PositiveBigIntegerField(_("1か月のトークンの上限"))
    allows_generation = models.BooleanField(_("文の生成を使う"), default=True)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("モデルの上限")
        verbose_name_plural = _("モデルの上限")

    def __str__(self) -> str:
        return str(self.organization)
