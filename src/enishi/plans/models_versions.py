"""Plans of a municipality: the plan, its versions, its levels, and the statutory plans it serves."""

import datetime as dt
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.organizations.models import OwnedQuerySet, OwnedRecord
from enishi.plans.enums import Approval, Obligation, PlanKind, SourceStatus, VersionState
from enishi.plans.errors import FrozenVersionError

FIRST_YEAR, LAST_YEAR = 1900, 2200


def new_uid() -> str:
    return uuid.uuid4().hex


class PlanQuerySet(OwnedQuerySet["Plan"]):
    def kept(self) -> Self:
        return self.filter(deleted_at__isnull=True)

    def running(self, fiscal_year: int) -> Self:
        return self.filter(start_fy__lte=fiscal_year, end_fy__gte=fiscal_year)


class Plan(OwnedRecord):
    """A plan over some years; what it says is in its versions. ``parent`` is the plan it carries out."""

    uid = models.CharField(max_length=32, unique=True, default=new_uid, editable=False)
    kind = models.CharField(_("種類"), max_length=15, choices=PlanKind.choices)
    name = models.CharField(_("名称"), max_length=150)
    summary = models.TextField(
        _("住民への説明"),
        max_length=2_000,
        blank=True,
        help_text=_("専門の言葉を使わず、この計画で何が変わるかを書きます。"),
    )
    legal_basis = models.CharField(_("根拠(法令・条例)"), max_length=300, blank=True)
    statutory = models.CharField(
        _("策定の義務"), max_length=10, choices=Obligation.choices, default=Obligation.OPTIONAL
    )
    approval = models.CharField(
        _("決め方"), max_length=10, choices=Approval.choices, default=Approval.DECISION
    )
    start_fy = models.PositiveSmallIntegerField(_("始まりの年度"))
    end_fy = models.PositiveSmallIntegerField(_("終わりの年度"))
    rolling = models.BooleanField(
        _("毎年見直す(ローリング)"),
        default=False,
        help_text=_("上位の計画の期間からはみ出すことが許されます。"),
    )
    parent = models.ForeignKey(
        "self",
        verbose_name=_("上位の計画"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    is_demo = models.BooleanField(_("見本"), default=False, editable=False)

    objects = PlanQuerySet.as_manager()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("計画")
        verbose_name_plural = _("計画")
        ordering = ["organization_id", "start_fy", "pk"]
        constraints = [
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                name="plan_ends_after_it_begins",
                condition=Q(start_fy__gte=FIRST_YEAR, end_fy__lte=LAST_YEAR, end_fy__gte=F("start_fy")),
            ),
            models.CheckConstraint(name="plan_is_not_its_own_parent", condition=~Q(parent=F("pk"))),
        ]
        indexes = [
            models.Index(fields=["organization", "-start_fy", "-id"], name="plan_of_owner"),
            models.Index(fields=["-start_fy", "-id"], name="plan_by_start"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("plans:plan_detail", args=[self.pk])

    @property
    def period_words(self) -> str:
        """令和6年度から令和13年度まで."""
        words = _("%(first)sから%(last)sまで")
        first, last = (fiscal_year_in_words(FiscalYear(year)) for year in (self.start_fy, self.end_fy))
        return str(words) % {"first": first, "last": last}


class PlanVersionQuerySet(models.QuerySet["PlanVersion"]):
    def approved(self) -> Self:
        return self.filter(state=VersionState.APPROVED)

    def in_force(self, day: dt.date) -> Self:
        """Approved and begun; the newest of them is what holds."""
        return self.approved().filter(effective_on__lte=day).order_by("-effective_on", "-no")


class PlanVersion(models.Model):
    """What a plan says from a day on. Once approved it never changes: a new version does."""

    uid = models.CharField(max_length=32, unique=True, default=new_uid, editable=False)
    plan = models.ForeignKey(Plan, verbose_name=_("計画"), on_delete=models.CASCADE, related_name="versions")
    no = models.PositiveIntegerField(_("版"))
    based_on = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="next_versions"
    )
    effective_on = models.DateField(_("施行日"), null=True, blank=True)
    state = models.CharField(
        _("状態"), max_length=10, choices=VersionState.choices, default=VersionState.DRAFT
    )
    change_summary = models.TextField(_("変えたことの要約"), max_length=4_000, blank=True)
    frozen_hash = models.CharField(_("凍結のハッシュ"), max_length=64, blank=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    updated_at = models.DateTimeField(editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    approved_at = models.DateTimeField(_("承認日時"), null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = PlanVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("計画の版")
        verbose_name_plural = _("計画の版")
        ordering = ["plan_id", "no"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "no"], name="plan_version_no_once"),
            models.UniqueConstraint(
                fields=["plan"], condition=Q(state="draft"), name="plan_version_one_draft_at_a_time"
            ),
            models.CheckConstraint(
                name="plan_version_frozen_once_approved",
                condition=~Q(state="approved")
                | (~Q(frozen_hash="") & Q(approved_at__isnull=False, effective_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="plan_version_says_what_changed",
                condition=~Q(state="approved") | Q(based_on__isnull=True) | ~Q(change_summary=""),
            ),
        ]
        indexes = [models.Index(fields=["plan", "state", "-effective_on"], name="plan_version_in_force")]

    def __str__(self) -> str:
        return str(_("%(plan)s 第%(no)d版") % {"plan": self.plan.name, "no": self.no})

    def get_absolute_url(self) -> str:
        return reverse("plans:version_tree", args=[self.pk])

    @property
    def is_draft(self) -> bool:
        return self.state == VersionState.DRAFT

    @property
    def is_approved(self) -> bool:
        return self.state == VersionState.APPROVED

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_if_frozen()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuse_if_frozen()
        return super().delete(*args, **kwargs)

    def _refuse_if_frozen(self) -> None:
        """I3, asked of what is stored: this row may have been changed in memory only."""
        if self.pk and PlanVersion.objects.approved().filter(pk=self.pk).exists():
            raise FrozenVersionError


class StatutoryPlan(models.Model):
    """A plan that a law asks for, and the document of the municipality that serves it (統合・一体的策定)."""

    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="statutory_plans"
    )
    name = models.CharField(_("法令が求める計画"), max_length=150)
    law = models.CharField(_("法令"), max_length=150)
    article = models.CharField(_("条"), max_length=40, blank=True)
    obligation = models.CharField(_("策定の義務"), max_length=10, choices=Obligation.choices)
    integrated_into = models.ForeignKey(
        Plan,
        verbose_name=_("この計画を兼ねる文書"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="integrates",
    )
    chapters = models.ManyToManyField(
        "plans.NodeIdentity", verbose_name=_("対応する箇所"), blank=True, related_name="serves"
    )
    section = models.ForeignKey(
        "organizations.Section",
        verbose_name=_("担当課"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="statutory_plans",
    )
    source = models.CharField(_("出所"), max_length=300, blank=True)
    source_status = models.CharField(
        _("確かさ"), max_length=12, choices=SourceStatus.choices, default=SourceStatus.UNVERIFIED
    )
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("法定計画")
        verbose_name_plural = _("法定計画")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="statutory_plan_once")]

    def __str__(self) -> str:
        return self.name
