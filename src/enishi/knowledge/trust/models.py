"""Questions whose right answer is known, and how the answers did night after night."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.knowledge.answers.enums import SpokenLanguage
from enishi.knowledge.documents.models import Collection
from enishi.organizations.models import Organization


class Verdict(models.TextChoices):
    RIGHT = "right", _("正しく答えた")
    WRONG = "wrong", _("誤って答えた")
    REFUSED = "refused", _("答えられるのに断った")
    RIGHTLY_REFUSED = "declined", _("正しく断った")


class InUse(models.Manager["QuestionSet"]):
    """Those that nobody threw away."""

    def get_queryset(self) -> models.QuerySet["QuestionSet"]:
        return super().get_queryset().filter(deleted_at__isnull=True)


class QuestionSet(models.Model):
    """A municipality's own test of its answers, for one collection or for everything residents can be told."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="question_sets")
    collection = models.ForeignKey(
        Collection,
        verbose_name=_("資料集"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    name = models.CharField(_("名前"), max_length=100)
    is_published = models.BooleanField(_("結果を公開する"), default=False)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(_("削除日時"), null=True, blank=True, editable=False)

    everything = models.Manager["QuestionSet"]()
    objects = InUse()

    class Meta:
        verbose_name = _("問題集")
        verbose_name_plural = _("問題集")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                condition=Q(deleted_at__isnull=True),
                name="question_set_name_once",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("trust:set", args=[self.pk])


class TestQuestion(models.Model):
    """``must``: what a right answer literally holds, one a line; nothing there means that the right answer is a refusal."""

    __test__ = False

    question_set = models.ForeignKey(QuestionSet, on_delete=models.CASCADE, related_name="questions")
    question = models.CharField(_("質問"), max_length=300)
    language = models.CharField(
        max_length=10, choices=SpokenLanguage.choices, default=SpokenLanguage.JAPANESE
    )
    must = models.TextField(_("答えに必ず含む言葉"), max_length=1_000, blank=True)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("問題")
        verbose_name_plural = _("問題")
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["question_set", "question"], name="test_question_once")
        ]

    def __str__(self) -> str:
        return self.question

    @property
    def parts(self) -> list[str]:
        return [line.strip() for line in self.must.splitlines() if line.strip()]


class TestRun(models.Model):
    """One night's result."""

    __test__ = False

    question_set = models.ForeignKey(QuestionSet, on_delete=models.CASCADE, related_name="runs")
    at = models.DateTimeField()
    total = models.PositiveIntegerField()
    right = models.PositiveIntegerField()
    wrong = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    rightly_refused = models.PositiveIntegerField()
    unsupported = models.PositiveIntegerField(_("裏付けのない文"), default=0)
    sentences = models.PositiveIntegerField(_("答えの文"), default=0)
    embedder = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("評価の結果")
        verbose_name_plural = _("評価の結果")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["question_set", "-at"], name="test_run_trend")]
        constraints = [
            models.CheckConstraint(
                name="test_run_adds_up",
                condition=Q(total=F("right") + F("wrong") + F("refused") + F("rightly_refused")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.question_set} {self.at:%Y-%m-%d}"

    @property
    def answered(self) -> int:
        return self.right + self.wrong


class TestResult(models.Model):
    """What became of one question in the latest runs."""

    __test__ = False

    run = models.ForeignKey(TestRun, on_delete=models.CASCADE, related_name="results")
    question = models.ForeignKey(TestQuestion, on_delete=models.CASCADE, related_name="+")
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    answer = models.TextField(blank=True)
    confidence = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "question"], name="test_result_once")]

    def __str__(self) -> str:
        return self.verdict
