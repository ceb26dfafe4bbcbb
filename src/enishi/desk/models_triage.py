"""What the computer suggested at the desk, what people did with it, and what it learns from."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from enishi.desk.enums import SuggestionAnswer, SuggestionKind
from enishi.organizations.models import Organization, Section


class Suggestion(models.Model):
    """One suggestion with its reasons, and the officer's answer. A suggestion decides nothing."""

    proposal = models.ForeignKey("desk.Proposal", on_delete=models.CASCADE, related_name="suggestions")
    kind = models.CharField(max_length=10, choices=SuggestionKind.choices)
    section = models.ForeignKey(Section, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    challenge = models.ForeignKey(
        "exchange.Challenge", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    similar = models.ForeignKey(
        "desk.Proposal", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    code = models.CharField(max_length=40, blank=True)
    score = models.FloatField(null=True, blank=True)
    reasons = models.JSONField(default=list)
    made_at = models.DateTimeField()
    answer = models.CharField(
        max_length=8, choices=SuggestionAnswer.choices, default=SuggestionAnswer.WAITING
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("提案の手がかり")
        verbose_name_plural = _("提案の手がかり")
        ordering = ["kind", "-score", "pk"]
        indexes = [models.Index(fields=["proposal", "kind"], name="suggestion_of_proposal")]

    def __str__(self) -> str:
        return self.get_kind_display()


class Routing(models.Model):
    """A section that took a proposal up: what suggestions of sections learn from."""

    proposal = models.ForeignKey("desk.Proposal", on_delete=models.CASCADE, related_name="routings")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="+")
    weight = models.FloatField(default=1.0)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "section"], name="routing_once_per_section")
        ]
        indexes = [models.Index(fields=["organization", "-at"], name="routing_of_desk")]


class CaseText(models.Model):
    """What of a proposal may be compared with others: its words and sentence vector, by hash of the open text.

    Made from the open columns only; the code that makes it never loads a confidential part.
    """

    proposal = models.OneToOneField("desk.Proposal", on_delete=models.CASCADE, related_name="case_text")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    content_hash = models.CharField(max_length=64)
    embedder = models.CharField(max_length=120, blank=True)
    vector = models.BinaryField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["made_at", "id"], name="case_text_made")]
