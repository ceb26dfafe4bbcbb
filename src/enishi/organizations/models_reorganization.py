"""A reorganisation (機構改革): prepared in peace, done on its day."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enishi.organizations.enums import StepKind


class Reorganization(models.Model):
    """All that changes in an organisation's sections on one day."""

    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.CASCADE, related_name="reorganizations"
    )
    name = models.CharField(_("名称"), max_length=100)
    effective_on = models.DateField(_("行う日"))
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(_("用意を始めた日時"))
    decided_at = models.DateTimeField(_("決めた日時"), null=True, blank=True)
    done_at = models.DateTimeField(_("行った日時"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("取りやめた日時"), null=True, blank=True)
    trouble = models.CharField(_("行えなかった理由"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("機構改革")
        verbose_name_plural = _("機構改革")
        ordering = ["-effective_on", "-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether its steps may still change."""
        return self.decided_at is None and self.withdrawn_at is None


class ReorganizationStep(models.Model):
    """One change to one section. A new section is referred to by the step that makes it."""

    reorganization = models.ForeignKey(Reorganization, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(_("内容"), max_length=10, choices=StepKind.choices)
    section = models.ForeignKey(
        "organizations.Section",
        verbose_name=_("課"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    name = models.CharField(_("新しい名称"), max_length=100, blank=True)
    code = models.CharField(_("組織コード"), max_length=20, blank=True)
    parent = models.ForeignKey(
        "organizations.Section",
        verbose_name=_("上位の組織"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    parent_step = models.ForeignKey(
        "self",
        verbose_name=_("上位の組織(新設)"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    successors = models.ManyToManyField(
        "organizations.Section", verbose_name=_("引き継ぐ課"), blank=True, related_name="+"
    )
    successor_steps = models.ManyToManyField(
        "self", verbose_name=_("引き継ぐ課(新設)"), symmetrical=False, blank=True, related_name="+"
    )
    made = models.ForeignKey(
        "organizations.Section", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("機構改革の内容")
        verbose_name_plural = _("機構改革の内容")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="reorganization_step_names_its_section",
                condition=Q(kind=StepKind.ADD, section__isnull=True)
                | (~Q(kind=StepKind.ADD) & Q(section__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.section or self.name}"
