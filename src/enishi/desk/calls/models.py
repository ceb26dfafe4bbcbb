"""Calls for proposals, their criteria, and the questions everybody may read the answers to."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.desk.calls.enums import CallStatus
from enishi.organizations.models import OwnedQuerySet, OwnedRecord


class CallQuerySet(OwnedQuerySet["Call"]):
    not_yet_shared = Q(status=CallStatus.DRAFT)

    def accepting(self, at: dt.datetime) -> Self:
        return self.filter(status=CallStatus.OPEN, deadline__gt=at)


class Call(OwnedRecord):
    """One or more challenges shown to everybody, with what is asked and until when."""

    title = models.CharField(_("題名"), max_length=120)
    purpose = models.TextField(_("募集の目的"), max_length=4_000)
    asks = models.TextField(_("提案してほしいこと"), max_length=4_000)
    conditions = models.TextField(_("応募の条件"), max_length=2_000, blank=True)
    flow = models.TextField(_("募集のあとの流れ"), max_length=2_000, blank=True)
    challenges = models.ManyToManyField("exchange.Challenge", verbose_name=_("課題"), related_name="calls")
    budget_yen = models.PositiveBigIntegerField(_("予算の上限(円)"), null=True, blank=True)
    deadline = models.DateTimeField(_("応募の締切"))
    questions_until = models.DateField(_("質問の締切"), null=True, blank=True)
    answers_by = models.DateField(_("回答の予定日"), null=True, blank=True)
    result_by = models.DateField(_("結果を知らせる予定日"), null=True, blank=True)
    contact_name = models.CharField(_("問い合わせ先"), max_length=150, blank=True)
    status = models.CharField(_("状態"), max_length=10, choices=CallStatus.choices, default=CallStatus.DRAFT)
    status_reason = models.CharField(_("状態の理由"), max_length=500, blank=True)
    published_at = models.DateTimeField(_("公開日時"), null=True, blank=True)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = CallQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("募集")
        verbose_name_plural = _("募集")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                name="call_published_at_set_once_shared",
                condition=Q(status=CallStatus.DRAFT) | Q(published_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["status", "deadline", "id"], name="call_by_deadline"),
            models.Index(fields=["organization", "-updated_at", "-id"], name="call_of_owner"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("desk:call_detail", args=[self.pk])

    def accepts(self, at: dt.datetime) -> bool:
        return self.status == CallStatus.OPEN and at < self.deadline

    def takes_questions(self, on: dt.date, at: dt.datetime) -> bool:
        return self.accepts(at) and (self.questions_until is None or on <= self.questions_until)


class CallCriterion(models.Model):
    """What the proposals will be judged by. The weight is in points; only the shares between them matter."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="criteria")
    name = models.CharField(_("観点"), max_length=60)
    description = models.CharField(_("何を見るか"), max_length=300, blank=True)
    weight = models.PositiveSmallIntegerField(_("重み"))
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["call", "name"], name="call_criterion_named_once"),
            models.CheckConstraint(
                name="call_criterion_weight_in_range", condition=Q(weight__gte=1) & Q(weight__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CallQuestion(models.Model):
    """A question about a call. What the public sees is the text and the answer, never who asked."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="questions")
    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asker_name = models.CharField(_("お名前・団体名"), max_length=150, blank=True)
    asker_email = models.EmailField(_("メールアドレス"), blank=True)
    text = models.TextField(_("質問"), max_length=2_000)
    public_text = models.TextField(_("公開する質問文"), max_length=2_000, blank=True)
    asked_at = models.DateTimeField(_("質問した日時"))
    answer = models.TextField(_("回答"), max_length=4_000, blank=True)
    answered_at = models.DateTimeField(_("回答した日時"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["asked_at", "pk"]
        indexes = [models.Index(fields=["call", "answered_at"], name="call_question_answered")]
        constraints = [
            models.CheckConstraint(
                name="call_question_answer_has_a_date",
                condition=Q(answered_at__isnull=True) | ~Q(answer=""),
            )
        ]

    def __str__(self) -> str:
        return self.text[:40]


class CallAddendum(models.Model):
    """Something added to the call after it was opened: numbered, dated, never taken back."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="addenda")
    number = models.PositiveSmallIntegerField(_("番号"))
    text = models.TextField(_("追加・訂正の内容"), max_length=4_000)
    published_at = models.DateTimeField(_("公開日時"))
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["call", "number"], name="call_addendum_numbered_once")]

    def __str__(self) -> str:
        return self.text[:40]
