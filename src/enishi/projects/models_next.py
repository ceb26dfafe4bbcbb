"""The challenge that grew out of a project: with it the thread begins anew."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from enishi.projects.models_projects import Project


class NextChallenge(models.Model):
    """What a project left to do, or found, written down as a challenge of its own."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="next_links")
    challenge = models.ForeignKey(
        "exchange.Challenge",
        verbose_name=_("課題"),
        on_delete=models.CASCADE,
        related_name="grown_from_links",
    )
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("次の課題")
        verbose_name_plural = _("次の課題")
        ordering = ["linked_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "challenge"], name="next_challenge_once_per_project")
        ]

    def __str__(self) -> str:
        return str(self.challenge)
