"""As which 事務事業 a project is carried out: the knot between the case and the municipality's own planning."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from enishi.projects.models_projects import Project


class ProjectProgramme(models.Model):
    """A project is carried out as a line of the plan and the budget: there it is evaluated, there its yen stand."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="programme_links")
    programme = models.ForeignKey(
        "budgets.Programme",
        verbose_name=_("事務事業"),
        on_delete=models.PROTECT,
        related_name="project_links",
    )
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("事業の事務事業")
        verbose_name_plural = _("事業の事務事業")
        ordering = ["programme__uid", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "programme"], name="project_programme_once")
        ]

    def __str__(self) -> str:
        return str(self.programme)
