"""What may go wrong, and what did."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enishi.projects.enums import Level, RiskState, Severity
from enishi.projects.models_projects import Participant, Project


class Risk(models.Model):
    """Something that may happen, who bears it and what is done against it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="risks")
    title = models.CharField(_("起こりうること"), max_length=200)
    likelihood = models.CharField(_("起こりやすさ"), max_length=6, choices=Level.choices)
    impact = models.CharField(_("影響"), max_length=6, choices=Level.choices)
    bearer = models.ForeignKey(
        Participant,
        verbose_name=_("負担する団体"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="risks",
    )
    agreement_risk = models.ForeignKey(
        "agreements.Risk",
        verbose_name=_("協定のリスク分担表の行"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    countermeasure = models.TextField(_("備え"), max_length=2_000, blank=True)
    state = models.CharField(_("状態"), max_length=8, choices=RiskState.choices, default=RiskState.WATCHED)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("リスク")
        verbose_name_plural = _("リスク")
        ordering = ["pk"]
        indexes = [models.Index(fields=["project", "state"], name="risk_of_project")]

    def __str__(self) -> str:
        return self.title


class Incident(models.Model):
    """Something that happened: what, how it was answered, when it was over."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="incidents")
    risk = models.ForeignKey(
        Risk,
        verbose_name=_("もとのリスク"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="incidents",
    )
    title = models.CharField(_("起きたこと"), max_length=120)
    happened_on = models.DateField(_("起きた日"))
    severity = models.CharField(_("重さ"), max_length=8, choices=Severity.choices)
    description = models.TextField(_("経過"), max_length=4_000, blank=True)
    response = models.TextField(_("対応"), max_length=4_000, blank=True)
    resolved_on = models.DateField(_("収まった日"), null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField(_("記録した日時"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("事故・問題")
        verbose_name_plural = _("事故・問題")
        ordering = ["-happened_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="incident_resolved_after_it_happened",
                condition=Q(resolved_on__isnull=True) | Q(resolved_on__gte=F("happened_on")),
            )
        ]
        indexes = [models.Index(fields=["project", "-happened_on"], name="incident_of_project")]

    def __str__(self) -> str:
        return self.title
