"""What is said of a project at its end: the completion report for the house, and the page for everybody."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.foundation.models import Kept
from enishi.projects.reports.enums import PublicationStatus, ReportStatus

PERSON = settings.AUTH_USER_MODEL


class CompletionReport(Kept):
    """完了報告書. ``facts`` are the measures, the money and the people as they stood when it was made final."""

    project = models.OneToOneField(
        "projects.Project", on_delete=models.PROTECT, related_name="completion_report"
    )
    summary = models.TextField(_("取組の概要"), max_length=4_000, blank=True)
    results = models.TextField(_("結果(だれに何が起きたか)"), max_length=4_000, blank=True)
    difficulties = models.TextField(_("うまくいかなかったこと"), max_length=4_000, blank=True)
    next_steps = models.TextField(_("これから"), max_length=4_000, blank=True)
    status = models.CharField(
        _("状態"), max_length=6, choices=ReportStatus.choices, default=ReportStatus.DRAFT
    )
    facts = models.JSONField(default=dict, editable=False)
    finished_by = models.ForeignKey(
        PERSON, verbose_name=_("確定した人"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    finished_at = models.DateTimeField(_("確定日時"), null=True, blank=True)

    class Meta:
        verbose_name = _("完了報告書")
        verbose_name_plural = _("完了報告書")
        constraints = [
            models.CheckConstraint(
                name="completion_report_final_says_what_came_of_it",
                condition=Q(status=ReportStatus.DRAFT)
                | (~Q(summary="") & ~Q(results="") & Q(finished_at__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return str(_("%(project)s 完了報告書") % {"project": self.project})

    def get_absolute_url(self) -> str:
        return reverse("projects:report_detail", args=[self.project_id])


class ProjectPublication(Kept):
    """A project told to everybody in plain words. Nothing is taken from the project by itself: people write this page."""

    project = models.OneToOneField("projects.Project", on_delete=models.PROTECT, related_name="publication")
    title = models.CharField(_("見出し"), max_length=80)
    lead = models.CharField(_("一文で言うと"), max_length=200, blank=True)
    trouble = models.TextField(_("何に困っていたか"), max_length=1_500, blank=True)
    work = models.TextField(_("何をしたか"), max_length=1_500, blank=True)
    outcome = models.TextField(_("何が変わったか"), max_length=1_500, blank=True)
    partners = models.CharField(_("いっしょに取り組んだ人たち"), max_length=500, blank=True)
    contact = models.CharField(_("問い合わせ先"), max_length=200, blank=True)
    status = models.CharField(
        _("状態"), max_length=10, choices=PublicationStatus.choices, default=PublicationStatus.DRAFT
    )
    published_by = models.ForeignKey(
        PERSON, verbose_name=_("公開した人"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    published_at = models.DateTimeField(_("公開日時"), null=True, blank=True)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    class Meta:
        verbose_name = _("事業の紹介")
        verbose_name_plural = _("事業の紹介")
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="publication_public_says_what_was_done",
                condition=~Q(status=PublicationStatus.PUBLISHED)
                | (~Q(work="") & ~Q(outcome="") & Q(published_at__isnull=False)),
            )
        ]
        indexes = [models.Index(fields=["status", "-published_at", "-id"], name="publication_public")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("projects:publication_detail", args=[self.pk])
