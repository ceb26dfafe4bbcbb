"""Lessons (教訓): what happened, why, and what to do next time; and the form of them that carries no names."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.organizations.models import OwnedQuerySet, OwnedRecord
from enishi.projects.lessons.enums import LessonStatus, NamelessState, Occasion

PERSON = settings.AUTH_USER_MODEL


class LessonQuerySet(OwnedQuerySet["Lesson"]):
    not_yet_shared = Q(status=LessonStatus.DRAFT)


class Lesson(OwnedRecord):
    """Three answers, so that the next one need not learn it again."""

    project = models.ForeignKey(
        "projects.Project",
        verbose_name=_("事業"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lessons",
    )
    incident = models.ForeignKey(
        "projects.Incident",
        verbose_name=_("事故・問題"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="lessons",
    )
    occasion = models.CharField(_("きっかけ"), max_length=10, choices=Occasion.choices)
    title = models.CharField(_("教訓を一文で"), max_length=120)
    what_happened = models.TextField(_("何が起きたか"), max_length=4_000, blank=True)
    cause = models.TextField(_("なぜ起きたか"), max_length=4_000, blank=True)
    next_time = models.TextField(_("次はどうするか"), max_length=4_000, blank=True)
    happened_on = models.DateField(_("いつのことか"), null=True, blank=True)
    fields = models.ManyToManyField("exchange.Field", verbose_name=_("分野"), blank=True, related_name="+")
    author = models.ForeignKey(
        PERSON, verbose_name=_("書いた人"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    status = models.CharField(
        _("状態"), max_length=10, choices=LessonStatus.choices, default=LessonStatus.DRAFT
    )
    recorded_at = models.DateTimeField(_("記録日時"), null=True, blank=True, editable=False)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = LessonQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("教訓")
        verbose_name_plural = _("教訓")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                name="lesson_answers_all_three_once_recorded",
                condition=Q(status=LessonStatus.DRAFT)
                | (~Q(what_happened="") & ~Q(cause="") & ~Q(next_time="") & Q(recorded_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="lesson_of_incident_names_its_project",
                condition=Q(incident__isnull=True) | Q(project__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="lesson_recent"),
            models.Index(fields=["organization", "-updated_at", "-id"], name="lesson_of_owner"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("projects:lesson_detail", args=[self.pk])


class NamelessLesson(models.Model):
    """A lesson told without names, for everybody. Somebody else than who prepared it reads it before it goes out.

    ``replaced`` holds what was taken out: pairs of the word found and the word put in its place.
    """

    lesson = models.OneToOneField(Lesson, on_delete=models.PROTECT, related_name="nameless")
    title = models.CharField(_("教訓を一文で"), max_length=120)
    what_happened = models.TextField(_("何が起きたか"), max_length=4_000)
    cause = models.TextField(_("なぜ起きたか"), max_length=4_000)
    next_time = models.TextField(_("次はどうするか"), max_length=4_000)
    replaced = models.JSONField(default=list)
    state = models.CharField(
        _("状態"), max_length=10, choices=NamelessState.choices, default=NamelessState.WAITING
    )
    prepared_by = models.ForeignKey(
        PERSON, verbose_name=_("整えた人"), on_delete=models.PROTECT, related_name="+"
    )
    prepared_at = models.DateTimeField(_("整えた日時"))
    checked_by = models.ForeignKey(
        PERSON, verbose_name=_("確認した人"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    checked_at = models.DateTimeField(_("確認日時"), null=True, blank=True)
    check_note = models.CharField(_("確認した人のことば"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("名前のない教訓")
        verbose_name_plural = _("名前のない教訓")
        ordering = ["-checked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="nameless_lesson_checked_by_another",
                condition=Q(checked_by__isnull=True) | ~Q(checked_by=F("prepared_by")),
            ),
            models.CheckConstraint(
                name="nameless_lesson_public_once_checked",
                condition=~Q(state=NamelessState.PUBLISHED)
                | (Q(checked_by__isnull=False) & Q(checked_at__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["state", "-checked_at", "-id"], name="nameless_lesson_public")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("projects:nameless_detail", args=[self.pk])
