"""Projects: work carried out together, from the first plan to what was learnt."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.organizations.models import OwnedQuerySet, OwnedRecord
from enishi.projects.enums import ProjectStatus


class ProjectQuerySet(OwnedQuerySet["Project"]):
    not_yet_shared = Q(status=ProjectStatus.DRAFT)


class Project(OwnedRecord):
    """Work of several municipalities and partners. ``organization`` leads it; ``parties`` take part."""

    title = models.CharField(_("名称"), max_length=120)
    purpose = models.TextField(_("目的"), max_length=4_000, blank=True)
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
    fields = models.ManyToManyField("exchange.Field", verbose_name=_("分野"), blank=True, related_name="+")
    starts_on = models.DateField(_("始まり"), null=True, blank=True)
    ends_on = models.DateField(_("終わり"), null=True, blank=True)
    status = models.CharField(
        _("状態"), max_length=10, choices=ProjectStatus.choices, default=ProjectStatus.DRAFT
    )
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
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("projects:project_detail", args=[self.pk])
