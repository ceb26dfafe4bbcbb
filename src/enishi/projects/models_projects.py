"""Projects: work carried out together, from the first plan to what was learnt."""

import datetime as dt
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.organizations.models import OwnedQuerySet, OwnedRecord
from enishi.projects.enums import EndReason, ParticipantRole, ProjectStatus


class ProjectQuerySet(OwnedQuerySet["Project"]):
    not_yet_shared = Q(status=ProjectStatus.DRAFT)

    def kept(self) -> Self:
        return self.filter(deleted_at__isnull=True)

    def late(self, today: dt.date) -> Self:
        """Under way after the day they should have ended on."""
        return self.filter(status=ProjectStatus.RUNNING, ends_on__lt=today)


class Project(OwnedRecord):
    """Work of several municipalities and partners. ``organization`` leads it; ``parties`` are those who take part.

    ``parties`` follows ``participants``: services keep them the same, so that the five visibilities hold here too.
    """

    title = models.CharField(_("名称"), max_length=120)
    purpose = models.TextField(_("目的"), max_length=4_000, blank=True)
    content = models.TextField(_("進め方"), max_length=8_000, blank=True)
    is_trial = models.BooleanField(_("実証"), default=False)
    challenge = models.ForeignKey(
        "exchange.Challenge",
        verbose_name=_("課題"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
    )
    contact = models.ForeignKey(
        "exchange.Contact",
        verbose_name=_("縁"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
    )
    proposal = models.ForeignKey(
        "desk.Proposal",
        verbose_name=_("提案"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
    )
    agreement = models.ForeignKey(
        "agreements.Agreement",
        verbose_name=_("協定"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
    )
    grown_from = models.ForeignKey(
        "self",
        verbose_name=_("もとになった実証"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="successors",
    )
    fields = models.ManyToManyField("exchange.Field", verbose_name=_("分野"), blank=True, related_name="+")
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("担当者"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="projects_led",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("起案した人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    starts_on = models.DateField(_("始まり"), null=True, blank=True)
    ends_on = models.DateField(_("終わり"), null=True, blank=True)
    status = models.CharField(
        _("状態"), max_length=10, choices=ProjectStatus.choices, default=ProjectStatus.DRAFT
    )
    status_reason = models.CharField(_("状態の理由"), max_length=500, blank=True)
    end_reason = models.CharField(_("先へ進まない理由"), max_length=12, choices=EndReason.choices, blank=True)
    approval_asked_at = models.DateTimeField(_("承認を求めた日時"), null=True, blank=True, editable=False)
    approval_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("承認を求めた人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    approved_at = models.DateTimeField(_("承認日時"), null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("承認した人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    started_on = models.DateField(_("始めた日"), null=True, blank=True)
    ended_on = models.DateField(_("終えた日"), null=True, blank=True)
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("事業")
        verbose_name_plural = _("事業")
        ordering = ["-updated_at", "-pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                name="project_ends_after_it_begins",
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="project_approved_at_set_once_approved",
                condition=Q(status__in=["draft", "stopped"]) | Q(approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="project_started_on_set_once_running",
                condition=Q(status__in=["draft", "approved", "stopped"]) | Q(started_on__isnull=False),
            ),
            models.CheckConstraint(
                name="project_stopped_has_reason", condition=~Q(status="stopped") | ~Q(end_reason="")
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-updated_at", "-id"], name="project_of_owner"),
            models.Index(fields=["organization", "status", "ends_on"], name="project_of_status"),
            # Holds everything a count asks for: rows with their long texts are not read.
            models.Index(
                fields=["status", "visibility", "organization", "section"],
                condition=Q(deleted_at__isnull=True),
                name="project_counted",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("projects:project_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return not ProjectStatus(self.status).is_over

    def is_late(self, today: dt.date) -> bool:
        return bool(self.status == ProjectStatus.RUNNING and self.ends_on and self.ends_on < today)


class Participant(models.Model):
    """An organisation that takes part: its role, its sections and people, and what it brings along.

    One that has no account here is named by ``name`` alone.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="participants")
    organization = models.ForeignKey(
        "organizations.Organization",
        verbose_name=_("団体"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="participations",
    )
    name = models.CharField(_("団体の名前(登録のない団体)"), max_length=150, blank=True)
    role = models.CharField(_("役割"), max_length=10, choices=ParticipantRole.choices)
    part = models.CharField(_("受け持つこと"), max_length=300, blank=True)
    sections = models.ManyToManyField(
        "organizations.Section", verbose_name=_("課"), blank=True, related_name="+"
    )
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("担当する人"), blank=True, related_name="participations"
    )
    budget_yen = models.PositiveBigIntegerField(_("負担する予算(円)"), default=0)
    in_kind_yen = models.PositiveBigIntegerField(_("物品・役務などの提供の見込み(円換算)"), default=0)
    in_kind_hours = models.DecimalField(
        _("人手の提供の見込み(時間)"), max_digits=9, decimal_places=1, default=Decimal(0)
    )
    provided_yen = models.PositiveBigIntegerField(_("これまでに提供した物品・役務など(円換算)"), default=0)
    provided_hours = models.DecimalField(
        _("これまでに提供した人手(時間)"), max_digits=9, decimal_places=1, default=Decimal(0)
    )
    contribution_note = models.CharField(_("提供の内容と換算の根拠"), max_length=300, blank=True)
    created_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("参加する団体")
        verbose_name_plural = _("参加する団体")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "organization"], name="participant_once_per_project"),
            models.CheckConstraint(
                name="participant_is_somebody", condition=Q(organization__isnull=False) | ~Q(name="")
            ),
            models.CheckConstraint(
                name="participant_hours_not_negative",
                condition=Q(in_kind_hours__gte=0) & Q(provided_hours__gte=0),
            ),
        ]
        indexes = [models.Index(fields=["organization", "project"], name="participant_of_organization")]

    def __str__(self) -> str:
        return self.organization.name if self.organization else self.name
